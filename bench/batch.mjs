// A result file of a batch job: what submitting it and collecting it take. node bench/batch.mjs [--megabytes 1000]
import { fork } from 'node:child_process';
import { cpSync, createWriteStream, mkdirSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { STEPS } from './batch-loop.mjs';
import { directory, measure } from './measure.mjs';

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '1000' } } });
const here = (name) => fileURLToPath(new URL(name, import.meta.url));
/** Of a record's text; schema, instructions and answer make a line of some 5,000 bytes of it. */
const TEXT_BYTES = 3300;
const LINE_BYTES = 5000;
const ROUNDS = 3;
const LINES = Math.round((Number(values.megabytes) * 1e6) / LINE_BYTES);

const input = join(directory, 'records.jsonl');
const filler = 'Item 4711, 40 pieces at 4.90, net 196.00; delivery by courier, terms 14 days net. '.repeat(
  TEXT_BYTES / 82,
);
const stream = createWriteStream(input);
for (let index = 0; index < LINES; index += 1) {
  const line = JSON.stringify({ id: `record-${index}`, text: `Invoice ${index} of Nordwind Handel GmbH. ${filler}` });
  if (!stream.write(`${line}\n`)) await new Promise((resolve) => stream.once('drain', resolve));
}
stream.end();
await finished(stream);

mkdirSync(join(directory, 'cloud'));
const server = fork(here('batch-server.mjs'), [join(directory, 'cloud')]);
const { port } = await message();
const worked = message();
const out = join(directory, 'run');
const session = (place) => measure([here('batch-session.mjs'), input, place, `http://127.0.0.1:${port}`]);
const submitted = await session(out);
const { outputBytes } = await worked;
/** Each is the least of some rounds, as others share the machine. */
let collected;
/** CPU seconds of each step with those before it. */
const loop = {};
for (let round = 0; round < ROUNDS; round += 1) {
  const place = join(directory, `collected-${round}`);
  cpSync(out, place, { recursive: true });
  const measured = await session(place);
  if (collected === undefined || measured.cpuSeconds < collected.cpuSeconds) collected = measured;
  for (const step of Object.keys(STEPS)) {
    const args = [here('batch-loop.mjs'), step, input, `http://127.0.0.1:${port}`, join(directory, 'loop')];
    loop[step] = Math.min(loop[step] ?? Number.POSITIVE_INFINITY, (await measure(args)).cpuSeconds);
  }
}
server.disconnect();

console.log(
  `${LINES} lines, a result file of ${Math.round(outputBytes / 1e6)} MB, Node ${process.version}, load ${loadavg()[0].toFixed(1)}`,
);
tell('submitting', submitted);
tell('collecting', collected);
console.log('\nA bare loop that does one thing more each time, of CPU:');
let before = 0;
for (const [step, cpuSeconds] of Object.entries(loop)) {
  const perLine = (seconds) => ((seconds / LINES) * 1e6).toFixed(1).padStart(6);
  const rate = Math.round(LINES / cpuSeconds).toLocaleString('en-US');
  console.log(`${STEPS[step].padEnd(36)}${perLine(cpuSeconds - before)} us${rate.padStart(10)} lines a second`);
  before = cpuSeconds;
}
console.log(`collecting takes ${(collected.cpuSeconds / before).toFixed(2)} times the CPU of the whole loop`);

function tell(name, { cpuSeconds, wallSeconds, peakMiB }) {
  const rate = (seconds) => Math.round(LINES / seconds).toLocaleString('en-US');
  console.log(
    `${name.padEnd(12)} ${cpuSeconds.toFixed(1)} s of CPU, ${wallSeconds.toFixed(1)} s, ${rate(cpuSeconds)} lines a second of CPU, ${rate(wallSeconds)} by the clock, peak ${Math.round(peakMiB)} MiB`,
  );
}

function message() {
  return new Promise((resolve) => server.once('message', resolve));
}
