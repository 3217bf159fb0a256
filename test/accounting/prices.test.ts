import { expect, test } from 'vitest';
import { zeroUsage } from '../../src/completion/usage.ts';
import { Prices } from '../../src/accounting/prices.ts';
import type { AttemptEntry } from '../../src/store/entries.ts';

/** A dollar a million tokens is a thousand billionths a token. */
const row = (model: string, usd: number, days: { validFrom?: string; validUntil?: string } = {}) => ({
  model,
  usdPer1MTokens: { input: usd, output: usd },
  ...days,
});
const own = [
  row('acme/promo', 1, { validUntil: '2026-12-31' }),
  row('acme/promo', 2, { validFrom: '2027-01-01' }),
  row('acme/ends', 1, { validUntil: '2026-12-31' }),
];
const bound = { promptTokens: 600, outputTokens: 400 };
const at = (time: string, trafficTypes: string[] = []) =>
  new Prices({ own, model: 'acme/promo', trafficTypes, now: () => Date.parse(time) });

test.each([
  { name: 'a day in summer', time: '2026-07-01T12:00:00Z', nanoUsd: 1_000_000 },
  { name: 'the day before last', time: '2026-12-30T23:59:59Z', nanoUsd: 1_000_000 },
  { name: 'the last day of a price', time: '2026-12-31T00:00:00Z', nanoUsd: 2_000_000 },
  { name: 'the first of the next', time: '2027-01-01T00:00:00Z', nanoUsd: 2_000_000 },
])('Prices reserve at the dearer of today and tomorrow: $name', ({ time, nanoUsd }) => {
  expect(at(time).worstCost({ ...bound, model: undefined })).toBe(nanoUsd);
});

test('Prices notice that a day has passed', () => {
  let now = Date.parse('2026-12-30T12:00:00Z');
  const prices = new Prices({ own, model: 'acme/ends', now: () => now });
  expect(prices.worstCost({ ...bound, model: undefined })).toBe(1_000_000);
  now += 3 * 86_400_000;
  expect(prices.worstCost({ ...bound, model: undefined })).toBeUndefined();
});

test('Prices reserve at the dearest consumption option that is asked for', () => {
  const time = '2026-07-01T12:00:00Z';
  expect(at(time, ['ON_DEMAND_PRIORITY']).worstCost({ ...bound, model: undefined })).toBe(1_800_000);
  expect(at(time, ['ON_DEMAND_FLEX']).worstCost({ ...bound, model: undefined })).toBe(1_000_000);
});

test('Prices know each model of its own, own rows before the built-in ones, and no other', () => {
  const now = (): number => Date.parse('2026-07-01T12:00:00Z');
  const prices = new Prices({ own: [row('google/gemini-2.5-flash', 7)], model: 'google/gemini-2.5-flash', now });
  expect(prices.find('gemini-2.5-flash')?.usdPer1MTokens.input).toBe(7);
  expect(prices.worstCost({ ...bound, model: undefined })).toBe(7_000_000);
  expect(prices.worstCost({ ...bound, model: 'google/gemini-2.5-pro' })).toBe(600 * 1250 + 400 * 10_000);
  expect(prices.worstCost({ ...bound, model: 'acme/unknown' })).toBeUndefined();
});

test('Prices price a call by the model that answered, on the day it was sent', () => {
  const entry = (facts: Partial<AttemptEntry>): AttemptEntry => ({
    call: 1,
    id: 'a',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    tokens: { prompt: 600, cached: 0, completion: 400, reasoning: 0, total: 1000 },
    at: '2026-12-31T23:59:59Z',
    ...facts,
  });
  const prices = at('2027-06-01T00:00:00Z');
  expect(prices.costOf(entry({}))).toBe(1_000_000);
  expect(prices.costOf(entry({ at: '2027-01-01T00:00:00Z' }))).toBe(2_000_000);
  expect(prices.costOf(entry({ model: 'google/gemini-2.5-pro' }))).toBe(600 * 1250 + 400 * 10_000);
  expect(prices.costOf(entry({ model: 'acme/unknown' }))).toBeUndefined();
});

test('Prices charge cached tokens of a batch job by the better of the two discounts, never by both', () => {
  const entry: AttemptEntry = {
    call: 1,
    id: 'a',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    model: 'google/gemini-2.5-flash',
    tokens: { prompt: 1000, cached: 800, completion: 90, reasoning: 10, total: 1100 },
    at: '2026-11-23T12:00:00Z',
  };
  const byBatch: AttemptEntry = { ...entry, via: 'batch', job: 'j', round: 1, line: 0, trafficType: 'ON_DEMAND' };
  const prices = new Prices({ model: undefined });
  // By hand, in nanodollars a token: 300 in, 30 cached, 2500 out; half of it by batch but for what the cache gave.
  expect(prices.costOf(entry)).toBe(200 * 300 + 800 * 30 + 100 * 2500);
  expect(prices.costOf(byBatch)).toBe(200 * 150 + 800 * 30 + 100 * 1250);
  // A cache that gives a quarter only is no reason to pay more than half.
  const usdPer1MTokens = { input: 0.4, cachedInput: 0.3, output: 2 };
  const own = new Prices({ own: [{ model: 'gemini-2.5-flash', usdPer1MTokens }], model: undefined });
  expect(own.costOf(entry)).toBe(200 * 400 + 800 * 300 + 100 * 2000);
  expect(own.costOf(byBatch)).toBe(200 * 200 + 800 * 200 + 100 * 1000);
});

test('Prices remember the rows that calls were priced with, whatever the price is today', () => {
  const prices = at('2027-03-01T00:00:00Z');
  expect(prices.used()).toEqual([]);
  for (const day of ['2027-01-01', '2026-12-31', '2026-12-31', '2027-01-02'])
    prices.costOf({ model: 'acme/promo', at: `${day}T01:00:00Z`, tokens: zeroUsage } as AttemptEntry);
  prices.costOf({ model: 'acme/unknown', at: '2027-01-01T01:00:00Z', tokens: zeroUsage } as AttemptEntry);
  expect(prices.used().map(({ model, validFrom }) => [model, validFrom])).toEqual([
    ['acme/promo', '0000-01-01'],
    ['acme/promo', '2027-01-01'],
  ]);
});
