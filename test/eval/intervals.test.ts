import { expect, test } from 'vitest';
import { mcNemar, rateOf } from '../../src/eval/intervals.ts';

// Values of the formulas worked out by hand, and of R's binom.test for the exact test.
test.each([
  [8, 10, 0.8, 0.490162, 0.943318],
  [0, 10, 0, 0, 0.277533],
  [10, 10, 1, 0.722467, 1],
  [147, 313, 0.469649, 0.415062, 0.524971],
])('%d of %d', (successes, trials, value, low, high) => {
  const rate = rateOf(successes, trials);
  expect(rate?.value).toBeCloseTo(value, 5);
  expect(rate?.low).toBeCloseTo(low, 4);
  expect(rate?.high).toBeCloseTo(high, 4);
});

test('no trial has no rate', () => {
  expect(rateOf(0, 0)).toBeUndefined();
});

test.each([
  [0, 0, 1],
  [5, 5, 1],
  [0, 5, 0.0625],
  [1, 9, 0.021484375],
  [10, 2, 0.03857421875],
])('records that only one of two has right: %d and %d', (first, second, probability) => {
  expect(mcNemar(first, second)).toBeCloseTo(probability, 10);
});
