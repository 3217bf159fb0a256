import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffDelayMs } from '../../src/pacing/backoff.ts';

test.each([
  { retry: 0, random: 0.5, delayMs: 500 },
  { retry: 1, random: 0.5, delayMs: 1000 },
  { retry: 3, random: 0.25, delayMs: 2000 },
  { retry: 6, random: 0.5, delayMs: 30_000 },
  { retry: 5000, random: 0.5, delayMs: 30_000 },
  { retry: 4, random: 0, delayMs: 0 },
])('backoffDelayMs waits $delayMs ms before retry $retry at $random', ({ retry, random, delayMs }) => {
  expect(backoffDelayMs(retry, { random: () => random })).toBe(delayMs);
});

test('backoffDelayMs is the random share of a bound that doubles up to the cap', () => {
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const ms = fc.integer({ min: 1, max: 100_000 });
  fc.assert(
    fc.property(fc.nat(40), share, ms, ms, (retry, random, baseMs, capMs) => {
      const delayMs = backoffDelayMs(retry, { baseMs, capMs, random: () => random });
      expect(delayMs).toBe(random * Math.min(capMs, baseMs * 2 ** retry));
      expect(delayMs).toBeLessThanOrEqual(capMs);
    }),
  );
});

test('backoffDelayMs spreads over the whole range by default', () => {
  const delays = Array.from({ length: 1000 }, () => backoffDelayMs(10));
  expect(Math.min(...delays)).toBeLessThan(6000);
  expect(Math.max(...delays)).toBeGreaterThan(54_000);
});
