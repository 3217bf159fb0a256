import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readJsonLines } from '../../src/files/read-json-lines.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

function read(content: string | Buffer): object[] {
  const path = join(temporaryDirectory(), 'lines.jsonl');
  writeFileSync(path, content);
  return [...readJsonLines(path)];
}

test('readJsonLines yields each object, and nothing of a torn last line', () => {
  expect(read('{"a":1}\n{"b":"x\\ny"}\r\n{"c":')).toEqual([{ a: 1 }, { b: 'x\ny' }]);
  expect(read('')).toEqual([]);
  expect(read('{"torn":true}')).toEqual([]);
});

test('readJsonLines yields nothing where there is no file', () => {
  expect([...readJsonLines(join(temporaryDirectory(), 'absent.jsonl'))]).toEqual([]);
});

test('readJsonLines reads lines and characters that lie across the ends of what is read at once', () => {
  const chunk = 1024 * 1024;
  // The filler puts a line whose every character has four bytes at each offset around the end of the first chunk.
  for (let offset = -12; offset <= 4; offset += 1) {
    const filler = { filler: 'x'.repeat(chunk + offset - '{"filler":""}\n'.length) };
    const lines = [filler, { face: '😀😀' }, { last: true }];
    expect(read(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))).toEqual(lines);
  }
});

test('readJsonLines reads a line of many chunks and the short ones around it', () => {
  const lines = [{ n: 1 }, { text: 'é'.repeat(2_500_000) }, { n: 2 }];
  expect(read(lines.map((line) => `${JSON.stringify(line)}\n`).join(''))).toEqual(lines);
});

test('readJsonLines does not see what an earlier chunk left in its memory', () => {
  const chunk = 1024 * 1024;
  const line = `${JSON.stringify({ n: 1, filler: 'x'.repeat(100) })}\n`;
  const count = Math.ceil((1.5 * chunk) / line.length);
  expect(read(line.repeat(count))).toHaveLength(count);
});

test.each([
  { name: 'no JSON', content: '{"a":1}\n{"a":\n{"a":3}\n', line: 2 },
  { name: 'an empty line', content: '{"a":1}\n{"a":2}\n\n', line: 3 },
  { name: 'no object', content: '[1]\n', line: 1 },
  { name: 'null', content: '{"a":1}\nnull\n', line: 2 },
])('readJsonLines names the line that is $name, and none of its content', ({ content, line }) => {
  const path = join(temporaryDirectory(), 'lines.jsonl');
  writeFileSync(path, content);
  expect(() => [...readJsonLines(path)]).toThrow(
    `Cannot read ${path}: line ${line} is no JSON object; restore the file or start a new run directory`,
  );
});

test('readJsonLines yields what stands before a broken line', () => {
  const path = join(temporaryDirectory(), 'lines.jsonl');
  writeFileSync(path, '{"a":1}\nbroken\n');
  const lines = readJsonLines(path);
  expect(lines.next().value).toEqual({ a: 1 });
  expect(() => lines.next()).toThrow('line 2 is no JSON object');
});

test('readJsonLines says what hinders it', () => {
  const directory = temporaryDirectory();
  mkdirSync(join(directory, 'lines.jsonl'));
  writeFileSync(join(directory, 'file'), '');
  expect(() => [...readJsonLines(join(directory, 'lines.jsonl'))]).toThrow(
    `Cannot read ${join(directory, 'lines.jsonl')}: it is a directory (EISDIR)`,
  );
  expect(() => [...readJsonLines(join(directory, 'file', 'lines.jsonl'))]).toThrow(
    'a part of the path is no directory (ENOTDIR)',
  );
});
