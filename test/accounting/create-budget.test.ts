import { expect, test } from 'vitest';
import { createBudget, type BudgetSettings } from '../../src/accounting/create-budget.ts';

function create(model: string | undefined, settings: Partial<BudgetSettings> = {}) {
  const notices: string[] = [];
  const options = { client: {}, onNotice: (notice: string) => void notices.push(notice), ...settings };
  return { ...createBudget(options, { model, name: 'notes' }), notices };
}

test.each([
  { model: 'google/gemini-3.5-flash-lite', notice: undefined },
  { model: undefined, notice: undefined },
  {
    model: 'google/gemini-3.5-flash-lit',
    notice:
      /^google\/gemini-3\.5-flash-lit is not among .*did you mean google\/gemini-3\.5-flash-lite\?.*price is not known/,
  },
  {
    model: 'gemini-3.5-flash-lit',
    notice: /^gemini-3\.5-flash-lit is not .*did you mean google\/gemini-3\.5-flash-lite\?/,
  },
  { model: 'meta/llama-4-scout-maas', notice: /^meta\/llama-4-scout-maas: its price is not known/ },
  { model: 'acme/thing', notice: /^acme\/thing is not among the models that are known here: its price/ },
  { model: 'google/gemini-2.0-flash-001', notice: /^google\/gemini-2\.0-flash-001 was shut down on 2026-06-01$/ },
])('createBudget() says what is not known of $model', ({ model, notice }) => {
  const { notices } = create(model);
  expect(notices).toHaveLength(notice === undefined ? 0 : 1);
  if (notice !== undefined) expect(notices[0]).toMatch(notice);
});

test('createBudget() refuses a cap on the cost without a price, and takes it with one', () => {
  const prices = [{ model: 'acme/thing', usdPer1MTokens: { input: 1, output: 1 } }];
  for (const model of ['acme/thing', undefined])
    expect(() => create(model, { maxCostUsd: 1 })).toThrow(/the price of .* is not known; give prices of your own/);
  expect(create('acme/thing', { maxCostUsd: 1, prices }).notices).toEqual([]);
  expect(() =>
    create('acme/thing', { prices: [{ model: 'acme/thing', usdPer1MTokens: { input: -1, output: 1 } }] }),
  ).toThrow(/Cannot read the price table, row 1/);
});

test('createBudget() counts what the client adds', async () => {
  const settings = { client: { additions: { trafficTypes: ['ON_DEMAND_PRIORITY'], google: { cached_content: 'c' } } } };
  const request = { messages: [], max_tokens: 1000 };
  const signal = new AbortController().signal;
  const plain = await create('google/gemini-3.5-flash-lite').budget.reserve(request, signal);
  const dear = await create('google/gemini-3.5-flash-lite', settings).budget.reserve(request, signal);
  expect(plain?.tokens).toBeLessThan(1200);
  expect(dear).toEqual({ tokens: 1_048_576 + 1000, nanoUsd: (1_048_576 * 300 + 1000 * 2500) * 1.8 });
});
