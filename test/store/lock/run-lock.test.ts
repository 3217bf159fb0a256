import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { takeOsLock } from '../../../src/files/os-lock.ts';
import { GleanerError } from '../../../src/gleaner-error.ts';
import { describeOwnProcess, type Holder } from '../../../src/store/lock/holder.ts';
import { claimPath, lookAt } from '../../../src/store/lock/lock-file.ts';
import { RunLock } from '../../../src/store/lock/run-lock.ts';
import type { StoreError } from '../../../src/files/store-error.ts';
import { childArguments, childDirectory, childProgram } from '../child-program.ts';
import { temporaryDirectory } from '../temporary-directory.ts';

/** Beats come often and patience is short, so that nobody waits for half a minute here. */
const timings = { beatMs: 50, silentMs: 1000, watchMs: 700, unreadableMs: 200, pauseMs: 0 };

const isLinux = process.platform === 'linux';
const canUnshare = isLinux && spawnSync('unshare', ['--pid', '--fork', '--mount-proc', 'true']).status === 0;

interface Taken {
  lock: RunLock;
  losses: StoreError[];
  waits: string[];
}

async function take(path: string, signal?: AbortSignal): Promise<Taken> {
  const losses: StoreError[] = [];
  const waits: string[] = [];
  const lock = await RunLock.take(path, {
    signal,
    timings,
    onLost: (error) => losses.push(error),
    onWait: (notice) => waits.push(notice),
  });
  onTestFinished(() => lock.release());
  return { lock, losses, waits };
}

interface LockingChild {
  child: ChildProcess;
  /** Its first words: `taken`, or why not. */
  said: string;
  /** What it says next: that it lost the lock. */
  next(): Promise<string>;
}

/** A process of its own that tries to take the lock, tells how that went and then keeps it until it is killed. */
async function lockingChild(path: string, prefix: string[] = []): Promise<LockingChild> {
  const body = `
    const onLost = (error) => console.log(error.message);
    try {
      await RunLock.take(${JSON.stringify(path)}, { timings: ${JSON.stringify(timings)}, onLost });
      console.log('taken');
    } catch (error) { console.log(error.message); }
    setInterval(() => undefined, 1000);
  `;
  const program = childProgram('store/lock/run-lock.ts', 'RunLock', body);
  const [command = '', ...args] = [...prefix, process.execPath, ...childArguments(program)];
  const child = spawn(command, args, { cwd: childDirectory, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const next = async (): Promise<string> => String(((await once(child.stdout, 'data')) as [Buffer])[0]).trim();
  return { child, said: await next(), next };
}

function lockFile(): string {
  return join(temporaryDirectory(), 'run.lock');
}

/** A lock as another process left it. */
function leaveLock(path: string, holder: Partial<Holder> | string, age = 0): void {
  writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify({ ...elsewhere(), ...holder }));
  const time = new Date(Date.now() - age);
  utimesSync(path, time, time);
}

function elsewhere(): Holder {
  return { ...describeOwnProcess(false), host: 'elsewhere', boot: 'another start of another machine' };
}

/** Keeps a lock alive as a holder on a machine does whose clock is `ahead` of ours. */
function keepBeating(path: string, ahead: number): void {
  const beat = (): void => {
    const now = new Date(Date.now() + ahead);
    utimesSync(path, now, now);
  };
  const beats = setInterval(beat, 50);
  onTestFinished(() => clearInterval(beats));
}

test('RunLock names this process in the lock, gives it back, and leaves nothing behind', async () => {
  const path = lockFile();
  const { lock } = await take(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  expect(readdirSync(join(path, '..'))).toEqual(['run.lock']);
  lock.release();
  expect(readdirSync(join(path, '..'))).toEqual([]);
  (await take(path)).lock.release();
});

test('RunLock refuses a second taker in the process, however the directory is spelled', async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'run'));
  symlinkSync(join(root, 'run'), join(root, 'link'));
  await take(join(root, 'run', 'run.lock'));
  for (const path of [join(root, 'run', 'run.lock'), join(root, 'link', 'run.lock'), `${root}/run/../run/./run.lock`]) {
    await expect(take(path)).rejects.toThrow(GleanerError);
  }
});

test('RunLock refuses a thread of the same process', async () => {
  const path = lockFile();
  await take(path);
  const source = new URL('../../../src/store/lock/run-lock.ts', import.meta.url).pathname;
  const program = `(async () => {
    const { parentPort } = require('node:worker_threads');
    const { createJiti } = await import('jiti');
    const { RunLock } = await createJiti(${JSON.stringify(source)}, { fsCache: false }).import(${JSON.stringify(source)});
    await RunLock.take(${JSON.stringify(path)}, { onLost() {} }).then(() => 'taken', (error) => error.message)
      .then((said) => parentPort.postMessage(said));
  })()`;
  const worker = new Worker(program, { eval: true });
  const [said] = (await once(worker, 'message')) as [string];
  await worker.terminate();
  expect(said).toMatch(/^Cannot use the run directory: process \d+ on host /);
});

