// All that docs/performance.md says of speed and memory, as ratios beside a loop of undici, zod and a result file on the same server.
// Fails where a ratio has fallen behind bench/results.json by 15 %; `--write` puts today's there.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  cli,
  directory,
  measure,
  measureGleaner,
  measureLoop,
  measurePeer,
  median,
  peers,
  startServer,
  writeRecords,
} from './measure.mjs';

const RESULTS = fileURLToPath(new URL('results.json', import.meta.url));
const TOLERANCE = 1.15;
const ROUNDS = 5;
/** A record's cost is the difference of two runs: in the shorter one the compiler of the machine code has done most of its work. */
const WARM = 2000;
const MANY = 20_000;
const SLOW = 20_000;
const RATED = 20_000;
const ENDED = 100_000;

const load = loadavg()[0].toFixed(1);
const one = await writeRecords(1);
/** By name: the value, whether less is better, and what was wanted of it. */
const rows = {};

await compareCpu();
await comparePeers();
await compareRates();
await measureEnded();
tell();

/** CPU a record with 64 calls in flight, of a run of few records, and the time of a run of one. */
async function compareCpu() {
  const server = await startServer();
  const inputs = { one, few: await writeRecords(WARM), many: await writeRecords(MANY) };
  const taken = {};
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, run] of Object.entries({ loop: measureLoop, gleaner: measureGleaner })) {
      taken[name] ??= { start: [], few: [], many: [] };
      taken[name].start.push((await run(inputs.one, server.origin, 64)).wallSeconds);
      taken[name].few.push((await run(inputs.few, server.origin, 64)).cpuSeconds);
      taken[name].many.push((await run(inputs.many, server.origin, 64)).cpuSeconds);
    }
  }
  server.stop();
  const ratio = (of) => of(taken.gleaner) / of(taken.loop);
  // Whatever else the machine does adds to a figure, so the least is nearest to the program's own.
  const record = ({ few, many }) => Math.min(...many) - Math.min(...few);
  rows['CPU a record, loop = 1'] = { value: ratio(record), isLess: true, wanted: 'at most 1.15' };
  rows['CPU of a run of 2,000 records, loop = 1'] = { value: ratio(({ few }) => Math.min(...few)), isLess: true };
  rows['run of one record, time, loop = 1'] = {
    value: ratio(({ start }) => median(start)),
    isLess: true,
    wanted: 'at most 1.43',
  };
}

/** As `compareCpu`, of the packages that people take for this; fewer records, as they cost more. */
async function comparePeers() {
  if (peers.length === 0) console.log('Peers are left out: npm install --prefix bench/peers has them measured, too');
  const server = await startServer();
  const inputs = { few: await writeRecords(1000), many: await writeRecords(5000) };
  const taken = {};
  for (let round = 0; round < (peers.length === 0 ? 0 : 3); round += 1) {
    for (const name of ['loop', ...peers]) {
      taken[name] ??= { few: [], many: [] };
      for (const size of ['few', 'many']) {
        const of =
          name === 'loop'
            ? await measureLoop(inputs[size], server.origin, 64)
            : await measurePeer(name, inputs[size], server.origin, 64);
        taken[name][size].push(of.cpuSeconds);
      }
    }
  }
  server.stop();
  const record = ({ few, many }) => Math.min(...many) - Math.min(...few);
  for (const name of peers) {
    rows[`CPU a record, ${name} with p-limit, loop = 1`] = { value: record(taken[name]) / record(taken.loop) };
  }
}

/** Records a second against answers of 200 ms with 500 in flight, without and with rates. */
async function compareRates() {
  const server = await startServer(200);
  const input = await writeRecords(SLOW);
  const ratios = [];
  const rated = [];
  for (let round = 0; round < 3; round += 1) {
    const loop = await net(measureLoop, server.origin, input, SLOW);
    ratios.push((await net(measureGleaner, server.origin, input, SLOW)) / loop);
    const flags = ['--rpm', '120000', '--tpm', '500000000'];
    const limited = (path, origin, concurrency) => measureGleaner(path, origin, concurrency, { flags });
    rated.push(await net(limited, server.origin, input, RATED));
  }
  server.stop();
  rows['records/s, 200 ms, 500 in flight, loop = 1'] = {
    value: median(ratios),
    isLess: false,
    wanted: 'at least 0.97',
  };
  rows['records/s of 2,000 with --rpm and --tpm'] = { value: median(rated), isLess: false, wanted: 'at least 1,950' };
}

async function net(run, origin, input, count) {
  const alone = await run(one, origin, 500);
  const all = await run(input, origin, 500);
  return (count - 1) / (all.wallSeconds - alone.wallSeconds);
}

/** What a run of many ended records takes: its memory, one more session on it, its export. */
async function measureEnded() {
  const server = await startServer();
  const [few, many] = [await writeRecords(10_000), await writeRecords(ENDED)];
  const small = await measureGleaner(few, server.origin, 64);
  const out = join(directory, 'ended');
  const large = await measureGleaner(many, server.origin, 64, { out, keep: true });
  const again = await measureGleaner(many, server.origin, 64, { out, keep: true });
  rmSync(join(out, 'checkpoint.bin'));
  const bare = await measureGleaner(many, server.origin, 64, { out, keep: true });
  const alone = await measureGleaner(one, server.origin, 64);
  const exported = await measure([cli, 'export', out, '--output', join(directory, 'ended.csv')]);
  server.stop();
  rows['peak memory, 10,000 records, MiB'] = { value: small.peakMiB, isLess: true, wanted: 'at most 140' };
  rows['growth to 100,000 records, MiB'] = { value: large.peakMiB - small.peakMiB, wanted: 'at most 20 to 1,000,000' };
  const perMillion = (taken) => ((taken.cpuSeconds - alone.cpuSeconds) * 1e6) / ENDED;
  rows['going on after 1,000,000 ended records, s of CPU, by 100,000'] = { value: perMillion(again), wanted: '4' };
  rows['the same without a checkpoint, s of CPU'] = { value: perMillion(bare), wanted: 'less' };
  rows['going on after 100,000, CPU, without checkpoint = 1'] = {
    value: again.cpuSeconds / bare.cpuSeconds,
    wanted: 'less',
  };
  rows['peak memory of going on after 100,000, MiB'] = { value: again.peakMiB, isLess: true, wanted: 'at most 180' };
  rows['export of 1,000,000 results, s of CPU, by 100,000'] = { value: perMillion(exported), wanted: '6' };
}

function tell() {
  const before = existsSync(RESULTS) ? JSON.parse(readFileSync(RESULTS, 'utf8')).rows : {};
  console.log(
    `Node ${process.version}, ${cpus().length} cores, load ${load} at the start; the server has a process of its own`,
  );
  for (const [name, { value, isLess, wanted = 'little' }] of Object.entries(rows)) {
    const last = before[name];
    const factor = last === undefined || isLess === undefined ? 1 : isLess ? value / last : last / value;
    const isBehind = factor > TOLERANCE;
    if (isBehind) process.exitCode = 1;
    const note = last === undefined ? '' : `, before ${last}${isBehind ? ': BEHIND by more than 15 %' : ''}`;
    console.log(`${name.padEnd(52)} ${digits(value).toString().padStart(8)}   wanted ${wanted}${note}`);
  }
  if (!process.argv.includes('--write')) return;
  const values = Object.fromEntries(Object.entries(rows).map(([name, { value }]) => [name, digits(value)]));
  writeFileSync(
    RESULTS,
    `${JSON.stringify({ node: process.version, cores: cpus().length, load, rows: values }, null, 2)}\n`,
  );
}

function digits(value) {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
