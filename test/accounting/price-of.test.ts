import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  costCaveats,
  costOf,
  findPrice,
  toUsd,
  worstCaseCost,
  type PricingOptions,
} from '../../src/accounting/price-of.ts';
import { priceTable, type PriceRow } from '../../src/accounting/price-table.ts';
import { parsePriceTable } from '../../src/accounting/price-file.ts';
import type { TokenUsage } from '../../src/completion/usage.ts';

function tokens(prompt: number, completion: number, reasoning = 0, cached = 0): TokenUsage {
  return { prompt, cached, completion, reasoning, total: prompt + completion + reasoning };
}

function sum(values: number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function priceOf(model: string, day: string): PriceRow {
  const price = findPrice(model, new Date(`${day}T12:00:00Z`));
  if (price === undefined) throw new TypeError(`Expected a price of ${model}`);
  return price;
}

describe('findPrice()', () => {
  const cases: { model: string; at: string; input: number | undefined }[] = [
    { model: 'google/gemini-3.5-flash-lite', at: '2026-11-23', input: 0.3 },
    { model: 'gemini-3.5-flash-lite', at: '2026-11-23', input: 0.3 },
    { model: 'gemini-3.8-flash', at: '2026-12-31T23:59:59.999', input: 0.75 },
    { model: 'gemini-3.8-flash', at: '2027-01-01T00:00:00', input: 1.5 },
    { model: 'gemini-4-argon', at: '2026-11-30', input: 2 },
    { model: 'gemini-4-argon', at: '2026-12-01', input: 4 },
    { model: 'gemini-4-argon', at: '2026-09-29', input: undefined },
    { model: 'gemini-2.5-flash-001', at: '2026-11-23', input: undefined },
    { model: 'gemini-2.5', at: '2026-11-23', input: undefined },
    { model: 'meta/gemini-2.5-flash', at: '2026-11-23', input: undefined },
    { model: '', at: '2026-11-23', input: undefined },
    { model: 'constructor', at: '2026-11-23', input: undefined },
    { model: 'gemini-2.5-flash', at: 'no date', input: undefined },
  ];
  test.each(cases)('$model on $at', ({ model, at, input }) => {
    const date = new Date(at.includes('T') ? `${at}Z` : at);
    expect(findPrice(model, date)?.usdPer1MTokens.input).toBe(input);
  });

  test("takes a user's row before the built-in one", () => {
    const own = parsePriceTable([{ model: 'google/gemini-2.5-flash', usdPer1MTokens: { input: 9, output: 9 } }]);
    expect(findPrice('gemini-2.5-flash', new Date('2026-11-23'), [...own, ...priceTable])?.confidence).toBe('given');
  });
});

describe('costOf()', () => {
  const cases: { name: string; model: string; usage: TokenUsage; options?: PricingOptions; usd: number }[] = [
    { name: 'nothing', model: 'gemini-2.5-flash', usage: tokens(0, 0), usd: 0 },
    { name: 'input and output', model: 'gemini-2.5-flash', usage: tokens(1_000_000, 1_000_000), usd: 2.5 + 0.3 },
    { name: 'thinking is output', model: 'gemini-2.5-flash', usage: tokens(27, 45, 504), usd: 0.0013806 },
    { name: 'cached input', model: 'gemini-2.5-flash', usage: tokens(1_000, 0, 0, 800), usd: 0.000084 },
    {
      name: 'cached at an unknown price',
      model: 'gemini-3.5-flash-lite',
      usage: tokens(1_000, 0, 0, 800),
      usd: 0.0003,
    },
    { name: 'more cached than sent', model: 'gemini-2.5-flash', usage: tokens(1_000, 0, 0, 9_000), usd: 0.00003 },
    { name: 'the last prompt at the lower price', model: 'gemini-2.5-pro', usage: tokens(200_000, 1_000), usd: 0.26 },
    { name: 'a long prompt prices the whole call', model: 'gemini-2.5-pro', usage: tokens(400_000, 1_000), usd: 1.015 },
    {
      name: 'on demand',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100),
      options: { trafficType: 'ON_DEMAND' },
      usd: 0.00055,
    },
    {
      name: 'flex',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100),
      options: { trafficType: 'ON_DEMAND_FLEX' },
      usd: 0.000275,
    },
    {
      name: 'priority',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100),
      options: { trafficType: 'ON_DEMAND_PRIORITY' },
      usd: 0.00099,
    },
    {
      name: 'provisioned',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100, 5, 9),
      options: { trafficType: 'PROVISIONED_THROUGHPUT' },
      usd: 0,
    },
    {
      name: 'a traffic type of the future',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100),
      options: { trafficType: 'X' },
      usd: 0.00055,
    },
    { name: 'batch', model: 'gemini-2.5-flash', usage: tokens(1_000, 100), options: { batch: true }, usd: 0.000275 },
    {
      name: 'batch and cache do not add up',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 0, 0, 1_000),
      options: { batch: true },
      usd: 0.00003,
    },
    {
      name: 'a region',
      model: 'gemini-2.5-flash',
      usage: tokens(1_000, 100),
      options: { location: 'europe-west4' },
      usd: 0.00055,
    },
  ];
  test.each(cases)('$name', ({ model, usage, options, usd }) => {
    expect(toUsd(costOf(usage, priceOf(model, '2026-11-23'), options))).toBe(usd);
  });

  const anyPrice = fc.constantFrom(...priceTable);
  const anyTokens = fc.record({
    prompt: fc.nat(1e6),
    cached: fc.nat(1e6),
    completion: fc.nat(65_536),
    reasoning: fc.nat(65_536),
    total: fc.nat(),
  });
  const anyOptions = fc.record({
    trafficType: fc.constantFrom('ON_DEMAND', 'ON_DEMAND_FLEX', 'ON_DEMAND_PRIORITY', 'PROVISIONED_THROUGHPUT'),
    batch: fc.boolean(),
  });

  test('is a whole number of nanodollars, and sums are equal in any order', () => {
    fc.assert(
      fc.property(fc.array(anyTokens), anyPrice, anyOptions, (calls, price, options) => {
        const costs = calls.map((usage) => costOf(usage, price, options));
        expect(costs.every((cost) => Number.isSafeInteger(cost) && cost >= 0)).toBe(true);
        expect(sum(costs)).toBe(sum(costs.toReversed()));
      }),
    );
  });

  test('never exceeds the worst case of the same call', () => {
    const dearCache = fc.constantFrom(...priceTable).map((price) => {
      const { input, output } = price.usdPer1MTokens;
      return { ...price, usdPer1MTokens: { input, output, cachedInput: input * 0.75 } };
    });
    fc.assert(
      fc.property(anyTokens, fc.oneof(anyPrice, dearCache), anyOptions, (usage, price, options) => {
        const worst = worstCaseCost(usage.prompt, usage.completion + usage.reasoning, price, options);
        expect(costOf(usage, price, options)).toBeLessThanOrEqual(worst);
      }),
    );
  });

  test('grows with every token', () => {
    fc.assert(
      fc.property(
        anyTokens,
        anyPrice,
        fc.constantFrom('prompt' as const, 'completion' as const, 'reasoning' as const),
        (usage, price, kind) => {
          const more = { ...usage, [kind]: usage[kind] + 1 };
          expect(costOf(more, price)).toBeGreaterThan(costOf(usage, price));
        },
      ),
    );
  });
});

test('costCaveats() names what a cost leaves open', () => {
  const lite = priceOf('gemini-3.5-flash-lite', '2026-11-23');
  expect(costCaveats(tokens(10, 1), lite)).toEqual([]);
  expect(costCaveats(tokens(10, 1, 0, 5), lite)).toEqual(['cached_price_unknown']);
  expect(costCaveats(tokens(10, 1), lite, { trafficType: 'X', location: 'us-central1' })).toEqual([
    'unknown_traffic_type',
    'regional_price',
  ]);
  expect(costCaveats(tokens(10, 1), lite, { trafficType: 'ON_DEMAND', location: 'global' })).toEqual([]);
  expect(costCaveats(tokens(10, 1, 0, 5), lite, { trafficType: 'PROVISIONED_THROUGHPUT' })).toEqual([
    'provisioned_throughput',
  ]);
});
