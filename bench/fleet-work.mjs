// What a fleet costs beside one process: how workers scale, CPU and messages to Redis for a record.
// Starts the redis-server or valkey-server of the PATH on a port of its own, and an emulator in a process of its own.
// With scaling, costs or traffic as an argument it measures that alone.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { writeRecords } from '../torture/records.mjs';
import { startService } from '../torture/service.mjs';

const root = resolve(import.meta.dirname, '..');
const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
if (program === undefined) {
  console.log('There is no redis-server and no valkey-server in the PATH: nothing is measured');
  process.exit(0);
}
const place = mkdtempSync(join(tmpdir(), 'gleaner-bench-'));
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
cpSync(join(root, 'torture/definition.mjs'), join(place, 'note.mjs'));
// Each process says at its end what it used.
const TELL_CPU = `import { writeFileSync } from 'node:fs';
process.on('exit', () => writeFileSync(process.env.CPU_FILE, JSON.stringify(process.cpuUsage())));\n`;
writeFileSync(join(place, 'tell-cpu.mjs'), TELL_CPU);
const port = await freePort();
const flags = ['--port', port, '--bind', '127.0.0.1', '--dir', place, '--appendonly', 'yes', '--save', ''];
const server = spawn(program, flags.map(String), { stdio: 'ignore' });
const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
redis.on('error', () => undefined);
await redis.ping();
let runs = 0;
try {
  const [, , only] = process.argv;
  const wants = (what) => only === undefined || only === what;
  if (wants('scaling')) await measureScaling();
  if (wants('costs')) await measureCosts();
  if (wants('traffic')) for (const requestsPerMinute of [6000, 30_000]) await measureTraffic(requestsPerMinute);
} finally {
  redis.disconnect();
  server.kill('SIGKILL');
  rmSync(place, { recursive: true, force: true });
}

/** Workers against a service that takes 200 ms, from the first request to the last. */
async function measureScaling() {
  const rates = [];
  for (const workers of [1, 2, 4]) {
    const { perSecond } = await fleet({ records: workers * 1000, workers, latencyMs: 200, concurrency: 20 });
    rates.push(perSecond);
    const share = (perSecond / rates[0] / workers) * 100;
    console.log(
      `scaling    ${workers} workers of 20 calls in flight, 200 ms a call: ${perSecond.toFixed(1)} records/s (${share.toFixed(0)} % of ${workers} times one)`,
    );
  }
}

/** CPU of a record, as what more records cost: without starts, plans and merges. */
async function measureCosts() {
  const ratios = [];
  for (let round = 0; round < 3; round += 1) {
    const cpu = { one: [], fleet: [] };
    for (const records of [500, 4500]) {
      cpu.one.push(await single(records));
      cpu.fleet.push((await fleet({ records, workers: 1, latencyMs: 5, concurrency: 32 })).cpuMs);
    }
    const [one, ofFleet] = [cpu.one, cpu.fleet].map(([few, many]) => (many - few) / 4000);
    ratios.push(ofFleet / one);
    console.log(
      `cost       a record takes ${ofFleet.toFixed(3)} ms CPU in a worker, ${one.toFixed(3)} ms in one process: ${(ofFleet / one).toFixed(2)} times (wanted: at most 1.15)`,
    );
  }
  console.log(`cost       median of ${ratios.length}: ${ratios.toSorted((a, b) => a - b)[1].toFixed(2)} times`);
}

/** Messages to Redis at a rate: those of the queue, and those of the pool. */
async function measureTraffic(requestsPerMinute) {
  const records = (requestsPerMinute / 60) * 20;
  const { messages } = await fleet({ records, workers: 4, latencyMs: 100, concurrency: 32, requestsPerMinute });
  const each = (count) => (count / records).toFixed(4);
  console.log(
    `traffic    ${requestsPerMinute} a minute, 4 workers: ${each(messages.queue)} messages of the queue a record (wanted: at most 0.02), ${each(messages.pool)} of the pool; most often ${messages.most}`,
  );
}

