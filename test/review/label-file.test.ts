import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LabelFile } from '../../src/review/label-file.ts';

const label = (id: string): { id: string; path: string; value: number; by: string; at: string } => ({
  id,
  path: '/total',
  value: 7,
  by: 'anna',
  at: '2031-04-17T06:00:00.000Z',
});

function fileOf(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'labels-')), 'labels.jsonl');
  writeFileSync(path, text);
  return path;
}

const whole = `${JSON.stringify(label('a'))}\n`;

test.each([
  ['behind a whole line', whole, ['a', 'c']],
  ['at the beginning', '', ['c']],
])('a line that a kill left unfinished %s is cut before the next label', (_place, before, ids) => {
  const path = fileOf(`${before}{"id":"b","pa`);
  new LabelFile(path).append(label('c'));
  expect([...new LabelFile(path).ids()]).toEqual(ids);
  expect(readFileSync(path, 'utf8')).toBe(`${before}${JSON.stringify(label('c'))}\n`);
});

test('a last label that lacks its newline only counts, and is kept', () => {
  const path = fileOf(whole + JSON.stringify(label('b')));
  const read = new LabelFile(path);
  expect([...read.ids()]).toEqual(['a', 'b']);
  expect(read.of('b').map((one) => read.lineOf(one))).toEqual([2]);
  new LabelFile(path).append(label('c'));
  expect([...new LabelFile(path).ids()]).toEqual(['a', 'b', 'c']);
});

test.each([{ path: 'total' }, { by: undefined }, { at: undefined }, { id: undefined }, { value: undefined }])(
  'a line that is no label is refused by its number: %o',
  (change) => {
    const path = fileOf(`${whole}${JSON.stringify({ ...label('b'), ...change })}\n`);
    expect(() => new LabelFile(path)).toThrow('line 2 is no label; it must hold id, value, by, at');
  },
);

test('a line that is no JSON is refused by its number, with what to do', () => {
  const path = fileOf(`${whole}garbage\n${whole}`);
  expect(() => new LabelFile(path)).toThrow(/line 2 is no label; .*Mend the line, or take it out/);
});
