import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import type * as Fs from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { describeOwnProcess } from '../../src/store/lock/holder.ts';
import { RunDirectory } from '../../src/store/run-directory.ts';
import { StoreError } from '../../src/files/store-error.ts';
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

test('RunDirectory makes the directory with what is above it, and leaves what users need', async () => {
  const path = join(temporaryDirectory(), 'runs', 'first');
  const directory = await RunDirectory.open(path);
  expect(directory.readManifest()).toBeUndefined();
  directory.writeReport('usage', '{}\n');
  directory.close();
  expect(readdirSync(path).sort()).toEqual(['attempts.jsonl', 'rejects.jsonl', 'results.jsonl', 'usage.json']);
});

test('RunDirectory has a noted call on file, after all that was committed before it, when the call may be sent', async () => {
  const directory = await RunDirectory.open(temporaryDirectory());
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
  const directory = await RunDirectory.open(path);
  const message = `Cannot write to ${join(path, 'inflight.jsonl')}: the disk is full (ENOSPC)`;
  await expect(directory.noteCall(callEntry(1, 0))).rejects.toThrow(message);
  expect(directory.failure.reason).toBeInstanceOf(StoreError);
  expect(() => directory.noteCall(callEntry(2, 1))).toThrow(message);
  directory.close();
});

test('RunDirectory writes what was committed at the end of the turn', async () => {
  const directory = await RunDirectory.open(temporaryDirectory());
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  directory.commit({ attempt: attemptEntry(2, 1, 'failed'), reject: rejectEntry(1) });
  expect(lines(directory, 'results')).toEqual([]);
  await endOfTurn();
  expect(lines(directory, 'results')).toEqual([resultEntry(0)]);
  expect(lines(directory, 'rejects')).toEqual([rejectEntry(1)]);
  expect(lines(directory, 'attempts')).toEqual([attemptEntry(1, 0, 'extracted'), attemptEntry(2, 1, 'failed')]);
  directory.close();
});

test('RunDirectory writes at its close what was committed last, and keeps the notes of calls that are open', async () => {
  const path = temporaryDirectory();
  const directory = await RunDirectory.open(path);
  void directory.noteCall(callEntry(1, 0));
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted'), result: resultEntry(0) });
  directory.close({ keepInflight: true });
  expect(lines(directory, 'results')).toEqual([resultEntry(0)]);
  expect(lines(directory, 'attempts')).toHaveLength(1);
  expect(readdirSync(path).sort()).toEqual(['attempts.jsonl', 'inflight.jsonl', 'rejects.jsonl', 'results.jsonl']);
});

test('RunDirectory is held by one at a time', async () => {
  const path = temporaryDirectory();
  const directory = await RunDirectory.open(path);
  await expect(RunDirectory.open(path)).rejects.toThrow(
    `Cannot use the run directory: process ${process.pid} on host `,
  );
  directory.close();
  (await RunDirectory.open(path)).close();
});

test('RunDirectory refuses a path it cannot use, says why and holds no lock there', async () => {
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
    await expect(RunDirectory.open(path)).rejects.toThrow(GleanerError);
    await expect(RunDirectory.open(path)).rejects.toThrow(message.replace('%', path));
  }
  expect(existsSync(join(directory, 'odd', 'run.lock'))).toBe(false);
});

test.skipIf(process.platform !== 'linux')('RunDirectory refuses a directory that nobody can write', async () => {
  // Not even root can make a file there.
  await expect(RunDirectory.open('/proc/self/fdinfo')).rejects.toThrow(GleanerError);
  await expect(RunDirectory.open('/proc/self/fdinfo')).rejects.toThrow(/^Cannot lock \/proc\/\d+\/fdinfo\/run\.lock: /);
});