test('RunLock refuses a second process and names the holder; it takes over once that one was killed', async () => {
  const path = lockFile();
  const { child, said } = await lockingChild(path);
  expect(said).toBe('taken');
  const refusal = `Cannot use the run directory: process ${child.pid} on host ${hostname()} has held it since `;
  await expect(take(path)).rejects.toThrow(refusal);
  await expect(take(path)).rejects.toThrow(`Wait for it to end; if it is surely gone, remove ${path}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { waits } = await take(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  // A process of this machine that is gone is not waited for.
  expect(waits).toEqual([]);
});

test.skipIf(!canUnshare)(
  'RunLock refuses a process that sees none of the holder’s processes, and takes over at once when it has ended',
  async () => {
    const path = lockFile();
    const container = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
    const { child, said } = await lockingChild(path, container);
    expect(said).toBe('taken');
    await expect(take(path)).rejects.toThrow('Cannot use the run directory: process ');
    const other = await lockingChild(path, container);
    expect(other.said).toContain('Cannot use the run directory: process ');
    child.kill('SIGKILL');
    await systemLockIsFree(path);
    expect((await take(path)).waits).toEqual([]);
  },
);

test.skipIf(!isLinux)('RunLock takes over from a stopped process, which stops for good when it goes on', async () => {
  const path = lockFile();
  const stopped = await lockingChild(path);
  stopped.child.kill('SIGSTOP');
  // It was stopped for a while already when we come.
  const time = new Date(Date.now() - timings.silentMs);
  utimesSync(path, time, time);
  const { lock, losses } = await take(path);
  const own = readFileSync(path, 'utf8');
  const told = stopped.next();
  stopped.child.kill('SIGCONT');
  expect(await told).toMatch(
    `Cannot hold ${path}: process ${process.pid} on host ${hostname()} took over, because this process had shown no sign of life`,
  );
  expect(readFileSync(path, 'utf8')).toBe(own);
  lock.demandHeld();
  expect(losses).toEqual([]);
});

test('RunLock compares no clocks: a holder elsewhere that shows itself is left alone, whatever its clock says', async () => {
  for (const ahead of [-3_600_000, 0, 3_600_000]) {
    const path = lockFile();
    leaveLock(path, {});
    keepBeating(path, ahead);
    await expect(take(path)).rejects.toThrow(`process ${process.pid} on host elsewhere has held it since`);
  }
});

test('RunLock takes over from a holder elsewhere that shows no sign of life, and says what it waits for', async () => {
  for (const age of [0, 3_600_000, -3_600_000]) {
    const path = lockFile();
    leaveLock(path, {}, age);
    await take(path);
    expect(lookAt(path)?.holder?.host).toBe(hostname());
  }
});

test('RunLock ends its watch when it is told to', async () => {
  const path = lockFile();
  leaveLock(path, {});
  const stop = new AbortController();
  const taking = take(path, stop.signal);
  stop.abort(new Error('Ctrl-C'));
  await expect(taking).rejects.toThrow('Ctrl-C');
  expect(readdirSync(join(path, '..'))).toEqual(['run.lock']);
});

test('RunLock lets one of several processes have a lock left behind', async () => {
  const path = lockFile();
  leaveLock(path, { ...describeOwnProcess(false), pid: 2 ** 22 + 1 });
  const children = await Promise.all(Array.from({ length: 4 }, () => lockingChild(path)));
  const takers = children.filter(({ said }) => said === 'taken');
  expect(takers).toHaveLength(1);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: takers[0]?.child.pid });
});

test.skipIf(!isLinux)('RunLock takes at once what a zombie or the bearer of a reused pid seems to hold', async () => {
  // By the time it ends, its parent has become a program that never asks how.
  const parent = spawn('sh', ['-c', 'sleep 1 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void parent.kill('SIGKILL'));
  const zombie = Number(String(((await once(parent.stdout, 'data')) as [Buffer])[0]));
  while (!/\) Z /.test(readFileSync(`/proc/${zombie}/stat`, 'latin1'))) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const own = describeOwnProcess(false);
  for (const holder of [
    { ...own, pid: zombie, started: null },
    { ...own, pid: process.pid, started: '1' },
    { ...own, pid: 1, started: '999999999' },
  ]) {
    const path = lockFile();
    leaveLock(path, holder);
    expect((await take(path)).waits).toEqual([]);
  }
});

test('RunLock leaves the lock of an earlier version to its process, and takes it when there is none', async () => {
  const since = '2026-11-23T10:00:00.000Z';
  const held = lockFile();
  leaveLock(held, JSON.stringify({ pid: process.pid, host: hostname(), since }));
  await expect(take(held)).rejects.toThrow(`has held it since ${since}`);
  const left = lockFile();
  leaveLock(left, JSON.stringify({ pid: 2 ** 22 + 1, host: hostname(), since }));
  await take(left);
});

test('RunLock takes a lock that says nothing readable only when nobody finishes writing it', async () => {
  for (const text of ['', 'xx', '[]', '{"pid":"1","host":"x"}', '{"pid":-1,"host":"x"}', '{"pid":1e99,"host":"x"}']) {
    const path = lockFile();
    leaveLock(path, text);
    await take(path);
  }
  const path = lockFile();
  leaveLock(path, '');
  const taking = take(path);
  setTimeout(() => {
    leaveLock(path, {});
    keepBeating(path, 0);
  }, 50);
  await expect(taking).rejects.toThrow('on host elsewhere has held it');
});

test('RunLock loses a lock that was removed, or that another process holds by now, and touches it no more', async () => {
  const removed = lockFile();
  const first = await take(removed);
  rmSync(removed);
  expect(() => first.lock.demandHeldAfterPause()).toThrow(`Cannot hold ${removed}: it was removed while`);
  expect(first.losses).toHaveLength(1);

  const robbed = lockFile();
  const second = await take(robbed);
  const { token } = describeOwnProcess(false);
  leaveLock(`${robbed}.new`, { token }, 60_000);
  renameSync(`${robbed}.new`, robbed);
  const before = lookAt(robbed);
  expect(() => second.lock.demandHeld()).toThrow('on host elsewhere took over');
  second.lock.release();
  expect(lookAt(robbed)).toEqual(before);
});

test('RunLock is lost as soon as a successor claims it', async () => {
  const path = lockFile();
  const { lock, losses } = await take(path);
  const seen = lookAt(path);
  leaveLock(claimPath(path, seen ?? { key: '' }), {});
  expect(() => lock.demandHeld()).toThrow('on host elsewhere took over');
  expect(losses).toHaveLength(1);
});

test('RunLock takes over although an earlier successor died over it', async () => {
  const path = lockFile();
  const gone = { ...describeOwnProcess(false), pid: 2 ** 22 + 1 };
  leaveLock(path, gone);
  leaveLock(claimPath(path, { key: gone.token }), { ...gone, token: describeOwnProcess(false).token });
  await take(path);
  expect(readdirSync(join(path, '..'))).toEqual(['run.lock']);
});

test('RunLock keeps what its holders do apart, whoever of them dies when', async () => {
  const path = lockFile();
  const log = join(path, '..', 'log');
  const body = `
    import { appendFileSync } from 'node:fs';
    const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
    for (let turn = 0; ; turn += 1) {
      const taken = RunLock.take(${JSON.stringify(path)}, { timings: ${JSON.stringify(timings)}, onLost() {} });
      const lock = await taken.catch(() => undefined);
      if (lock !== undefined) {
        appendFileSync(${JSON.stringify(log)}, '+' + process.pid + '.' + turn + '\\n');
        await pause(Math.random() * 10);
        appendFileSync(${JSON.stringify(log)}, '-' + process.pid + '.' + turn + '\\n');
        lock.release();
      }
      await pause(Math.random() * 5);
    }
  `;
  const program = childProgram('store/lock/run-lock.ts', 'RunLock', body);
  const begin = (): ChildProcess => {
    // Half of them have no lock of the system to take.
    const env = Math.random() < 0.5 ? { ...process.env, PATH: '/nowhere' } : process.env;
    const child = spawn(process.execPath, childArguments(program), { cwd: childDirectory, stdio: 'inherit', env });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const children = [begin(), begin(), begin()];
  const entries = (): string[] => (existsSync(log) ? readFileSync(log, 'utf8').split('\n').filter(Boolean) : []);
  for (let kill = 1; kill <= 4; kill += 1) {
    const wanted = entries().length + 12;
    await expect.poll(() => entries().length, { timeout: 30_000 }).toBeGreaterThan(wanted);
    children.shift()?.kill('SIGKILL');
    children.push(begin());
  }
  for (const child of children) child.kill('SIGKILL');
  const all = entries();
  for (const [at, entry] of all.entries()) {
    if (entry.startsWith('-')) expect(all[at - 1]).toBe(`+${entry.slice(1)}`);
  }
}, 120_000);

test('RunLock says what hinders it', async () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  await expect(take(join(directory, 'absent', 'run.lock'))).rejects.toThrow(
    `Cannot lock ${join(directory, 'absent', 'run.lock')}: no such file or directory (ENOENT)`,
  );
  await expect(take(join(directory, 'file', 'run.lock'))).rejects.toThrow(
    'a part of the path is no directory (ENOTDIR)',
  );
});

test.skipIf(!isLinux)('RunLock works where no program takes the system’s lock', async () => {
  const path = lockFile();
  const env = ['env', 'PATH=/nowhere'];
  const { child, said } = await lockingChild(path, env);
  expect(said).toBe('taken');
  expect(lookAt(path)?.holder?.hasOsLock).toBe(false);
  await expect(take(path)).rejects.toThrow(`process ${child.pid} on host`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await take(path);
  expect(lookAt(path)?.holder?.hasOsLock).toBe(hasFlock());
});

/** What was killed is one step away from the process that holds the lock. */
async function systemLockIsFree(path: string): Promise<void> {
  for (;;) {
    const lock = takeOsLock(join(path, '..'));
    if (lock.state === 'held') return lock.release();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function hasFlock(): boolean {
  try {
    execFileSync('flock', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
