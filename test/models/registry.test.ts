import { describe, expect, test } from 'vitest';
import { parsePriceTable } from '../../src/accounting/price-file.ts';
import { checkRequest } from '../../src/completion/check-request.ts';
import { ModelRegistry } from '../../src/emulator/service/models.ts';
import { THINKING_LEVELS } from '../../src/models/model.ts';
import { findModel, isKnownModel, limitsOf, models, rulesOf } from '../../src/models/registry.ts';

describe('every row is consistent', () => {
  test.each(models.map((model) => [model.id, model] as const))('%s', (id, model) => {
    expect(id).toMatch(/^[a-z-]+\/[a-z0-9.-]+$/);
    expect(models.filter((other) => other.id === id)).toHaveLength(1);
    expect(findModel(id)).toBe(model);
    for (const limit of [model.promptLimit, model.outputLimit, model.maxCandidates])
      if (limit !== undefined) expect(Number.isSafeInteger(limit) && limit > 0).toBe(true);
    for (const level of model.thinkingLevels ?? []) expect(THINKING_LEVELS).toContain(level);
    if (typeof model.thinkingBudget === 'object') {
      expect(model.thinkingBudget.minimum).toBeLessThanOrEqual(model.thinkingBudget.maximum);
      expect(model.thinkingBudget.maximum).toBeLessThanOrEqual(model.outputLimit ?? 0);
    }
    if (model.prices !== undefined) {
      expect([model.promptLimit, model.outputLimit]).not.toContain(undefined);
      expect(() => parsePriceTable(model.prices?.map((period) => ({ ...period, model: id })))).not.toThrow();
      for (const { usdPer1MTokens: usd } of model.prices) {
        expect(usd.input).toBeLessThanOrEqual(usd.output);
        expect(usd.cachedInput ?? 0).toBeLessThanOrEqual(usd.input);
      }
    }
    if (model.retiredOn !== undefined) expect(new Date(model.retiredOn).toISOString()).toContain(model.retiredOn);
  });
});

test.each([
  ['google/gemini-3.8-flash-001', 'google/gemini-3.8-flash'],
  ['google/gemini-2.5-flash-preview-04-17', 'google/gemini-2.5-flash'],
  ['google/gemini-2.5-flash-lite-preview-06-2025', 'google/gemini-2.5-flash-lite'],
  ['google/gemini-3.1-pro', 'google/gemini-3.1-pro-preview'],
  ['google/gemini-3.1-pro-preview-05-06', 'google/gemini-3.1-pro-preview'],
  ['google/gemini-3.8-flash-cyber', 'google/gemini-3.8-flash-cyber'],
  ['google/gemini-3.8-flash-turbo', undefined],
  ['google/gemini-3.5-flash-lit', undefined],
  ['meta/llama-4-scout-maas', undefined],
])('findModel(%s) is %s', (id, row) => {
  expect(findModel(id)?.id).toBe(row);
});

test('isKnownModel() knows rows and partners, and no typing error', () => {
  expect(['google/gemini-2.5-pro-002', 'meta/llama-4-scout-17b-16e-instruct-maas'].every(isKnownModel)).toBe(true);
  expect(['google/gemini-2.5-por', 'gemini-2.5-pro', 'acme/own'].some(isKnownModel)).toBe(false);
});

test('an unknown Gemini follows its generation, and an unknown model counts as the largest', () => {
  expect(rulesOf('google/gemini-9-pro')).toEqual({ wantsSignatures: true, thinksByDefault: true });
  expect(rulesOf('google/gemini-2.9-flash-lite')).toEqual({ takesMixedDetail: false, thinksByDefault: false });
  expect(rulesOf('acme/own')).toEqual({});
  expect([limitsOf('acme/own'), limitsOf(undefined)]).toEqual([
    { promptLimit: 1_048_576, outputLimit: 65_536 },
    { promptLimit: 1_048_576, outputLimit: 65_536 },
  ]);
});

const budgets = [0, 1, 127, 128, 512, 24_576, 24_577, 32_768];

describe('client and emulator judge a thinking budget alike where the row knows', () => {
  test.each(models.filter(({ thinkingBudget }) => thinkingBudget !== undefined).map(({ id }) => id))('%s', (id) => {
    const { thinkingBudget: range } = new ModelRegistry([], []).rules(id);
    for (const budget of budgets) {
      const problems = checkRequest({
        model: id,
        messages: [],
        extra_body: { google: { thinking_config: { thinking_budget: budget } } },
      });
      const isTaken =
        range !== null && ((budget === 0 && range.canBeOff) || (budget >= range.minimum && budget <= range.maximum));
      expect([budget, problems.length === 0]).toEqual([budget, isTaken]);
    }
  });
});

test('no budget of Flash-Lite is refused: its range is not known', () => {
  for (const budget of budgets) {
    const extra_body = { google: { thinking_config: { thinking_budget: budget } } };
    expect(checkRequest({ model: 'google/gemini-2.5-flash-lite', messages: [], extra_body })).toEqual([]);
  }
});

test('images of different detail are refused for models before Gemini 3', () => {
  const image = (detail: string) => ({ type: 'image_url' as const, image_url: { url: 'gs://a/b.png', detail } });
  const messages = [{ role: 'user' as const, content: [image('low'), image('high')] }];
  expect(checkRequest({ model: 'google/gemini-2.5-pro', messages })).toMatchObject([
    { severity: 'error', parameter: 'messages', message: expect.stringContaining('got low, high') },
  ]);
  expect(checkRequest({ model: 'google/gemini-3.5-flash', messages })).toEqual([]);
});
