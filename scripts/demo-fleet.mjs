// Shows a fleet on this machine: a queue, three workers, one of them killed, and one run in the end. No account, no cost.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startEmulator } from '../dist/emulator/index.js';

const program = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).status === 0);
if (program === undefined) {
  console.error(
    'There is no redis-server and no valkey-server in the PATH. Install either, such as with apt install redis-server',
  );
  process.exit(2);
}

const RECORDS = 3000;
const out = 'runs/demo-fleet';
for (const place of [out, `${out}.fleet`]) rmSync(place, { recursive: true, force: true });
const folder = mkdtempSync(join(tmpdir(), 'gleaner-demo-'));
const input = join(folder, 'receipts.csv');
const texts = Array.from({ length: RECORDS }, (_, at) => `r${at},"Shop ${at % 90}, 2026-01-05, total ${at}.90"`);
writeFileSync(input, `id,text\n${texts.join('\n')}\n`);

const port = await freePort();
const redis = spawn(program, ['--port', `${port}`, '--bind', '127.0.0.1', '--appendonly', 'yes', '--dir', folder], {
  stdio: 'ignore',
});
const emulator = await startEmulator({ latencyMs: 50, keepRequests: 0 });
const pool = ['--pool', `redis://127.0.0.1:${port}/0`];
await sleep(500);

/** Starts the command as a shell would, and shows it. */
function gleaner(args, { isQuiet = false } = {}) {
  console.log(`\n$ gleaner ${args.join(' ')}`);
  return spawn(process.execPath, ['bin/gleaner.js', ...args], {
    stdio: ['ignore', 'inherit', isQuiet ? 'ignore' : 'inherit'],
    env: { ...process.env, DEMO_TOKEN: 'any' },
  });
}

async function endOf(child) {
  const [code, signal] = await once(child, 'close');
  return signal ?? code;
}

const base = ['--base-url', emulator.baseUrl()];
await endOf(gleaner(['submit', 'receipt', input, '--out', out, ...pool, '--chunk-rows', '200', ...base]));
const work = ['work', ...pool, '--until-empty', '--lock-ms', '2000', '--auth', 'env:DEMO_TOKEN'];
const workers = ['a', 'b', 'c'].map((name) => gleaner([...work, '--name', name], { isQuiet: name !== 'b' }));
const parts = `${out}.fleet/parts`;
while (!existsSync(parts) || readdirSync(parts).filter((name) => name.endsWith('.done.json')).length < 3)
  await sleep(50);
console.log('\nWorker a is killed (kill -9)');
workers[0].kill('SIGKILL');
const ends = await Promise.all(workers.map(endOf));
console.log(`\nThe workers ended with ${ends.join(', ')}`);
await endOf(gleaner(['report', out]));

const usage = JSON.parse(readFileSync(join(out, 'usage.json'), 'utf8'));
const stats = emulator.stats();
console.log(
  `\ncalls in the ledger: ${usage.calls.sent}, ${usage.calls.unsettled} of them open when the worker was killed; calls that the service saw: ${stats.requests}`,
);
await emulator.close();
redis.kill('SIGKILL');
rmSync(folder, { recursive: true, force: true });
const isWhole = usage.records.extracted + usage.records.rejected === RECORDS && usage.records.remaining === 0;
process.exitCode = isWhole && usage.calls.sent >= stats.requests ? 0 : 1;

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: free } = server.address();
  server.close();
  await once(server, 'close');
  return free;
}
