import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { RunDirectory } from '../../src/store/run-directory.ts';
import { StoreError } from '../../src/store/store-error.ts';
import { attemptEntry, callEntry, rejectEntry, resultEntry } from './run-files.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Where the disk has no room left. What is given back by the system cannot be asked for: a link to /dev/full is refused. */
const fullDisk = vi.hoisted<{ at: string | undefined; fds: Set<number> }>(() => ({ at: undefined, fds: new Set() }));
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const openSync: typeof fs.openSync = (path, ...rest) => {
    const fd = fs.openSync(path, ...rest);
    if (path === fullDisk.at) fullDisk.fds.add(fd);
    else fullDisk.fds.delete(fd);
    return fd;
  };
  const writeSync = ((fd: number, ...rest: [string]) => {
    if (fullDisk.fds.has(fd)) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
    return fs.writeSync(fd, ...rest);
  }) as typeof fs.writeSync;
  return { ...fs, default: fs, openSync, writeSync };
});

const endOfTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function lines(directory: RunDirectory, name: Parameters<RunDirectory['file']>[0]): unknown[] {
  const content = readFileSync(directory.file(name), 'utf8');
  return content
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as unknown);
}

test('RunDirectory makes the directory with what is above it, and leaves what users need', () => {
  const path = join(temporaryDirectory(), 'runs', 'first');
  const directory = RunDirectory.open(path);
  expect(directory.readManifest()).toBeUndefined();
  directory.writeReport('usage', '{}\n');
  directory.close();
  expect(readdirSync(path).sort()).toEqual(['attempts.jsonl', 'rejects.jsonl', 'results.jsonl', 'usage.json']);
});

test('RunDirectory has a noted call on file, after all that was committed before it, when the call may be sent', async () => {
  const directory = RunDirectory.open(temporaryDirectory());
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  await Promise.all([directory.noteCall(callEntry(2, 1)), directory.noteCall(callEntry(3, 2))]);
  expect(lines(directory, 'inflight')).toEqual([callEntry(2, 1), callEntry(3, 2)]);
  expect(lines(directory, 'results')).toEqual([resultEntry(0)]);
  expect(lines(directory, 'attempts')).toEqual([attemptEntry(1, 0, 'extracted')]);
  directory.close();
});

test('RunDirectory lets no call be sent that could not be noted', async () => {
  const path = temporaryDirectory();
  fullDisk.at = join(path, 'inflight.jsonl');
  const directory = RunDirectory.open(path);
  const message = `Cannot write to ${join(path, 'inflight.jsonl')}: the disk is full (ENOSPC)`;
  await expect(directory.noteCall(callEntry(1, 0))).rejects.toThrow(message);
  expect(directory.failure.reason).toBeInstanceOf(StoreError);
  expect(() => directory.noteCall(callEntry(2, 1))).toThrow(message);
  directory.close();
});

test('RunDirectory writes what was committed at the end of the turn', async () => {
  const directory = RunDirectory.open(temporaryDirectory());
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  directory.commit({ attempt: attemptEntry(2, 1, 'failed'), reject: rejectEntry(1) });
  expect(lines(directory, 'results')).toEqual([]);
  await endOfTurn();
  expect(lines(directory, 'results')).toEqual([resultEntry(0)]);
  expect(lines(directory, 'rejects')).toEqual([rejectEntry(1)]);
  expect(lines(directory, 'attempts')).toEqual([attemptEntry(1, 0, 'extracted'), attemptEntry(2, 1, 'failed')]);
  directory.close();
});

test('RunDirectory writes at its close what was committed last, and keeps the notes of calls that are open', () => {
  const path = temporaryDirectory();
  const directory = RunDirectory.open(path);
  void directory.noteCall(callEntry(1, 0));
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  directory.close({ keepInflight: true });
  expect(lines(directory, 'results')).toEqual([resultEntry(0)]);
  expect(lines(directory, 'attempts')).toHaveLength(1);
  expect(readdirSync(path).sort()).toEqual(['attempts.jsonl', 'inflight.jsonl', 'rejects.jsonl', 'results.jsonl']);
});

test('RunDirectory is held by one at a time', () => {
  const path = temporaryDirectory();
  const directory = RunDirectory.open(path);
  expect(() => RunDirectory.open(path)).toThrow(`Cannot use the run directory: process ${process.pid} on host `);
  directory.close();
  RunDirectory.open(path).close();
});

