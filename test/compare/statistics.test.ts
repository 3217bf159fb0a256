import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { chiSquareTest } from '../../src/compare/chi-square.ts';
import { correctForMany } from '../../src/compare/correct-for-many.ts';
import { upperGamma } from '../../src/compare/incomplete-gamma.ts';
import { kolmogorovSmirnov } from '../../src/compare/kolmogorov-smirnov.ts';
import { stabilityIndex } from '../../src/compare/stability-index.ts';

// The quantiles that every table of the chi-square distribution has.
test.each([
  { freedom: 1, statistic: 3.8415, chance: 0.05 },
  { freedom: 1, statistic: 10.8276, chance: 0.001 },
  { freedom: 4, statistic: 9.4877, chance: 0.05 },
  { freedom: 10, statistic: 23.2093, chance: 0.01 },
  { freedom: 100, statistic: 124.3421, chance: 0.05 },
])(
  'upperGamma knows the chi-square distribution of $freedom degrees at $statistic',
  ({ freedom, statistic, chance }) => {
    expect(upperGamma(freedom / 2, statistic / 2)).toBeCloseTo(chance, 5);
  },
);

describe('chiSquareTest', () => {
  test('of a table that is worked out by hand', () => {
    // Expected 25 in each of four cells that are 5 off, 4.5 with Yates' correction: 4 * 20.25 / 25 = 3.24, one degree of freedom.
    expect(chiSquareTest([30, 20], [20, 30])).toBeCloseTo(0.0719, 4);
    // Expected 20 in each of six cells, four of which are 10 off: 4 * 100 / 20 = 20, two degrees of freedom: e to the -10.
    expect(chiSquareTest([30, 20, 10], [10, 20, 30])).toBeCloseTo(Math.exp(-10), 8);
  });

  test('takes rare categories together, and says nothing of too few', () => {
    expect(chiSquareTest([50, 50, 3, 0, 4], [50, 50, 4, 3, 0])).toBe(1);
    expect(chiSquareTest([3, 1], [1, 3])).toBeUndefined();
    expect(chiSquareTest([0, 0], [10, 20])).toBeUndefined();
  });
});

test('kolmogorovSmirnov of two samples, by the critical distance for 5 % (1.358 of the root of both sizes)', () => {
  const uniform = Array.from({ length: 100 }, (_, value) => [value, 100] as const);
  const shifted = (by: number) => uniform.map(([value, count]) => [value + by, count] as const);
  expect(kolmogorovSmirnov(uniform, uniform)).toEqual({ distance: 0, probability: 1 });
  expect(kolmogorovSmirnov(uniform, shifted(2))?.distance).toBeCloseTo(0.02, 10);
  expect(kolmogorovSmirnov(uniform, shifted(2))?.probability).toBeCloseTo(0.0366, 2);
  expect(kolmogorovSmirnov(uniform, shifted(10))?.probability).toBeLessThan(1e-20);
  expect(kolmogorovSmirnov([], uniform)).toBeUndefined();
});

test('stabilityIndex is nothing between equal shares, and the sum of weighted differences elsewhere', () => {
  expect(stabilityIndex([10, 20], [100, 200])).toBeCloseTo(0, 10);
  expect(stabilityIndex([50, 50], [25, 75])).toBeCloseTo(0.25 * Math.log(2) + 0.25 * Math.log(1.5), 10);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(500)), { minLength: 1 }), (pairs) => {
      const [first, second] = [pairs.map(([count]) => count), pairs.map(([, count]) => count)];
      expect(stabilityIndex(first, second)).toBeGreaterThanOrEqual(0);
      expect(stabilityIndex(first, second)).toBeCloseTo(stabilityIndex(second, first), 8);
    }),
  );
});

test('correctForMany multiplies the smallest the most, and keeps the order', () => {
  const corrected = correctForMany([0.01, 0.04, 0.03]);
  expect(corrected).toEqual([expect.closeTo(0.03), expect.closeTo(0.06), expect.closeTo(0.06)]);
  expect(correctForMany([])).toEqual([]);
});
