import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readRun,
  root,
  startGleaner,
  temporaryDirectory,
  writeFile,
  type CommandResult,
} from './harness.ts';

const RECORDS = 300;
const isRoot = process.getuid?.() === 0;
const isLinux = process.platform === 'linux';
/** A file system of its own, for a real full disk. */
const canMount =
  isLinux && isRoot && spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
/** Root may write anywhere, so permissions show only to somebody else. */
const asNobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
/** Whether another user can be had, and can run Node and read the build where they stand. */
const looks = `require('fs').accessSync(${JSON.stringify(join(root, 'dist/command/main.js'))})`;
const canBeNobody =
  !isRoot || (isLinux && spawnSync('setpriv', [...asNobody.slice(1), process.execPath, '-e', looks]).status === 0);

async function prepare(latencyMs = 0) {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', noteRecords(RECORDS));
  const out = join(directory, 'run');
  const { emulator, flags, env } = await emulatorFor({ latencyMs });
  return { directory, emulator, out, env, command: ['run', 'note.ts', 'notes.jsonl', '--out', out, ...flags] };
}

/** Runs a program around the command, which takes the place of GLEANER in its arguments. */
function surrounded(
  program: readonly string[],
  command: readonly string[],
  options: { cwd: string; env: Record<string, string> },
): Promise<CommandResult> {
  const gleanerCommand = [process.execPath, join(root, 'bin/gleaner.js'), ...command];
  const [file = '', ...args] = [...program, ...gleanerCommand];
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'] ?? '', HOME: options.cwd, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr })));
}

async function untilSize(path: string, bytes: number): Promise<void> {
  for (let tries = 0; tries < 2000; tries += 1) {
    if (existsSync(path) && readFileSync(path).length >= bytes) return;
    await wait(5);
  }
  throw new Error(`${path} did not get ${bytes} bytes`);
}

function expectWholeLines(out: string): void {
  for (const name of readdirSync(out).filter((name) => name.endsWith('.jsonl'))) {
    const text = readFileSync(join(out, name), 'utf8');
    expect([name, text === '' || text.endsWith('\n')]).toEqual([name, true]);
    for (const line of text.split('\n').slice(0, -1)) expect(() => JSON.parse(line)).not.toThrow();
  }
}

test.skipIf(process.platform === 'win32')(
  'a file that may not grow any further: exit 3, no half line, and the same command finishes the run',
  async () => {
    const { directory, emulator, out, env, command } = await prepare();
    const options = { cwd: directory, env };
    const limited = ['bash', '-c', 'ulimit -f 24; exec "$@"', 'bash'];
    const { code, stderr } = await surrounded(limited, command, options);
    expect(stderr).toContain('the file would exceed the allowed size (EFBIG)');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(3);
    expectWholeLines(out);
    const before = readFileSync(join(out, 'results.jsonl'));
    expect(before.length).toBeLessThanOrEqual(24 * 1024);
    const sent = emulator.stats().requests;
    expect(sent).toBeLessThan(RECORDS);

    const continued = await gleaner(command, options);
    expect(continued.code).toBe(0);
    const run = readRun(out);
    expect(accountFor(run).ids).toHaveLength(RECORDS);
    expect(readFileSync(join(out, 'results.jsonl')).subarray(0, before.length).equals(before)).toBe(true);
    // What could not be written down is asked for again: the calls in flight then, no more.
    expect(emulator.stats().requests).toBeLessThanOrEqual(RECORDS + 16);
  },
);

test.skipIf(!canMount)(
  'a full disk: exit 3, no half line; with room again, the same command finishes the run',
  async () => {
    const { directory, emulator, out, env, command } = await prepare();
    mkdirSync(out);
    const kept = join(directory, 'kept');
    const script = [
      'out=$1; kept=$2; shift 2',
      'mount -t tmpfs -o size=96k tmpfs "$out" || exit 99',
      '"$@"; echo "first $?" >&2',
      'cp -r "$out" "$kept"',
      'mount -o remount,size=32m "$out"',
      '"$@"; code=$?',
      'cp -r "$out" "$kept-2"; exit $code',
    ].join('\n');
    const program = ['unshare', '-m', 'bash', '-c', script, 'bash', out, kept];
    const { code, stderr } = await surrounded(program, command, { cwd: directory, env });
    expect(stderr).toContain('the disk is full (ENOSPC)');
    expect(stderr).toContain('first 3');
    expect(stderr).not.toMatch(/\n\s+at /);
    expect(code).toBe(0);
    expectWholeLines(kept);
    expect(accountFor(readRun(`${kept}-2`)).ids).toHaveLength(RECORDS);
    expect(emulator.stats().requests).toBeLessThanOrEqual(RECORDS + 16);
  },
);