test('RunDirectory refuses a path it cannot use, says why and holds no lock there', () => {
  const directory = temporaryDirectory();
  writeFileSync(join(directory, 'file'), '');
  mkdirSync(join(directory, 'odd', 'rejects.jsonl'), { recursive: true });
  const cases = [
    ['file', 'Cannot create the run directory %: a file of that name stands there (EEXIST)'],
    [join('file', 'run'), 'Cannot create the run directory %: a part of the path is no directory (ENOTDIR)'],
    ['odd', `Cannot use the run directory: ${join('%', 'rejects.jsonl')} is a directory, not a file`],
  ] as const;
  for (const [name, message] of cases) {
    const path = join(directory, name);
    expect(() => RunDirectory.open(path)).toThrow(GleanerError);
    expect(() => RunDirectory.open(path)).toThrow(message.replace('%', path));
  }
  expect(existsSync(join(directory, 'odd', 'run.lock'))).toBe(false);
});

test.skipIf(process.platform !== 'linux')('RunDirectory refuses a directory that nobody can write', () => {
  // Not even root can make a file there.
  expect(() => RunDirectory.open('/proc/self/fdinfo')).toThrow(GleanerError);
  expect(() => RunDirectory.open('/proc/self/fdinfo')).toThrow(/^Cannot lock \/proc\/self\/fdinfo\/run\.lock: /);
});

test('RunDirectory tells of a full disk and takes nothing more', async () => {
  const path = temporaryDirectory();
  fullDisk.at = join(path, 'results.jsonl');
  const directory = RunDirectory.open(path);
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  expect(directory.failure.aborted).toBe(false);
  await endOfTurn();
  expect(directory.failure.reason).toBeInstanceOf(StoreError);
  const message = `Cannot write to ${join(path, 'results.jsonl')}: the disk is full (ENOSPC)`;
  expect(() => directory.noteCall(callEntry(2, 1))).toThrow(message);
  expect(() => directory.commit({ result: resultEntry(1) })).toThrow(message);
  directory.close({ keepInflight: true });
  // The call is told although its result is lost: it was billed.
  expect(lines(directory, 'attempts')).toHaveLength(1);
  expect(existsSync(directory.file('lock'))).toBe(false);
});

test('RunDirectory gives the lock back even when its close fails', () => {
  const path = temporaryDirectory();
  fullDisk.at = join(path, 'rejects.jsonl');
  const directory = RunDirectory.open(path);
  void directory.noteCall(callEntry(1, 0));
  directory.commit({ reject: rejectEntry(0), result: resultEntry(1), attempt: attemptEntry(1, 0, 'failed') });
  expect(() => directory.close()).toThrow('the disk is full (ENOSPC)');
  expect(lines(directory, 'results')).toEqual([resultEntry(1)]);
  expect(lines(directory, 'attempts')).toHaveLength(1);
  expect(lines(directory, 'inflight')).toHaveLength(1);
  expect(existsSync(directory.file('lock'))).toBe(false);
});

test('RunDirectory says so when the directory has vanished', () => {
  const path = join(temporaryDirectory(), 'run');
  const directory = RunDirectory.open(path);
  rmSync(path, { recursive: true });
  expect(() => directory.writeReport('usage', '{}')).toThrow(
    `Cannot write ${directory.file('usage')}: no such file or directory (ENOENT)`,
  );
  directory.close();
});

test.skipIf(process.platform !== 'linux')('RunDirectory gives up on a directory below /proc', () => {
  // Where nothing can be made, Node's own recursive mkdir tries for ever.
  expect(() => RunDirectory.open('/proc/gleaner/run')).toThrow(/^Cannot create the run directory .*ENOENT/);
});

test.skipIf(process.platform === 'win32')(
  'RunDirectory refuses what is no file of its own, before it changes anything',
  () => {
    const directory = temporaryDirectory();
    const target = join(directory, 'target');
    writeFileSync(target, 'precious, and no whole line');
    const kinds = {
      'a symbolic link': (path: string) => symlinkSync(target, path),
      'a named pipe': (path: string) => void execFileSync('sh', ['-c', 'mkfifo "$0"', path]),
      'a directory': (path: string) => void mkdirSync(path),
    };
    for (const [kind, make] of Object.entries(kinds)) {
      for (const name of ['results.jsonl', 'inflight.jsonl', 'run.json', 'run.json.tmp', 'usage.json', 'run.lock']) {
        const out = join(directory, `${kind} ${name}`);
        mkdirSync(out);
        make(join(out, name));
        expect(() => RunDirectory.open(out)).toThrow(GleanerError);
        expect(() => RunDirectory.open(out)).toThrow(`Cannot use the run directory: ${join(out, name)} is ${kind}`);
        expect(readdirSync(out)).toEqual([name]);
      }
    }
    expect(readFileSync(target, 'utf8')).toBe('precious, and no whole line');
  },
);
