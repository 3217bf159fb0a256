// What a pool on Redis costs and keeps: the rate of four processes together, permits leased a second, exchanges a record.
// Starts the redis-server or valkey-server of the PATH on a port of its own, and an emulator, which is the judge of what arrived.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { z } from 'zod';

const SELF = fileURLToPath(import.meta.url);
const PROCESSES = 4;
const [, , role, work] = process.argv;
if (role === 'run') await runWorker(JSON.parse(work));
else if (role === 'lease') await leaseWorker(JSON.parse(work));
else await measure();

async function measure() {
  const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
  if (program === undefined) {
    console.log('There is no redis-server and no valkey-server in the PATH: nothing is measured');
    return;
  }
  const place = mkdtempSync(join(tmpdir(), 'gleaner-bench-'));
  const port = await freePort();
  const flags = ['--port', port, '--bind', '127.0.0.1', '--dir', place, '--appendonly', 'yes', '--save', ''];
  const server = spawn(program, flags.map(String), { stdio: 'ignore' });
  const redis = new Redis({ port, host: '127.0.0.1', retryStrategy: () => 50, maxRetriesPerRequest: null });
  redis.on('error', () => undefined);
  await redis.ping();
  try {
    console.log(`${program}, append-only file, Node ${process.version}`);
    for (const [requestsPerMinute, seconds] of [
      [6000, 20],
      [30_000, 20],
    ]) {
      await measureRate({ redis, port, place, requestsPerMinute, seconds });
    }
    for (const processes of [1, 2, PROCESSES]) await measureLeases({ redis, port, processes });
  } finally {
    redis.disconnect();
    server.kill('SIGKILL');
    rmSync(place, { recursive: true, force: true });
  }
}

/** Runs that share a rate; arrivals are counted second by second, from the third on: what saved up before is gone by then. */
async function measureRate({ redis, port, place, requestsPerMinute, seconds }) {
  const { startEmulator } = await import('../dist/emulator/index.js');
  const emulator = await startEmulator({ keepRequests: 0, latencyMs: 100 });
  await redis.flushall();
  await redis.config('RESETSTAT');
  const perSecond = requestsPerMinute / 60;
  const records = Math.ceil((perSecond * (seconds + 10)) / PROCESSES);
  const children = Array.from({ length: PROCESSES }, (_, number) =>
    start('run', {
      url: `redis://127.0.0.1:${port}`,
      baseUrl: emulator.baseUrl(),
      out: join(place, `${requestsPerMinute}-${number}`),
      requestsPerMinute,
      records,
      maxTotalTokens: 1e12,
    }),
  );
  while (emulator.stats().requests < perSecond) await sleep(10);
  await sleep(2000);
  const counts = [];
  const began = performance.now();
  const first = emulator.stats().requests;
  let last = first;
  for (let second = 1; second <= seconds; second += 1) {
    await sleep(began + second * 1000 - performance.now());
    const now = emulator.stats().requests;
    counts.push(now - last);
    last = now;
  }
  const elapsed = (performance.now() - began) / 1000;
  const rate = (last - first) / elapsed;
  const exchanges = await callsOf(redis);
  const sent = emulator.stats().requests;
  for (const child of children) child.kill('SIGKILL');
  await emulator.close();
  const inAll = ((rate / perSecond - 1) * 100).toFixed(2);
  console.log(
    `rate       ${requestsPerMinute} a minute, ${PROCESSES} processes, ${seconds} s: ${rate.toFixed(1)}/s of ${perSecond}/s (${inAll} %; wanted: within 1 %), any second ${Math.min(...counts)} to ${Math.max(...counts)}; ${(exchanges / sent).toFixed(3)} exchanges a record`,
  );
}

/** Leases of 100 permits as fast as they come. */
async function measureLeases({ redis, port, processes }) {
  await redis.flushall();
  const children = Array.from({ length: processes }, (_, number) => start('lease', { port, number }));
  const sums = await Promise.all(children.map((child) => resultOf(child)));
  const permits = sums.reduce((sum, { permits: one }) => sum + one, 0);
  const cpuMs = sums.reduce((sum, { cpuMs: one }) => sum + one, 0);
  console.log(
    `leases     ${processes} processes, bunches of 100: ${Math.round(permits / 5)} permits/s (wanted: at least 20000), ${((cpuMs / permits) * 1000).toFixed(2)} µs client CPU each`,
  );
}

async function leaseWorker({ port, number }) {
  const { RedisStore } = await import('../dist/fleet/pool/redis-store.js');
  const { parsePoolAddress } = await import('../dist/fleet/pool/pool-address.js');
  const redis = new Redis({ port, host: '127.0.0.1' });
  const store = new RedisStore({ redis, problem: undefined }, parsePoolAddress(`redis://127.0.0.1:${port}`), 'bench');
  const nothing = { tokens: 0, nanoUsd: 0 };
  const ask = {
    account: { run: `${number}`, id: `${number}`, session: `${number}`, name: 'bench' },
    spent: nothing,
    committed: nothing,
    needed: nothing,
    wanted: nothing,
    calls: 100,
    tokens: 60_000,
    credit: 0,
    pauseMs: 0,
    answered: true,
    failures: 0,
    wantsProbe: false,
    leaves: false,
    leaseMs: 15_000,
  };
  const rates = { requestsPerMinute: 1e9, tokensPerMinute: 1e12 };
  const join = { caps: { nanoUsd: 1e12 }, runCaps: { revision: 0 }, rates, memory: undefined, newEpoch: 'bench' };
  let known = await store.join(ask, join);
  const cpu = process.cpuUsage();
  const end = performance.now() + 5000;
  let permits = 0;
  while (performance.now() < end) {
    known = await store.exchange(ask, known);
    permits += 100;
  }
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ permits, cpuMs: (user + system) / 1000 }));
  redis.disconnect();
}

async function runWorker({ url, baseUrl, out, requestsPerMinute, records, maxTotalTokens }) {
  const { createVertexClient, defineExtraction, openPool, run } = await import('../dist/index.js');
  const note = defineExtraction({
    name: 'note',
    model: 'google/gemini-3.5-flash-lite',
    schema: z.object({ name: z.string() }),
    instructions: 'Extract the note.',
    prompt: '{{text}}',
    id: 'id',
    request: { temperature: 0, maxTokens: 256, thinking: { budget: 0 } },
  });
  const pool = await openPool({ url, maxTotalTokens });
  const client = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
  const input = Array.from({ length: records }, (_, index) => ({ id: `${index}`, text: `Name: ${out} ${index}` }));
  await run(note, { input, out, client, pool, requestsPerMinute, concurrency: 64 });
  await pool.close();
  await client.close();
}

function start(what, options) {
  return spawn(process.execPath, [SELF, what, JSON.stringify(options)], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function resultOf(child) {
  let said = '';
  child.stdout.on('data', (chunk) => (said += chunk));
  await once(child, 'close');
  return JSON.parse(said);
}

/** How often the script was run. */
async function callsOf(redis) {
  const stats = await redis.info('commandstats');
  return [...stats.matchAll(/^cmdstat_eval(?:sha)?:calls=(\d+)/gm)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address();
  probe.close();
  return port;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
