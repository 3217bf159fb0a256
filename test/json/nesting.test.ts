import { expect, test } from 'vitest';
import { isDeeperThan } from '../../src/json/nesting.ts';

test('isDeeperThan() counts arrays and objects inside each other, and needs no stack for it', () => {
  expect(isDeeperThan(1, 0)).toBe(false);
  expect(isDeeperThan([1, { a: 2 }], 2)).toBe(false);
  expect(isDeeperThan([1, { a: [] }], 2)).toBe(true);
  expect(isDeeperThan(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)), 1_000)).toBe(true);
});
