// A fleet against everything that befalls machines: workers killed and frozen past their locks, Redis killed and started again, its network cut.
// What must come of it: each record once, and a ledger that is the service's bill. `--help` has the flags.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { entries } from './json-lines.mjs';
import { seededRandom } from './random.mjs';
import { reconcile } from './reconcile.mjs';
import { writeRecords } from './records.mjs';
import { startService } from './service.mjs';

const { values } = parseArgs({
  options: {
    records: { type: 'string', default: '200000' },
    workers: { type: 'string', default: '4' },
    kills: { type: 'string', default: '40' },
    seed: { type: 'string', default: String(Date.now() % 100_000) },
    faults: { type: 'string', default: '0.05' },
    minutes: { type: 'string', default: '30' },
    'chunk-rows': { type: 'string', default: '500' },
    'latency-ms': { type: 'string', default: '10' },
    'every-ms': { type: 'string', default: '4000' },
    // Caps of the run in tokens and dollars: with the first it cannot end, and each is raised once it is used up. None: none.
    'max-total-tokens': { type: 'string', multiple: true, default: [] },
    'max-cost': { type: 'string', multiple: true, default: [] },
    rpm: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(
    'node torture/fleet.mjs [--records n] [--workers n] [--kills n] [--seed n] [--faults 0..1] [--minutes n] [--rpm n] [--max-total-tokens n ...] [--max-cost usd ...]',
  );
  process.exit(0);
}

const LOCK_MS = 2000;
const random = seededRandom(Number(values.seed));
const records = Number(values.records);
const root = resolve(import.meta.dirname, '..');
const place = mkdtempSync(join(tmpdir(), 'gleaner-fleet-torture-'));
const say = (text) =>
  values.json || console.log(`${((performance.now() - began) / 1000).toFixed(1).padStart(7)} s  ${text}`);
const began = performance.now();
const deadline = began + Number(values.minutes) * 60_000;
const counts = { kills: 0, freezes: 0, redisKills: 0, cuts: 0, submissions: 0, capsUsedUp: 0 };
/** Which of the caps that were named holds. */
let stage = 0;
/** What the service had billed when all workers had stopped at a cap. */
const stops = [];

const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
if (program === undefined) {
  console.error('There is no redis-server and no valkey-server in the PATH: install either');
  process.exit(2);
}

const [redisPort, proxyPort] = [await freePort(), await freePort()];
let redis = await startRedis();
let isCut = false;
const proxy = createServer((near) => {
  const far = connect(redisPort, '127.0.0.1');
  // While it is cut, what is sent arrives nowhere, and nobody is told.
  near.on('data', (data) => isCut || far.write(data));
  far.on('data', (data) => isCut || near.write(data));
  for (const [one, other] of [
    [near, far],
    [far, near],
  ]) {
    one.on('error', () => undefined);
    one.on('close', () => isCut || other.destroy());
  }
}).listen(proxyPort, '127.0.0.1');
const service = await startService({
  latencyMs: Number(values['latency-ms']),
  faults: { rate: Number(values.faults) },
  keepsBill: true,
  seed: Number(values.seed),
});
symlinkSync(join(root, 'node_modules'), join(place, 'node_modules'));
cpSync(join(root, 'torture/definition.mjs'), join(place, 'note.mjs'));
await writeRecords(join(place, 'notes.jsonl'), records);
say(`seed ${values.seed}: ${records} records, ${values.workers} workers, in ${place}`);

const environment = { PATH: process.env.PATH, HOME: place, TOKEN: 'any' };
const gleaner = (args) =>
  spawn(process.execPath, [join(root, 'bin/gleaner.js'), ...args], {
    cwd: place,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });

async function submit() {
  counts.submissions += 1;
  const child = gleaner([
    'submit',
    'note.mjs',
    'notes.jsonl',
    '--out',
    'run',
    '--pool',
    url(redisPort),
    '--base-url',
    service.baseUrl,
    '--chunk-rows',
    values['chunk-rows'],
    '--timeout-ms',
    '2000',
    '--retry-delay-ms',
    '20',
    '--max-attempts',
    '30',
    '--max-reject-rate',
    '1',
    ...(values.rpm === undefined ? [] : ['--rpm', values.rpm]),
    ...capFlags(),
    '--json',
  ]);
  const said = [];
  child.stderr.on('data', (data) => said.push(data));
  const out = [];
  child.stdout.on('data', (data) => out.push(data));
  const [code] = await once(child, 'close');
  if (code !== 0 && out.length === 0) say(`submit ended with ${code}: ${Buffer.concat(said)}`);
  return out.length === 0 ? undefined : JSON.parse(Buffer.concat(out).toString());
}

/** The last of the caps that were named holds to the end. */
function capFlags() {
  return ['max-total-tokens', 'max-cost'].flatMap((flag) => {
    const cap = values[flag][Math.min(stage, values[flag].length - 1)];
    return cap === undefined ? [] : [`--${flag}`, cap];
  });
}

const workers = Array.from({ length: Number(values.workers) }, (_, index) => ({
  index,
  child: undefined,
  code: null,
  frozenUntil: 0,
  said: '',
}));
const codes = {};
function start(worker) {
  // Half of them reach Redis by the network that is cut.
  const port = worker.index % 2 === 0 ? redisPort : proxyPort;
  const child = gleaner([
    'work',
    '--pool',
    url(port),
    '--until-empty',
    '--lock-ms',
    String(LOCK_MS),
    '--concurrency',
    '16',
    '--pool-wait-ms',
    '20000',
    '--auth',
    'env:TOKEN',
    '--name',
    `w${worker.index}`,
  ]);
  Object.assign(worker, { child, code: null, frozenUntil: 0, said: '' });
  child.stdout.resume();
  child.stderr.on('data', (data) => (worker.said = (worker.said + data).slice(-2000)));
  child.once('close', (code, signal) => {
    const end = signal ?? code;
    codes[end] = (codes[end] ?? 0) + 1;
    worker.code = end;
    if (typeof end === 'number' && end > 0 && end !== 3 && end !== 4)
      say(`w${worker.index} ended with ${end}: ${worker.said.trim().split('\n').slice(-12).join('\n')}`);
  });
}

await submit();
for (const worker of workers) start(worker);
// Each worker is to come to work between two of its ends.
const meanMs = Number(values['every-ms']);
let nextAt = performance.now() + 3000;
let nextOther = performance.now() + 2 * meanMs;
let isDone = false;
while (!isDone && performance.now() < deadline) {
  await wait(50);
  const now = performance.now();
  for (const worker of workers) {
    if (worker.frozenUntil !== 0 && now >= worker.frozenUntil) {
      worker.child.kill('SIGCONT');
      worker.frozenUntil = 0;
    }
    if (worker.code === 'SIGKILL' || worker.code === 3) start(worker);
  }
  if (counts.kills < Number(values.kills) && now >= nextAt) {
    nextAt = now + meanMs * (0.5 + random.next());
    const alive = workers.filter(isAtWork);
    if (alive.length > 0) {
      random.pick(alive).child.kill('SIGKILL');
      counts.kills += 1;
    }
  }
  if (now >= nextOther) {
    nextOther = now + 2 * meanMs * (0.5 + random.next());
    const kind = ['freeze', 'redis', 'cut'][(counts.freezes + counts.redisKills + counts.cuts) % 3];
    if (kind === 'freeze') {
      const alive = workers.filter(isAtWork);
      if (alive.length > 0) {
        const worker = random.pick(alive);
        worker.child.kill('SIGSTOP');
        worker.frozenUntil = now + LOCK_MS * (1.5 + random.next());
        counts.freezes += 1;
      }
    } else if (kind === 'redis') {
      counts.redisKills += 1;
      redis.kill('SIGKILL');
      await once(redis, 'exit');
      await wait(500 + random.below(1500));
      redis = await startRedis();
    } else {
      counts.cuts += 1;
      isCut = true;
      setTimeout(() => (isCut = false), LOCK_MS + random.below(3000));
    }
  }
  isDone = workers.every(({ code }) => typeof code === 'number' && code !== 3);
  // A queue that came back without what was last said to it is filled again from plan and parts.
  if (isDone && !existsSync(join(place, 'run', 'usage.json'))) {
    if (workers.some(({ code }) => code === 4)) {
      counts.capsUsedUp += 1;
      const { tokens, requests } = await service.settled();
      stops.push({ stage, tokens, flags: capFlags() });
      say(`${capFlags().join(' ')} is used up after ${requests} requests and ${tokens.total} tokens`);
      stage += 1;
    }
    const again = await submit();
    say(`all workers have ended, ${again?.open ?? '?'} chunks are open: submitted again`);
    for (const worker of workers) start(worker);
    isDone = false;
  }
}
for (const { child, code } of workers) if (code === null) child.kill('SIGKILL');

const problems = [];
let figures = {};
if (!isDone) problems.push(`it was not done within ${values.minutes} minutes`);
else {
  const stats = await service.settled();
  const out = join(place, 'run');
  const seen = new Uint8Array(records);
  for (const file of ['results.jsonl', 'rejects.jsonl'])
    for (const { index } of entries(join(out, file))) seen[index] += 1;
  const lost = seen.filter((ends) => ends === 0).length;
  const doubled = seen.filter((ends) => ends > 1).length;
  if (lost > 0 || doubled > 0) problems.push(`${lost} records are lost, ${doubled} are there twice`);
  const usage = JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8'));
  let ledger = 0;
  for (const { tokens } of entries(join(out, 'attempts.jsonl'))) ledger += tokens.total;
  if (ledger !== usage.tokens.total) problems.push(`the ledger has ${ledger} tokens, usage.json ${usage.tokens.total}`);
  const { requests, arrivals } = await service.bill();
  const bill = reconcile(out, requests);
  problems.push(...problemsOfCaps([...stops, { stage, tokens: stats.tokens, flags: capFlags() }], usage));
  const busiest = busiestMinute(arrivals);
  if (values.rpm !== undefined && busiest > values.rpm * 1.01)
    problems.push(`${busiest} requests arrived in one minute, and ${values.rpm} may`);
  problems.push(...bill.problems.slice(0, 10));
  if (bill.problems.length > 10) problems.push(`and ${bill.problems.length - 10} more like these`);
  figures = {
    records: usage.records,
    calls: usage.calls.sent,
    unsettled: usage.calls.unsettled,
    requests: stats.requests,
    ledgerTokens: ledger,
    serviceTokens: stats.tokens.total,
    paidAgain: bill.paidAgain,
    busiestMinute: busiest,
    stops: stops.map(({ flags, tokens }) => ({ flags, tokens: tokens.total })),
    lost,
    doubled,
  };
}
proxy.close();
redis.kill('SIGKILL');
await service.stop();
const seconds = Math.round((performance.now() - began) / 1000);
const summary = { seed: Number(values.seed), seconds, ...counts, codes, ...figures, problems };
if (problems.length === 0) rmSync(place, { recursive: true, force: true });
else writeFileSync(join(place, 'summary.json'), JSON.stringify(summary, null, 2));
console.log(JSON.stringify(summary, null, values.json ? 0 : 2));
if (problems.length > 0) console.error(`Left for a look: ${place}`);
process.exit(problems.length === 0 ? 0 : 1);

/** What was billed beyond a cap when its workers had stopped. */
function problemsOfCaps(stages, { tokens: merged, cost }) {
  // One model, and answers of one length: dollars go with the tokens.
  const usdEach = cost.usd / merged.total;
  return stages.flatMap(({ tokens, flags }) => {
    const cap = (flag) => Number(flags[flags.indexOf(`--${flag}`) + 1] ?? Number.NaN);
    const found = [];
    if (flags.includes('--max-total-tokens') && tokens.total > cap('max-total-tokens'))
      found.push(`${tokens.total} tokens were billed under ${flags.join(' ')}`);
    if (flags.includes('--max-cost') && tokens.total * usdEach > cap('max-cost') * 1.001)
      found.push(`$${(tokens.total * usdEach).toFixed(4)} were billed under ${flags.join(' ')}`);
    return found;
  });
}

/** The most requests that arrived within any minute, as they were counted every half second. */
function busiestMinute(arrivals) {
  let most = 0;
  let from = 0;
  for (const [at, count] of arrivals) {
    while (arrivals[from][0] < at - 60_000) from += 1;
    most = Math.max(most, count - arrivals[from][1]);
  }
  return most;
}

/** One that has started, and is neither frozen nor gone. */
function isAtWork({ code, frozenUntil, said }) {
  return code === null && frozenUntil === 0 && said !== '';
}

function url(port) {
  return `redis://127.0.0.1:${port}/0`;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function startRedis() {
  const child = spawn(
    program,
    [
      '--port',
      String(redisPort),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--appendfsync',
      'always',
      '--dir',
      place,
    ],
    { stdio: 'ignore' },
  );
  for (let tries = 0; tries < 200; tries += 1) {
    const isUp = await new Promise((done) => {
      const socket = connect(redisPort, '127.0.0.1', () => socket.end('PING\r\n'));
      socket.once('data', (data) => done(String(data).startsWith('+PONG')));
      socket.once('error', () => done(false));
    });
    if (isUp) return child;
    await wait(25);
  }
  throw new Error(`${program} does not answer`);
}
