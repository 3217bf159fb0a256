import { lstatSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFileAtomically } from '../../src/files/write-file-atomically.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

test('writeFileAtomically writes and replaces a file and leaves nothing else', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'usage.json');
  writeFileAtomically(path, 'first, longer');
  writeFileAtomically(path, 'zwölf 😀');
  expect(readFileSync(path, 'utf8')).toBe('zwölf 😀');
  expect(readdirSync(directory)).toEqual(['usage.json']);
});

test('writeFileAtomically keeps the old content when the disk is full', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'usage.json');
  writeFileAtomically(path, 'old');
  const content = function* (): Generator<string> {
    yield 'new';
    throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' });
  };
  expect(() => writeFileAtomically(path, content())).toThrow(`Cannot write ${path}: the disk is full (ENOSPC)`);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['usage.json']);
});

test.skipIf(process.platform === 'win32')('writeFileAtomically follows no link that was planted in its way', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'usage.json');
  writeFileSync(join(directory, 'victim'), 'precious');
  symlinkSync(join(directory, 'victim'), `${path}.tmp`);
  writeFileAtomically(path, 'new');
  expect(readFileSync(join(directory, 'victim'), 'utf8')).toBe('precious');
  expect(lstatSync(path).isFile()).toBe(true);
  expect(readdirSync(directory).sort()).toEqual(['usage.json', 'victim']);
});

test('writeFileAtomically says what hinders it, and leaves nothing behind', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'taken'));
  writeFileSync(join(directory, 'file'), '');
  const cases = [
    ['taken', 'it is a directory (EISDIR)'],
    [join('file', 'usage.json'), 'a part of the path is no directory (ENOTDIR)'],
    [join('absent', 'usage.json'), 'no such file or directory (ENOENT)'],
    ['x'.repeat(300), 'the name is too long (ENAMETOOLONG)'],
  ] as const;
  for (const [name, reason] of cases) {
    const path = join(directory, name);
    expect(() => writeFileAtomically(path, 'new')).toThrow(`Cannot write ${path}: ${reason}`);
  }
  expect(readdirSync(directory).sort()).toEqual(['file', 'taken']);
});