test.skipIf(!canBeNobody)('a directory that may not be written: exit 2 before anything is sent', async () => {
  const { directory, emulator, out, env, command } = await prepare();
  mkdirSync(out);
  chmodSync(out, 0o555);
  const { code, stderr } = await surrounded(asNobody, command, { cwd: directory, env });
  expect(stderr).toContain('permission denied (EACCES)');
  expect(stderr).toContain(out);
  expect(code).toBe(2);
  expect(emulator.stats().requests).toBe(0);
  expect(readdirSync(out)).toEqual([]);
});

test.skipIf(!canBeNobody)(
  'a directory that becomes read-only: exit 3, and the same command finishes the run without a call',
  async () => {
    const { directory, emulator, out, env, command } = await prepare(10);
    mkdirSync(out);
    chmodSync(out, 0o777);
    const running = surrounded(asNobody, command, { cwd: directory, env });
    await untilSize(join(out, 'results.jsonl'), 2000);
    chmodSync(out, 0o555);
    const { code, stderr } = await running;
    expect(stderr).toContain('permission denied (EACCES)');
    expect(stderr).toContain('the same command continues');
    expect(code).toBe(3);
    expectWholeLines(out);

    chmodSync(out, 0o777);
    const sent = emulator.stats().requests;
    const continued = await surrounded(asNobody, command, { cwd: directory, env });
    expect(continued.code).toBe(0);
    expect(accountFor(readRun(out)).ids).toHaveLength(RECORDS);
    expect(emulator.stats().requests).toBe(sent);
  },
);

test('a directory that vanishes: the run stops instead of paying for what nobody will see', async () => {
  const { directory, emulator, out, env, command } = await prepare(500);
  const running = startGleaner(command, { cwd: directory, env });
  await untilSize(join(out, 'results.jsonl'), 2000);
  rmSync(out, { recursive: true });
  const { code, stderr } = await running.done;
  // Its files go one after the other, and the lock may be missed before the directory is.
  expect(stderr).toMatch(/run: the directory was moved, removed or replaced|run\.lock: it was removed/);
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(code).toBe(3);
  expect(existsSync(out)).toBe(false);
  // 300 records would take ten rounds of half a second.
  expect(emulator.stats().requests).toBeLessThan(RECORDS);

  const anew = await gleaner([...command, '--limit', '10'], { cwd: directory, env });
  expect(anew.code).toBe(0);
  expect(accountFor(readRun(out)).ids).toHaveLength(10);
});

test('a directory that is moved away and copied back: exit 3, and what was paid until then stands in the one that was moved', async () => {
  const { directory, emulator, out, env, command } = await prepare(50);
  const running = startGleaner(command, { cwd: directory, env });
  await untilSize(join(out, 'results.jsonl'), 2000);
  renameSync(out, `${out}.bak`);
  cpSync(`${out}.bak`, out, { recursive: true });
  const { code, stderr } = await running.done;
  expect(stderr).toContain('the directory was moved, removed or replaced');
  expect(code).toBe(3);
  // Nothing claims what is not there.
  expect(existsSync(join(out, 'usage.json'))).toBe(false);

  rmSync(out, { recursive: true });
  renameSync(`${out}.bak`, out);
  const continued = await gleaner(command, { cwd: directory, env });
  expect(continued.code).toBe(0);
  expect(accountFor(readRun(out)).ids).toHaveLength(RECORDS);
  const { unsettled } = readRun(out).usage.calls;
  expect(emulator.stats().requests).toBeLessThanOrEqual(RECORDS + unsettled);
});

test('a results file that is a directory: exit 2 before anything is sent', async () => {
  const { directory, emulator, out, env, command } = await prepare();
  mkdirSync(join(out, 'results.jsonl'), { recursive: true });
  const { code, stderr } = await gleaner(command, { cwd: directory, env });
  expect(stderr).toContain(join(out, 'results.jsonl'));
  expect(stderr).toContain('is a directory');
  expect(code).toBe(2);
  expect(emulator.stats().requests).toBe(0);
});

test('a results file that is replaced, as some programs save: exit 3, and nothing is lost once it is put back', async () => {
  const { directory, emulator, out, env, command } = await prepare(10);
  const results = join(out, 'results.jsonl');
  const running = startGleaner(command, { cwd: directory, env });
  await untilSize(results, 2000);
  renameSync(results, join(directory, 'aside'));
  mkdirSync(results);
  const { code, stderr } = await running.done;
  expect(stderr).toContain('it was removed or replaced');
  expect(code).toBe(3);

  const refused = await gleaner(command, { cwd: directory, env });
  expect(refused.code).toBe(2);
  rmSync(results, { recursive: true });
  renameSync(join(directory, 'aside'), results);
  const continued = await gleaner(command, { cwd: directory, env });
  expect(continued.code).toBe(0);
  const run = readRun(out);
  expect(accountFor(run).ids).toHaveLength(RECORDS);
  // It is noticed at the end, or on the way where the machine is slow: then with calls open.
  expect(emulator.stats().requests).toBeLessThanOrEqual(RECORDS + run.usage.calls.unsettled);
});
