import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { witnessLines } from '../../src/store/witness-lines.ts';
import { temporaryDirectory } from './temporary-directory.ts';

function logOf(lines: readonly string[]): { path: string; size: number } {
  const path = join(temporaryDirectory(), 'results.jsonl');
  const text = lines.map((line) => `${line}\n`).join('');
  writeFileSync(path, text);
  return { path, size: Buffer.byteLength(text) };
}

function indexOf(line: string): number {
  return (JSON.parse(line) as { index: number }).index;
}

test('all lines of a short log are witnesses, and none that was added later', () => {
  const lines = Array.from({ length: 50 }, (_, index) => JSON.stringify({ index, text: 'Grüße' }));
  const { path, size } = logOf(lines);
  appendFileSync(path, '{"index":50}\n');
  expect(witnessLines(path, size)).toEqual(lines);
});

test('a change of one record in a hundred shows, wherever in the log the changed ones are', () => {
  const lines = Array.from({ length: 20_000 }, (_, index) => JSON.stringify({ index, text: 'x'.repeat(300) }));
  const { path, size } = logOf(lines);
  const indices = witnessLines(path, size).map((line) => indexOf(line));
  for (let hundred = 0; hundred < 100; hundred += 1) {
    expect(indices.filter((index) => Math.floor(index / 200) === hundred).length).toBeGreaterThanOrEqual(8);
  }
  const again = witnessLines(path, size).map((line) => indexOf(line));
  expect(again).not.toEqual(indices);
});

test('witnesses are whole lines, whatever the lengths of lines, and the places that are looked at', () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.nat(200), fc.integer({ min: 1000, max: 60_000 }), fc.constant(1_100_000)), {
        maxLength: 30,
      }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (lengths, at) => {
        const lines = lengths.map((length, index) => JSON.stringify({ index, text: 'ä'.repeat(length) }));
        const { path, size } = logOf(lines);
        const whole = new Set(lines);
        expect(witnessLines(path, size, () => at).filter((line) => !whole.has(line))).toEqual([]);
      },
    ),
    { numRuns: 10 },
  );
});

test('a log that is shorter than it was has no witnesses', () => {
  const { path, size } = logOf(['{"index":0}']);
  expect(witnessLines(path, size + 1)).toEqual([]);
});
