import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, writeFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppendLog } from '../../src/files/append-log.ts';
import { childArguments, childDirectory, childProgram } from '../store/child-program.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('AppendLog hands lines over at a flush, in order, and goes on where it ended', () => {
  const path = join(temporaryDirectory(), 'log.jsonl');
  const log = new AppendLog(path);
  log.append({ n: 1 });
  log.append({ n: 2, text: 'two\nlines' });
  expect(readFileSync(path, 'utf8')).toBe('');
  log.flush();
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2,"text":"two\\nlines"}\n');
  log.append({ n: 3 });
  log.close();
  const again = new AppendLog(path);
  expect(again.tornBytes).toBe(0);
  again.append({ n: 4 });
  again.close();
  expect(readFileSync(path, 'utf8')).toBe('{"n":1}\n{"n":2,"text":"two\\nlines"}\n{"n":3}\n{"n":4}\n');
});

test('AppendLog cuts off a last line that was torn at any byte, and nothing else', () => {
  const directory = temporaryDirectory();
  const whole = '{"id":"a"}\n{"id":"Größe 😀"}\n';
  const last = Buffer.from('{"id":"日本","data":{"total":1.5}}\n');
  for (let cut = 0; cut <= last.length; cut += 1) {
    const path = join(directory, `${cut}.jsonl`);
    writeFileSync(path, whole);
    appendFileSync(path, last.subarray(0, cut));
    const log = new AppendLog(path);
    const isWhole = cut === last.length;
    expect(log.tornBytes).toBe(isWhole ? 0 : cut);
    log.append({ id: 'next' });
    log.close();
    expect(readFileSync(path, 'utf8')).toBe(`${whole}${isWhole ? last.toString() : ''}{"id":"next"}\n`);
  }
});

test.each([
  { name: 'only a torn line', before: '', torn: '{"id":' },
  { name: 'a torn line after more than is read at once', before: '{"id":"a"}\n'.repeat(20_000), torn: '{"id":' },
  { name: 'zeros, as a power loss leaves them', before: '{"id":"a"}\n', torn: '\0'.repeat(5000) },
  { name: 'a torn line longer than what is read at once', before: '{"id":"a"}\n', torn: 'x'.repeat(200_000) },
  { name: 'a torn line of exactly one read', before: '\n', torn: 'x'.repeat(64 * 1024) },
  { name: 'a long torn line and nothing before', before: '', torn: 'x'.repeat(64 * 1024 * 2) },
])('AppendLog cuts off $name', ({ before, torn }) => {
  const path = join(temporaryDirectory(), 'log.jsonl');
  writeFileSync(path, before + torn);
  const log = new AppendLog(path);
  expect(log.tornBytes).toBe(torn.length);
  log.close();
  expect(readFileSync(path, 'utf8')).toBe(before);
});

test.skipIf(process.platform === 'win32')(
  'AppendLog leaves no half line when the file may not grow any further',
  () => {
    const path = join(temporaryDirectory(), 'log.jsonl');
    writeFileSync(path, '{"id":"before"}\n');
    const body = `
    process.on('SIGXFSZ', () => undefined);
    const log = new AppendLog(${JSON.stringify(path)});
    const text = 'x'.repeat(100);
    const errors = [];
    for (const batch of [10, 200, 1]) {
      for (let n = 0; n < batch; n += 1) log.append({ batch, text });
      try { log.flush(); } catch (error) { errors.push([error.name, error.code, error.message]); }
    }
    log.close();
    console.log(JSON.stringify(errors));
  `;
    const program = childProgram('files/append-log.ts', 'AppendLog', body);
    // Files may grow to 8 blocks: the write beyond is cut short there, and only its rest is refused.
    const command = 'ulimit -f 8 && exec "$0" "$@"';
    const output = execFileSync('sh', ['-c', command, process.execPath, ...childArguments(program)], {
      cwd: childDirectory,
      encoding: 'utf8',
    });
    const failure = ['StoreError', 'EFBIG', `Cannot write to ${path}: the file would exceed the allowed size (EFBIG)`];
    // One more line would find room, but not those that are missing before it.
    expect(JSON.parse(output)).toEqual([failure, failure]);
    const lines = readFileSync(path, 'utf8').split('\n');
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as object)).toEqual([
      { id: 'before' },
      ...Array.from({ length: 10 }, () => ({ batch: 10, text: 'x'.repeat(100) })),
    ]);
  },
);

test.skipIf(process.platform !== 'linux')('AppendLog says that the disk is full', () => {
  const path = '/dev/full';
  const log = new AppendLog(path);
  log.append({ id: 'a' });
  expect(() => log.flush()).toThrow(`Cannot write to ${path}: the disk is full (ENOSPC)`);
  log.append({ id: 'b' });
  expect(() => log.close()).toThrow(`Cannot write to ${path}: the disk is full (ENOSPC)`);
});

test.each([
  {
    name: 'a directory',
    prepare: (path: string) => void mkdirSync(path),
    message: 'it is a directory (EISDIR)',
  },
  { name: 'in no directory', prepare: () => undefined, message: 'no such file or directory (ENOENT)', below: 'absent' },
])('AppendLog says what hinders it from opening a log that is $name', ({ prepare, message, below }) => {
  const path = join(temporaryDirectory(), below ?? '', 'log.jsonl');
  prepare(path);
  expect(() => new AppendLog(path)).toThrow(`Cannot open ${path}: ${message}`);
});

test('AppendLog asks the disk to save only what is new', async () => {
  const path = join(temporaryDirectory(), 'log.jsonl');
  const log = new AppendLog(path);
  await log.sync();
  log.append({ id: 'a' });
  log.flush();
  await log.sync();
  log.close();
  expect(readFileSync(path, 'utf8')).toBe('{"id":"a"}\n');
});

test.skipIf(process.platform === 'win32')('AppendLog writes through no link', () => {
  const directory = temporaryDirectory();
  const target = join(directory, 'target');
  writeFileSync(target, 'precious, and no whole line');
  symlinkSync(target, join(directory, 'log.jsonl'));
  expect(() => new AppendLog(join(directory, 'log.jsonl'))).toThrow('it is a symbolic link (ELOOP)');
  expect(readFileSync(target, 'utf8')).toBe('precious, and no whole line');
});
