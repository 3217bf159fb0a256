import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
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

test.skipIf(process.platform !== 'linux')('writeFileAtomically keeps the old content when the disk is full', () => {
  const directory = temporaryDirectory();
  const path = join(directory, 'usage.json');
  writeFileAtomically(path, 'old');
  symlinkSync('/dev/full', `${path}.tmp`);
  expect(() => writeFileAtomically(path, 'new')).toThrow(`Cannot write ${path}: the disk is full (ENOSPC)`);
  expect(readFileSync(path, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['usage.json']);
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
