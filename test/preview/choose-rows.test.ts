import fc from 'fast-check';
import { expect, test } from 'vitest';
import { chooseRows, type Choice } from '../../src/preview/choose-rows.ts';
import type { SourceRow } from '../../src/records/record.ts';

async function* rows(count: number): AsyncGenerator<SourceRow> {
  for (let index = 0; index < count; index += 1)
    yield { kind: 'record', index, line: index + 2, fields: { id: `r${index}` } };
}

const choose = async (count: number, choice: Choice): Promise<number[]> => {
  const chosen = await chooseRows(rows(count), choice, (row) => `r${row.index}`);
  return chosen.map(({ index }) => index);
};

test('chooseRows takes the first row, the one on a line, or the one with an id', async () => {
  expect(await choose(9, { kind: 'first' })).toEqual([0]);
  expect(await choose(9, { kind: 'line', line: 5 })).toEqual([3]);
  expect(await choose(9, { kind: 'id', id: 'r7' })).toEqual([7]);
  expect(await choose(9, { kind: 'id', id: 'r9' })).toEqual([]);
  expect(await choose(0, { kind: 'first' })).toEqual([]);
});

test('a sample has its size, no row twice, the order of the input, and is the same again', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(200), fc.integer({ min: 1, max: 50 }), fc.nat(), async (count, size, seed) => {
      const sample: Choice = { kind: 'sample', size, seed };
      const taken = await choose(count, sample);
      expect(taken).toHaveLength(Math.min(count, size));
      expect(taken).toEqual([...new Set(taken)].sort((left, right) => left - right));
      expect(await choose(count, sample)).toEqual(taken);
    }),
    { numRuns: 50 },
  );
});

test('a sample takes each row as often as any other', async () => {
  const times = Array.from({ length: 10 }, () => 0);
  for (let seed = 0; seed < 2000; seed += 1)
    for (const index of await choose(10, { kind: 'sample', size: 3, seed })) times[index] = (times[index] ?? 0) + 1;
  // 600 each, with a standard deviation of 20.
  for (const count of times) expect(Math.abs(count - 600)).toBeLessThan(100);
});
