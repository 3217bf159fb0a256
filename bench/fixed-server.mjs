// A server that answers every request with the same completion, after so many milliseconds: what is measured is the client.
import { createServer } from 'node:http';

const invoice = {
  number: 'INV-2031-0042',
  vendor: 'Nordwind Handel GmbH',
  date: '2031-04-17',
  currency: 'EUR',
  net: 1210.5,
  tax: 229.99,
  total: 1440.49,
  paid: false,
  reference: null,
  lines: [
    { text: 'Paper, A4, 500 sheets', quantity: 40, price: 4.9 },
    { text: 'Toner, black', quantity: 6, price: 82.25 },
    { text: 'Delivery', quantity: 1, price: 19 },
  ],
};
const body = Buffer.from(
  JSON.stringify({
    choices: [
      {
        finish_reason: 'stop',
        index: 0,
        logprobs: null,
        message: { content: JSON.stringify(invoice), role: 'assistant' },
      },
    ],
    created: 1770850692,
    id: 'bench',
    model: 'google/gemini-3.5-flash-lite',
    object: 'chat.completion',
    system_fingerprint: '',
    usage: {
      completion_tokens: 140,
      extra_properties: { google: { traffic_type: 'ON_DEMAND' } },
      prompt_tokens: 420,
      total_tokens: 560,
    },
  }),
);

const delayMs = Number(process.argv[2] ?? 0);

const server = createServer((request, response) => {
  const answer = () => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  };
  request.resume();
  request.on('end', () => (delayMs === 0 ? answer() : setTimeout(answer, delayMs)));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
process.on('disconnect', () => process.exit());
