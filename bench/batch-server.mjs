// Cloud Storage and batch jobs, as far as one run needs them, with files on disk: what is measured is the client. A job answers each line of its input
// with the same completion, in another order.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, openSync, statSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { Crc32c } from '../dist/files/crc32c.js';

const directory = process.argv[2];
const INPUT = join(directory, 'input.jsonl');
const OUTPUT = join(directory, 'predictions.jsonl');
const NAME = 'projects/bench/locations/global/batchPredictionJobs/1';
const answer = {
  candidates: [
    {
      content: {
        parts: [
          {
            text: '{"number":"INV-2031-0042","vendor":"Nordwind Handel GmbH","date":"2031-04-17","currency":"EUR","net":1210.5,"tax":229.99,"total":1440.49,"paid":false,"reference":null,"lines":[{"text":"Paper, A4, 500 sheets","quantity":40,"price":4.9}]}',
          },
        ],
        role: 'model',
      },
      finishReason: 'STOP',
    },
  ],
  modelVersion: 'gemini-3.5-flash-lite@default',
  responseId: 'bench',
  usageMetadata: { promptTokenCount: 420, candidatesTokenCount: 140, totalTokenCount: 560, trafficType: 'ON_DEMAND' },
};

let fd;
let received = 0;
let job;
let output;

/** Lines go out in the order of a hash of their place within each thousand, so that no two neighbours stay together. */
async function work() {
  const out = createWriteStream(OUTPUT);
  const sum = new Crc32c();
  let held = [];
  const flush = async () => {
    held.sort(([left], [right]) => (left < right ? -1 : 1));
    const bytes = Buffer.from(held.map(([, line]) => line).join(''));
    held = [];
    sum.update(bytes);
    if (!out.write(bytes)) await new Promise((resolve) => out.once('drain', resolve));
  };
  for await (const text of createInterface({ input: createReadStream(INPUT) })) {
    const { key, request } = JSON.parse(text);
    const line = { key, status: '', processed_time: '2031-04-17T00:00:00.000+00:00', request, response: answer };
    held.push([createHash('md5').update(key).digest('hex'), `${JSON.stringify(line)}\n`]);
    if (held.length === 1000) await flush();
  }
  await flush();
  out.end();
  await finished(out);
  output = {
    name: 'night/out/predictions.jsonl',
    generation: '2',
    size: String(statSync(OUTPUT).size),
    crc32c: sum.digest(),
  };
  job.state = 'JOB_STATE_SUCCEEDED';
  job.outputInfo = { gcsOutputDirectory: 'gs://bucket/night/out' };
  process.send({ outputBytes: Number(output.size) });
}

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://127.0.0.1');
  const json = (value, status = 200, headers = {}) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(value));
  };
  if (request.method === 'PUT') {
    fd ??= openSync(INPUT, 'w');
    request.on('data', (chunk) => {
      writeSync(fd, chunk);
      received += chunk.length;
    });
    request.on('end', () => {
      const [, last, total] = /-(\d+)\/(\d+)$/.exec(request.headers['content-range']) ?? [];
      if (Number(last) + 1 === Number(total)) json({ name: 'input.jsonl', generation: '1', size: total });
      else json({}, 308, { range: `bytes=0-${received - 1}` });
    });
    return;
  }
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (url.pathname.startsWith('/upload/')) {
      json({}, 200, { location: `http://${request.headers.host}${url.pathname}?upload_id=1` });
    } else if (url.pathname.endsWith('/batchPredictionJobs')) {
      if (request.method === 'GET') return json({ batchPredictionJobs: job === undefined ? [] : [job] });
      const { displayName } = JSON.parse(Buffer.concat(chunks).toString());
      job = { name: NAME, displayName, state: 'JOB_STATE_RUNNING', createTime: '2031-04-17T00:00:00.000000Z' };
      json(job);
      void work();
    } else if (url.searchParams.get('alt') === 'media') {
      response.writeHead(200, { 'content-length': output.size, 'x-goog-generation': output.generation });
      createReadStream(OUTPUT, { highWaterMark: 1 << 20 }).pipe(response);
    } else if (url.pathname.endsWith('/o')) {
      json({ items: output === undefined ? [] : [output] });
    } else json({}, 404);
    return undefined;
  });
});
server.listen(0, '127.0.0.1', () => {
  const { port } = server.address();
  process.send({ port });
});
process.on('disconnect', () => process.exit());
