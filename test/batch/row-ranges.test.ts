import fc from 'fast-check';
import { expect, it } from 'vitest';
import { RowRanges } from '../../src/batch/row-ranges.ts';

it('holds the rows that were added, in whatever order, in ranges that do not touch', () => {
  const rows = fc.array(fc.nat(30), { maxLength: 40 });
  fc.assert(
    fc.property(rows, (added) => {
      const ranges = new RowRanges();
      for (const row of added) ranges.add(row);
      for (let row = 0; row <= 31; row += 1) expect(ranges.has(row)).toBe(added.includes(row));
      for (const [at, [first, last]] of ranges.ranges.entries()) {
        expect(first).toBeLessThanOrEqual(last);
        const next = ranges.ranges[at + 1];
        if (next !== undefined) expect(next[0]).toBeGreaterThan(last + 1);
      }
      expect(ranges.last).toBe(Math.max(-1, ...added));
    }),
  );
});

it('takes its first rows', () => {
  const ranges = new RowRanges([
    [2, 4],
    [7, 9],
  ]);
  expect(ranges.take(4).ranges).toEqual([
    [2, 4],
    [7, 7],
  ]);
});
