import { expect, test } from 'vitest';
import fc from 'fast-check';
import { formatCount, formatDecimal, formatDuration, formatUsd } from '../../src/text/format.ts';

test.each([
  { value: 0, text: '0' },
  { value: 999, text: '999' },
  { value: 1000, text: '1,000' },
  { value: 1_234_567, text: '1,234,567' },
])('formatCount writes $text', ({ value, text }) => {
  expect(formatCount(value)).toBe(text);
});

test('formatDecimal writes numbers as the language does', () => {
  const decimals = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), decimals, decimals, (digits, places, least) => {
      const value = digits / 10 ** places;
      expect(formatDecimal(value, 6, least)).toBe(
        value.toLocaleString('en-US', { minimumFractionDigits: least, maximumFractionDigits: 6 }),
      );
    }),
  );
});

test.each([
  { usd: 0, text: '$0.00' },
  { usd: 0.000001, text: '$0.000001' },
  { usd: 0.0012345, text: '$0.001235' },
  { usd: 0.01, text: '$0.0100' },
  { usd: 0.98765, text: '$0.9877' },
  { usd: 1, text: '$1.00' },
  { usd: 12_345.678, text: '$12,345.68' },
])('formatUsd writes $text', ({ usd, text }) => {
  expect(formatUsd(usd)).toBe(text);
});

test.each([
  { ms: 0, text: '0 ms' },
  { ms: 950, text: '950 ms' },
  { ms: 999.4, text: '999 ms' },
  { ms: 999.6, text: '1.0 s' },
  { ms: 1000, text: '1.0 s' },
  { ms: 12_340, text: '12.3 s' },
  { ms: 59_949, text: '59.9 s' },
  { ms: 59_960, text: '1 min 00 s' },
  { ms: 245_000, text: '4 min 05 s' },
  { ms: 3_599_900, text: '59 min 59 s' },
  { ms: 3_600_000, text: '1 h 00 min' },
  { ms: 11_220_000, text: '3 h 07 min' },
  { ms: 360_000_000, text: '100 h 00 min' },
])('formatDuration writes $ms ms as $text', ({ ms, text }) => {
  expect(formatDuration(ms)).toBe(text);
});
