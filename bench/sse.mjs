// How fast a stream is read, and in how much memory: bytes to deltas and the assembled completion, first alone, then
// through the client from a server in another process. Prints megabytes a second of one core, and peak memory.
import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';

const totalBytes = 100_000_000;
const chunkBytes = 65_536;

/** Some of a stream, over and over: chunks in the service's shape, with the odd escaped and accented character. */
function makeBlock() {
  const words = 'Ein Rucksack, der "alles" trägt: Bücher, Brot und die Zeit.\n'.match(/\S+\s*/g);
  let block = '';
  for (let index = 0; index < 240; index += 1) {
    const content = Array.from({ length: 4 }, (_, offset) => words[(index + offset) % words.length]).join('');
    const chunk = {
      choices: [{ delta: { content, role: 'assistant' }, index: 0, logprobs: null }],
      created: 1770850461,
      id: 'nQiNafGyF5rw998PstqooAY',
      model: 'google/gemini-3.1-pro-preview',
      object: 'chat.completion.chunk',
      system_fingerprint: '',
    };
    block += `data: ${JSON.stringify(chunk)}\n\n`;
  }
  return Buffer.from(block);
}

const ending = Buffer.from(
  `data: {"choices":[{"delta":{"content":".","role":"assistant"},"finish_reason":"stop","index":0,"logprobs":null}],"created":1770850461,"id":"nQiNafGyF5rw998PstqooAY","model":"google/gemini-3.1-pro-preview","object":"chat.completion.chunk","system_fingerprint":"","usage":{"completion_tokens":45,"prompt_tokens":27,"total_tokens":72}}\n\ndata: [DONE]\n\n`,
);

/** The stream in pieces as a socket gives them, cut anywhere. */
function* pieces() {
  const block = makeBlock();
  let rest = Buffer.alloc(0);
  for (let sent = 0; sent < totalBytes; sent += block.length) {
    rest = Buffer.concat([rest, block]);
    while (rest.length >= chunkBytes) {
      yield rest.subarray(0, chunkBytes);
      rest = rest.subarray(chunkBytes);
    }
  }
  yield rest;
  yield ending;
}

function peakMiB() {
  return process.resourceUsage().maxRSS / 1024;
}

function report(name, bytes, cpu, wallMs, before, deltas, length) {
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const rate = (seconds) => (bytes / 1e6 / seconds).toFixed(0);
  process.stdout.write(
    `${name}: ${rate(cpuSeconds)} MB/s of CPU, ${rate(wallMs / 1000)} MB/s of time, ${deltas} deltas, ` +
      `${(length / 1e6).toFixed(1)} MB of text, peak ${peakMiB().toFixed(0)} MiB (${before.toFixed(0)} before)\n`,
  );
}

async function readAlone() {
  const { StreamReader } = await import('../dist/vertex/stream-reader.js');
  const before = peakMiB();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const reader = new StreamReader({ status: 200, headers: {} });
  let bytes = 0;
  let deltas = 0;
  for (const piece of pieces()) {
    const list = [];
    reader.push(piece, list);
    bytes += piece.length;
    deltas += list.length;
  }
  const { content } = reader.end([]);
  report(
    'parse and assembly',
    bytes,
    process.cpuUsage(cpu),
    performance.now() - startedAt,
    before,
    deltas,
    content.length,
  );
}

async function readFromServer() {
  const { createVertexClient } = await import('../dist/vertex/client.js');
  const server = fork(fileURLToPath(import.meta.url), ['serve']);
  const port = await new Promise((resolve) => server.once('message', resolve));
  const client = createVertexClient({ baseUrl: `http://127.0.0.1:${port}`, maxResponseBytes: 2 ** 28 });
  const before = peakMiB();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  const stream = client.stream({ messages: [{ role: 'user', content: 'Write a story about a magic backpack.' }] });
  let deltas = 0;
  for await (const _delta of stream) deltas += 1;
  const { content } = await stream.completion;
  report(
    'client over HTTP',
    totalBytes,
    process.cpuUsage(cpu),
    performance.now() - startedAt,
    before,
    deltas,
    content.length,
  );
  await client.close();
  server.disconnect();
}

function serve() {
  const server = createServer(async (request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of pieces()) {
      if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
    }
    response.end();
  });
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
  process.on('disconnect', () => process.exit());
}

const [mode] = process.argv.slice(2);
if (mode === 'serve') serve();
else if (mode === 'alone') await readAlone();
else if (mode === 'client') await readFromServer();
else {
  for (const name of ['alone', 'client']) {
    await new Promise((resolve) => fork(fileURLToPath(import.meta.url), [name]).once('exit', resolve));
  }
}
