import { expect, test } from 'vitest';
import { describeModels } from '../../src/models/describe-models.ts';
import { models } from '../../src/models/registry.ts';

test('every model is described, with the price of the day', () => {
  expect(describeModels('2026-11-27').map(({ id }) => id)).toEqual(models.map(({ id }) => id));
  const inputOn = (day: string) =>
    describeModels(day).find(({ id }) => id === 'google/gemini-4-argon')?.usdPer1MTokens?.input ?? null;
  expect([inputOn('2026-09-29'), inputOn('2026-11-30'), inputOn('2026-12-01')]).toEqual([null, 2, 4]);
});