async function single(records) {
  const service = await startService({ latencyMs: 5, keepRequests: 0 });
  const input = await inputOf(records);
  runs += 1;
  const { cpuMs } = await gleaner([
    'run',
    'note.mjs',
    input,
    '--out',
    `run-${runs}`,
    '--concurrency',
    '32',
    ...of(service),
  ]);
  await service.stop();
  return cpuMs;
}

async function fleet({ records, workers, latencyMs, concurrency, requestsPerMinute }) {
  await redis.flushall();
  const service = await startService({ latencyMs, keepRequests: 0 });
  const input = await inputOf(records);
  runs += 1;
  const pool = ['--pool', `redis://127.0.0.1:${port}/0`];
  const rate = requestsPerMinute === undefined ? [] : ['--rpm', String(requestsPerMinute)];
  const submit = ['submit', 'note.mjs', input, '--out', `run-${runs}`, ...pool, ...rate];
  await gleaner([...submit, '--concurrency', String(concurrency), '--chunk-rows', '250', ...of(service)]);
  const counting = await countMessages();
  const work = ['work', ...pool, '--until-empty', '--auth', 'env:TOKEN', '--concurrency', String(concurrency)];
  const children = Array.from({ length: workers }, () => gleaner(work));
  const span = await spanOf(service, records);
  const ends = await Promise.all(children);
  const messages = counting();
  await service.stop();
  return {
    perSecond: span,
    cpuMs: ends.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    messages,
  };
}

/** Records a second between the first tenth and the last: starts and ends are left out. */
async function spanOf(service, records) {
  const marks = [];
  for (;;) {
    const { requests } = await service.stats();
    if (marks.length === 0 && requests >= records / 10) marks.push([performance.now(), requests]);
    if (requests >= records * 0.9) {
      const [[began, first]] = marks;
      return ((requests - first) / (performance.now() - began)) * 1000;
    }
    await sleep(50);
  }
}

/** Counts what clients send; what scripts do inside of the server is none of it. */
async function countMessages() {
  const watching = redis.duplicate();
  const monitor = await watching.monitor();
  // A monitor has a connection of its own.
  watching.disconnect();
  const counts = { queue: 0, pool: 0 };
  const names = {};
  monitor.on('monitor', (_, [name, ...rest], source) => {
    if (source === 'lua') return;
    const isOfPool = /^eval/i.test(name) && rest.includes('{gleaner}:pool');
    counts[isOfPool ? 'pool' : 'queue'] += 1;
    if (!isOfPool) {
      const key = `${name.toLowerCase()} ${/^eval/i.test(name) ? rest[0].slice(0, 6) : ''}`.trim();
      names[key] = (names[key] ?? 0) + 1;
    }
  });
  return () => {
    monitor.disconnect();
    const most = Object.entries(names)
      .toSorted(([, one], [, other]) => other - one)
      .slice(0, 6)
      .map(([name, count]) => `${name} ${count}`)
      .join(', ');
    return { ...counts, most };
  };
}

async function gleaner(args) {
  runs += 1;
  const cpuFile = join(place, `cpu-${runs}.json`);
  const env = {
    PATH: process.env.PATH,
    HOME: place,
    TOKEN: 'any',
    CPU_FILE: cpuFile,
    NODE_OPTIONS: `--import=${join(place, 'tell-cpu.mjs')}`,
  };
  const child = spawn(process.execPath, [join(root, 'bin/gleaner.js'), ...args], {
    cwd: place,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data) => (said += data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`gleaner ${args[0]} ended with ${code}: ${said}`);
  const { user, system } = JSON.parse(readFileSync(cpuFile, 'utf8'));
  return { cpuMs: (user + system) / 1000 };
}

async function inputOf(records) {
  const name = `notes-${records}.jsonl`;
  await writeRecords(join(place, name), records);
  return name;
}

function of(service) {
  return ['--base-url', service.baseUrl, '--auth', 'env:TOKEN'];
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return address.port;
}
