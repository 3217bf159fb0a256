import { fork, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const here = (name) => fileURLToPath(new URL(name, import.meta.url));
export const cli = here('../bin/gleaner.js');
export const directory = mkdtempSync(join(tmpdir(), 'gleaner-bench-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

export async function startServer(delayMs = 0) {
  const child = fork(here('fixed-server.mjs'), [String(delayMs)]);
  const port = await new Promise((resolve) => child.once('message', resolve));
  return { origin: `http://127.0.0.1:${port}`, stop: () => child.disconnect() };
}

/** JSON lines of `count` records with some 600 characters of text each. */
export async function writeRecords(count) {
  const path = join(directory, `${count}.jsonl`);
  const stream = createWriteStream(path);
  const filler = 'Item 4711, 40 pieces at 4.90, net 196.00; delivery by courier, terms 14 days net. '.repeat(7);
  for (let index = 0; index < count; index += 1) {
    const line = JSON.stringify({ id: `record-${index}`, text: `Invoice ${index} of Nordwind Handel GmbH. ${filler}` });
    if (!stream.write(`${line}\n`)) await new Promise((resolve) => stream.once('drain', resolve));
  }
  stream.end();
  await finished(stream);
  return path;
}

/** Runs a Node program to its end and returns its CPU seconds, peak memory and wall time. */
export async function measure(args) {
  const usageFile = join(directory, 'usage.json');
  const startedAt = performance.now();
  const child = spawn(process.execPath, ['--import', here('report-usage.mjs'), ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, BENCH_USAGE_FILE: usageFile },
  });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${stderr}`);
  return { ...JSON.parse(readFileSync(usageFile, 'utf8')), wallSeconds: (performance.now() - startedAt) / 1000 };
}

let runs = 0;
export function measureGleaner(input, origin, concurrency, { flags = [], out, keep = false } = {}) {
  runs += 1;
  out ??= join(directory, `run-${runs}`);
  const args = [
    'run',
    here('invoice.ts'),
    input,
    '--out',
    out,
    '--base-url',
    origin,
    '--concurrency',
    String(concurrency),
    ...flags,
  ];
  return measure([cli, ...args]).finally(() => keep || rmSync(out, { recursive: true, force: true }));
}

export function measureLoop(input, origin, concurrency) {
  return measure([here('loop.mjs'), input, origin, String(concurrency), join(directory, 'loop.jsonl')]);
}

/** The packages that people take for this, where they are installed: `npm install --prefix bench/peers`. */
export const peers = existsSync(here('peers/node_modules')) ? ['openai', 'instructor'] : [];

export function measurePeer(name, input, origin, concurrency) {
  return measure([here(`peers/${name}.mjs`), input, origin, String(concurrency), join(directory, 'peer.jsonl')]);
}

export function median(values) {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)];
}
