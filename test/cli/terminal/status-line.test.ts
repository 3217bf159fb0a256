import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { statusLine, type StatusFigures } from '../../../src/cli/terminal/status-line.ts';

const figures: StatusFigures = {
  ended: 1059,
  total: 10_000,
  recordsPerSecond: 48.25,
  wait: undefined,
  rejected: 2,
  failed: 0,
  tokens: 1_234_567,
  usd: 0.0201,
  concurrencyLimit: 16,
};

describe('statusLine', () => {
  test.each([
    [5, ''],
    [20, '1,059/10,000  48.3/s'],
    [40, '1,059/10,000  48.3/s  3 min 05 s left'],
    [60, '1,059/10,000  48.3/s  3 min 05 s left  2 rejected'],
    [80, '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201'],
    [88, '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201'],
    [90, '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201  [=         ]'],
    [100, '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201  [==                  ]'],
    [
      110,
      '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201  16 at a time  [=               ]',
    ],
    [
      200,
      '1,059/10,000  48.3/s  3 min 05 s left  2 rejected  1,234,567 tokens  $0.0201  16 at a time  [====                                    ]',
    ],
  ])('at %i columns', (width, line) => expect(statusLine(figures, width)).toBe(line));

  test('has a bar at 80 columns in a small run', () => {
    const small = { ...figures, ended: 28, total: 313, rejected: 0, tokens: 14_483, usd: 0.00794 };
    expect(statusLine(small, 79)).toMatch(/^28\/313 .* 14,483 tokens {2}\$0\.007940 {2}\[=+ +\]$/);
  });

  test('never exceeds the width, and drops figures from the end only', () => {
    const widest = statusLine(figures, 1000).replace(/ {2}\[.*$/, '');
    fc.assert(
      fc.property(fc.nat(250), (width) => {
        const line = statusLine(figures, width);
        expect(line.length).toBeLessThanOrEqual(width);
        expect(widest.startsWith(line.replace(/ {2}\[.*$/, ''))).toBe(true);
      }),
    );
  });

  test('has neither a bar nor a forecast while the total is not known', () => {
    expect(statusLine({ ...figures, total: undefined }, 120)).toBe(
      '1,059 records  48.3/s  2 rejected  1,234,567 tokens  $0.0201  16 at a time',
    );
  });

  test('has no forecast before anything has ended', () => {
    expect(statusLine({ ...figures, ended: 0, recordsPerSecond: 0 }, 40)).toBe('0/10,000  0.0/s  2 rejected');
  });

  test.each([
    { seconds: 12.2, text: '13 s left' },
    { seconds: 58, text: '58 s left' },
    { seconds: 61, text: '1 min 00 s left' },
    { seconds: 423, text: '7 min 05 s left' },
    { seconds: 1834, text: '31 min left' },
    { seconds: 11_220, text: '3 h 07 min left' },
  ])('forecasts $seconds seconds as $text', ({ seconds, text }) => {
    const line = statusLine({ ...figures, ended: 0, total: seconds * 10, recordsPerSecond: 10 }, 60);
    expect(line.split('  ')[2]).toBe(text);
  });

  test('an ended run has a full bar', () => {
    expect(statusLine({ ...figures, ended: 10_000 }, 200)).toMatch(/\[={40}\]$/);
  });
});
