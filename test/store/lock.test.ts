import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { takeLock } from '../../src/store/lock.ts';
import { childArguments, childDirectory, childProgram } from './child-program.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A process of its own that tries to take the lock, tells how that went and then keeps it until it is killed. */
async function lockingChild(path: string): Promise<{ child: ChildProcess; said: string }> {
  const body = `
    try { takeLock(${JSON.stringify(path)}); console.log('taken'); } catch (error) { console.log(error.message); }
    setInterval(() => undefined, 1000);
  `;
  const child = spawn(process.execPath, childArguments(childProgram('store/lock.ts', 'takeLock', body)), {
    cwd: childDirectory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, said: data.toString().trim() };
}

function lockFile(): string {
  return join(temporaryDirectory(), 'run.lock');
}

/** A lock as a process left it `ageMs` ago. */
function leaveLock(path: string, holder: object | string, ageMs: number): void {
  writeFileSync(path, typeof holder === 'string' ? holder : JSON.stringify(holder));
  const time = new Date(Date.now() - ageMs);
  utimesSync(path, time, time);
}

const since = '2026-11-23T10:00:00.000Z';

test('takeLock names this process in the lock and gives it back', () => {
  const path = lockFile();
  const unlock = takeLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid, host: hostname() });
  unlock();
  expect(existsSync(path)).toBe(false);
  takeLock(path)();
});

test('takeLock refuses a second taker in the same process', () => {
  const path = lockFile();
  const unlock = takeLock(path);
  expect(() => takeLock(path)).toThrow(GleanerError);
  unlock();
});

test('takeLock refuses a second process and names the holder; it takes over once that one was killed', async () => {
  const path = lockFile();
  const { child, said } = await lockingChild(path);
  expect(said).toBe('taken');
  const attempt = (): unknown => takeLock(path);
  expect(attempt).toThrow(GleanerError);
  expect(attempt).toThrow(
    `Cannot use the run directory: process ${child.pid} on host ${hostname()} has held it since `,
  );
  expect(attempt).toThrow(`Wait for it to end; if it is surely gone, remove ${path}`);
  expect(existsSync(path)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const unlock = takeLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  unlock();
});

test('takeLock lets one of several processes have a lock left behind', async () => {
  const path = lockFile();
  leaveLock(path, { pid: 2 ** 22 + 1, host: hostname(), since }, 0);
  const children = await Promise.all(Array.from({ length: 4 }, () => lockingChild(path)));
  const takers = children.filter(({ said }) => said === 'taken');
  expect(takers).toHaveLength(1);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: takers[0]?.child.pid });
});

const gonePid = 2 ** 22 + 1;
test.each([
  { name: 'a dead process', holder: { pid: gonePid, host: hostname(), since }, ageMs: 0 },
  { name: 'an earlier process that had our pid', holder: { pid: process.pid, host: hostname(), since }, ageMs: 0 },
  {
    name: 'a pid that another process has by now',
    holder: { pid: process.ppid, host: hostname(), since },
    ageMs: 3_600_000,
  },
  { name: 'a host that has been silent', holder: { pid: 1, host: 'elsewhere', since }, ageMs: 31_000 },
  { name: 'one who wrote nothing', holder: '', ageMs: 5000 },
  { name: 'one who wrote half', holder: '{"pid":', ageMs: 5000 },
  { name: 'nobody', holder: {}, ageMs: 5000 },
])('takeLock takes over the lock of $name', ({ holder, ageMs }) => {
  const path = lockFile();
  leaveLock(path, holder, ageMs);
  const unlock = takeLock(path);
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pid: process.pid });
  unlock();
  expect(readdirSync(join(path, '..'))).toEqual([]);
});

test.each([
  { name: 'a live process', holder: { pid: process.ppid, host: hostname(), since }, ageMs: 60_000 },
  { name: 'a process of somebody else', holder: { pid: 1, host: hostname(), since }, ageMs: 0 },
  { name: 'a host that shows itself', holder: { pid: gonePid, host: 'elsewhere', since }, ageMs: 20_000 },
])('takeLock leaves the lock to $name', ({ holder, ageMs }) => {
  const path = lockFile();
  leaveLock(path, holder, ageMs);
  expect(() => takeLock(path)).toThrow(
    `Cannot use the run directory: process ${holder.pid} on host ${holder.host} has held it since ${since}. `,
  );
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(holder);
});

test('takeLock waits for a lock that is just being written', async () => {
  const path = lockFile();
  const body = `
    console.log('ready');
    try { takeLock(${JSON.stringify(path)}); console.log('taken'); } catch (error) { console.log(error.message); }
  `;
  const program = childProgram('store/lock.ts', 'takeLock', body);
  // The file is there and fresh, as made by a process that has not come to writing into it.
  leaveLock(path, '', 0);
  const freshen = setInterval(() => leaveLock(path, '', 0), 50);
  const child = spawn(process.execPath, childArguments(program), {
    cwd: childDirectory,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    clearInterval(freshen);
    child.kill('SIGKILL');
  });
  let said = '';
  child.stdout.on('data', (data: Buffer) => {
    if (said === '') {
      setTimeout(() => {
        clearInterval(freshen);
        leaveLock(path, { pid: process.pid, host: hostname(), since }, 0);
      }, 100);
    }
    said += data.toString();
  });
  await once(child, 'close');
  expect(said).toContain(`process ${process.pid} on host ${hostname()} has held it since`);
});

test('takeLock gives nothing back that another process holds by now', () => {
  const path = lockFile();
  const unlock = takeLock(path);
  leaveLock(path, { pid: gonePid, host: 'elsewhere', since }, 0);
  unlock();
  expect(existsSync(path)).toBe(true);
});

test('takeLock says what hinders it', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  expect(() => takeLock(join(directory, 'absent', 'run.lock'))).toThrow(
    `Cannot lock ${join(directory, 'absent', 'run.lock')}: no such file or directory (ENOENT)`,
  );
  expect(() => takeLock(join(directory, 'file', 'run.lock'))).toThrow('a part of the path is no directory (ENOTDIR)');
});
