import { describe, expect, it } from 'vitest';
import { AttemptCounter } from '../../src/emulator/service/attempt-counter.ts';
import { findDates } from '../../src/emulator/answers/dates.ts';
import { findAmounts, findLabelledAmount } from '../../src/emulator/answers/money.ts';
import { Quota } from '../../src/emulator/service/quota.ts';
import { fraction, hashText } from '../../src/emulator/answers/random.ts';
import { countTokens } from '../../src/emulator/service/token-count.ts';
import { TokenBucket } from '../../src/emulator/service/token-bucket.ts';

describe('a token bucket', () => {
  it('is full at first and refills steadily', () => {
    const bucket = new TokenBucket(60, 0);
    expect(bucket.has(60, 0)).toBe(true);
    bucket.take(60);
    expect(bucket.has(1, 999)).toBe(false);
    expect(bucket.has(1, 1000)).toBe(true);
    expect(bucket.has(31, 30_000)).toBe(false);
    expect(bucket.has(60, 600_000)).toBe(true);
  });

  it('lets nobody in while overdrawn, but serves even what is larger than itself', () => {
    const bucket = new TokenBucket(60, 0);
    expect(bucket.has(1000, 0)).toBe(true);
    bucket.take(1000);
    expect(bucket.has(1, 60_000)).toBe(false);
    expect(bucket.has(1000, 16 * 60_000)).toBe(false);
    expect(bucket.has(1000, 17 * 60_000)).toBe(true);
  });
});

describe('a quota', () => {
  it('takes the prompt at once and the output when it is known, for each model and consumption option apart', () => {
    const quota = new Quota(() => ({ requestsPerMinute: undefined, tokensPerMinute: 100 }));
    expect(quota.admit('a', 'X', 40, 0)).toBe(true);
    expect(quota.admit('a', 'X', 40, 0)).toBe(true);
    expect(quota.admit('a', 'X', 40, 0)).toBe(false);
    quota.charge('a', 'X', 20);
    expect(quota.admit('a', 'X', 1, 0)).toBe(false);
    expect(quota.admit('a', 'Y', 100, 0)).toBe(true);
    expect(quota.admit('b', 'X', 100, 0)).toBe(true);
  });
});

describe('the attempt counter', () => {
  it('remembers the prompts seen last', () => {
    const counter = new AttemptCounter(2);
    expect([counter.next(1), counter.next(2), counter.next(1), counter.next(3)]).toEqual([1, 1, 2, 1]);
    expect(counter.next(1)).toBe(3);
    expect(counter.next(2)).toBe(1);
  });
});

describe('random draws', () => {
  it('are even, and depend on every part', () => {
    const draws = Array.from({ length: 10_000 }, (_, index) => fraction(1, hashText(`record ${index}`), 1));
    for (let tenth = 0; tenth < 10; tenth++) {
      const share = draws.filter((draw) => Math.floor(draw * 10) === tenth).length;
      expect(share).toBeGreaterThan(850);
      expect(share).toBeLessThan(1150);
    }
    expect(fraction(1, 2)).not.toBe(fraction(2, 1));
    expect(fraction(1, 2)).not.toBe(fraction(1, 2 + 4294967296));
  });
});

describe('tokens', () => {
  it.each([
    ['', 0],
    ['1234567890', 10],
    ['hello', 1],
    ['The quick brown fox jumps over the lazy dog', 7],
    ['東京都', 2],
    ['a,b;c', 2],
  ])('%j', (text, tokens) => {
    expect(countTokens(text)).toBe(tokens);
  });
});

describe('dates', () => {
  it.each([
    ['on 25/12/2018 at', '25/12/2018', '2018-12-25'],
    ['12-01-19 21:13', '12-01-19', '2019-01-12'],
    ['2026-02-28T10:00', '2026-02-28', '2026-02-28'],
    ['12/31/2020', '12/31/2020', '2020-12-31'],
    ['5. März 2024', '5. März 2024', '2024-03-05'],
    ['March 3rd, 2026', 'March 3rd, 2026', '2026-03-03'],
    ['24 MAR 18', '24 MAR 18', '2018-03-24'],
    ['31.12.2021', '31.12.2021', '2021-12-31'],
  ])('%s', (text, printed, iso) => {
    expect(findDates(text)).toEqual([{ text: printed, iso, index: text.indexOf(printed) }]);
  });

  it.each(['31/02/2020', '03-1234 5678', '12.50', '99/99/99', '1/2/3/4'])('no date: %s', (text) => {
    expect(findDates(text)).toEqual([]);
  });
});

describe('amounts', () => {
  it.each([
    ['RM 33.92', [33.92]],
    ['1,234.50 and 1.234,50', [1234.5, 1234.5]],
    ['$5.00 -RM0.02 .99', [5, -0.02, 0.99]],
    ['6.00% 12:30 01.02.2020 1.234', []],
  ])('%s', (text, values) => {
    expect(findAmounts(text).map(({ value }) => value)).toEqual(values);
  });

  it.each([
    [['SUB TOTAL 10.00', 'TOTAL', '12.00'], 12],
    [['TOTAL QTY: 3', 'TOTAL (EXCLUDING GST) 9.00', 'TOTAL (INCLUSIVE OF GST) 9.54'], 9.54],
    [['TOTAL 9.53', 'ROUNDING 0.02', 'TOTAL ROUNDED 9.55'], 9.55],
    [['7.50', 'CASH 10.00', 'CHANGE 2.50'], 7.5],
  ])('the total of %j', (lines, total) => {
    expect(findLabelledAmount(lines, 'total')?.value).toBe(total);
  });
});
