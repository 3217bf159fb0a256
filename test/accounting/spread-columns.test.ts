import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FieldTally } from '../../src/accounting/field-tally.ts';
import { spreadColumns } from '../../src/accounting/spread-columns.ts';

function spreadOf(numbers: readonly number[]) {
  const tally = new FieldTally();
  for (const number of numbers) tally.add(number);
  const spread = tally.profile(numbers.length).numbers;
  if (spread === null) throw new Error('no numbers');
  return spread;
}

test('columns reach from the least number to the largest and lose none', () => {
  const numbers = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 2, maxLength: 80 });
  fc.assert(
    fc.property(numbers, (values) => {
      const { columns } = spreadColumns(spreadOf(values), 24);
      const [least, largest] = [Math.min(...values), Math.max(...values)];
      if (columns.length === 0) {
        expect(largest - least).toBeLessThan(1e-300);
        return;
      }
      expect([columns[0]?.from, columns.at(-1)?.to]).toEqual([least, largest]);
      expect(columns.reduce((sum, { count }) => sum + count, 0)).toBeCloseTo(values.length, 6);
    }),
    { numRuns: 300 },
  );
});

test('numbers of one size have equally wide columns, and a long tail has growing ones', () => {
  const even = Array.from({ length: 1000 }, (_, index) => 100 + index);
  const linear = spreadColumns(spreadOf(even), 10);
  expect(linear.isLogarithmic).toBe(false);
  for (const { count } of linear.columns) expect(Math.abs(count - 100)).toBeLessThan(25);
  const tail = spreadColumns(spreadOf([...even.map((value) => value / 100), 100_000]), 10);
  expect(tail.isLogarithmic).toBe(true);
  expect(tail.columns.filter(({ count }) => count > 0).length).toBeGreaterThan(2);
  expect(spreadColumns(spreadOf([7, 7, 7]), 10).columns).toEqual([]);
});