test('RunDirectory tells of a full disk and takes nothing more', async () => {
  const path = temporaryDirectory();
  fullDisk.at = join(path, 'results.jsonl');
  const directory = await RunDirectory.open(path);
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

test('RunDirectory gives the lock back even when its close fails', async () => {
  const path = temporaryDirectory();
  fullDisk.at = join(path, 'rejects.jsonl');
  const directory = await RunDirectory.open(path);
  void directory.noteCall(callEntry(1, 0));
  directory.commit({ reject: rejectEntry(0), result: resultEntry(1), attempt: attemptEntry(1, 0, 'failed') });
  expect(() => directory.close()).toThrow('the disk is full (ENOSPC)');
  expect(lines(directory, 'results')).toEqual([resultEntry(1)]);
  expect(lines(directory, 'attempts')).toHaveLength(1);
  expect(lines(directory, 'inflight')).toHaveLength(1);
  expect(existsSync(directory.file('lock'))).toBe(false);
});

/** What happens to a run directory behind the back of the run that writes into it. */
const mishaps: Record<string, (path: string) => void> = {
  removed: (path) => rmSync(path, { recursive: true }),
  'moved away and copied back': (path) => {
    renameSync(path, `${path}.bak`);
    cpSync(`${path}.bak`, path, { recursive: true });
  },
  'replaced by a link to another': (path) => {
    renameSync(path, `${path}.bak`);
    mkdirSync(`${path}.other`);
    symlinkSync(`${path}.other`, path);
  },
};

test.each(Object.keys(mishaps))('RunDirectory writes nothing more once the directory was %s', async (mishap) => {
  const path = join(temporaryDirectory(), 'run');
  const directory = await RunDirectory.open(path);
  directory.commit({ result: resultEntry(0), attempt: attemptEntry(1, 0, 'extracted') });
  directory.flush();
  mishaps[mishap]?.(path);
  const before = existsSync(path) ? readdirSync(path) : undefined;
  const message = `Cannot write to ${path}: the directory was moved, removed or replaced while the run was writing to it`;
  for (const write of [
    () => directory.checkPlaces(),
    () => directory.writeReport('usage', '{}'),
    () => directory.writeReport('report', ''),
    () => directory.endRetrying(),
    () => directory.writeMedia('images/0.png', Buffer.from('')),
  ]) {
    expect(write).toThrow(message);
  }
  expect(directory.failure.reason).toBeInstanceOf(StoreError);
  directory.close();
  expect(existsSync(path) ? readdirSync(path) : undefined).toEqual(before);
});

test.each([
  // As a log rotation with copytruncate does it.
  { name: 'cut short', change: (file: string) => truncateSync(file, 5), says: 'it was cut short' },
  { name: 'added to', change: (file: string) => appendFileSync(file, '{}\n'), says: 'it was written to by something' },
])('RunDirectory notices that its ledger was $name, and writes no report over it', async ({ change, says }) => {
  const directory = await RunDirectory.open(temporaryDirectory());
  const file = directory.file('attempts');
  directory.commit({ attempt: attemptEntry(1, 0, 'extracted') });
  directory.flush();
  expect(() => directory.checkPlaces()).not.toThrow();
  change(file);
  expect(() => directory.checkPlaces()).toThrow(`Cannot write to ${file}: ${says}`);
  expect(() => directory.writeReport('usage', '{}')).toThrow(`Cannot write to ${file}`);
  directory.close();
});

test.each(['results', 'rejects', 'attempts', 'inflight'] as const)(
  'RunDirectory notices that its %s were replaced by a copy',
  async (name) => {
    const directory = await RunDirectory.open(temporaryDirectory());
    const file = directory.file(name);
    // As sed -i and editors do it.
    cpSync(file, `${file}.new`);
    renameSync(`${file}.new`, file);
    expect(() => directory.checkPlaces()).toThrow(`Cannot write to ${file}: it was removed or replaced`);
    expect(() => directory.writeReport('usage', '{}')).toThrow(`Cannot write to ${file}`);
    directory.close();
    expect(existsSync(directory.file('usage'))).toBe(false);
  },
);

test('RunDirectory stays where it is when the link that leads to it is pointed elsewhere', async () => {
  const root = temporaryDirectory();
  for (const name of ['first', 'second']) mkdirSync(join(root, name));
  symlinkSync(join(root, 'first'), join(root, 'link'));
  const directory = await RunDirectory.open(join(root, 'link'));
  rmSync(join(root, 'link'));
  symlinkSync(join(root, 'second'), join(root, 'link'));
  directory.commit({ result: resultEntry(0) });
  directory.writeReport('usage', '{}');
  directory.close();
  expect(readdirSync(join(root, 'first')).sort()).toEqual([
    'attempts.jsonl',
    'rejects.jsonl',
    'results.jsonl',
    'usage.json',
  ]);
  expect(readdirSync(join(root, 'second'))).toEqual([]);
});

test('RunDirectory leaves everything to the process that took it over', async () => {
  const path = temporaryDirectory();
  const directory = await RunDirectory.open(path, { timings: { pauseMs: -1 } });
  void directory.noteCall(callEntry(1, 0));
  directory.flush();
  const successor = { ...describeOwnProcess(false), host: 'elsewhere' };
  writeFileSync(`${directory.file('lock')}.new`, JSON.stringify(successor));
  renameSync(`${directory.file('lock')}.new`, directory.file('lock'));
  directory.commit({ result: resultEntry(0), attempt: attemptEntry(1, 0, 'extracted') });
  await endOfTurn();
  expect(directory.failure.reason).toMatchObject({ message: expect.stringContaining('on host elsewhere took over') });
  expect(() => directory.writeReport('usage', '{}')).toThrow('took over');
  directory.close();
  expect(lines(directory, 'results')).toEqual([]);
  expect(lines(directory, 'attempts')).toEqual([]);
  expect(lines(directory, 'inflight')).toEqual([callEntry(1, 0)]);
  expect(JSON.parse(readFileSync(directory.file('lock'), 'utf8'))).toEqual(successor);
  expect(existsSync(directory.file('usage'))).toBe(false);
});

test.skipIf(process.platform === 'win32')('RunDirectory writes no picture through a link', async () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, 'elsewhere'));
  const planted = join(root, 'planted');
  mkdirSync(planted);
  symlinkSync(join(root, 'elsewhere'), join(planted, 'images'));
  await expect(RunDirectory.open(planted)).rejects.toThrow('images is a symbolic link, not a directory of its own');

  const directory = await RunDirectory.open(join(root, 'run'));
  mkdirSync(join(root, 'run', 'images'));
  symlinkSync(join(root, 'elsewhere', 'x'), join(root, 'run', 'images', '0.png'));
  expect(() => directory.writeMedia('images/0.png', Buffer.from('x'))).toThrow('it is a symbolic link (ELOOP)');
  directory.close();
  expect(readdirSync(join(root, 'elsewhere'))).toEqual([]);
});

test.skipIf(process.platform !== 'linux')('RunDirectory gives up on a directory below /proc', async () => {
  // Where nothing can be made, Node's own recursive mkdir tries for ever.
  await expect(RunDirectory.open('/proc/gleaner/run')).rejects.toThrow(/^Cannot create the run directory .*ENOENT/);
});

test.skipIf(process.platform === 'win32')(
  'RunDirectory refuses what is no file of its own, before it changes anything',
  async () => {
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
        await expect(RunDirectory.open(out)).rejects.toThrow(GleanerError);
        await expect(RunDirectory.open(out)).rejects.toThrow(
          `Cannot use the run directory: ${join(out, name)} is ${kind}`,
        );
        expect(readdirSync(out)).toEqual([name]);
      }
    }
    expect(readFileSync(target, 'utf8')).toBe('precious, and no whole line');
  },
);
