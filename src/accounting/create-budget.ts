import { findPrice, worstCaseCost } from './price-of.ts';
import { GleanerError } from '../gleaner-error.ts';
import { Budget } from './budget.ts';
import { priceOfCall } from './price-of-call.ts';
import type { PreparedExtraction } from '../run/prepare-extraction.ts';
import type { SettledRunOptions } from '../run/run-options.ts';

/** @throws {GleanerError} when there is a cap on the cost and the model's price is not known */
export function createBudget(
  options: SettledRunOptions,
  { model, extraction, service: { location } }: PreparedExtraction,
): Budget | undefined {
  const { maxTotalTokens, maxCostUsd } = options;
  if (maxTotalTokens === undefined && maxCostUsd === undefined) return undefined;
  const price = model === undefined ? undefined : findPrice(model, new Date());
  if (maxCostUsd !== undefined && price === undefined) {
    throw new GleanerError(
      'cap-unenforceable',
      `Cannot keep a cap on the cost of ${extraction.name}: the price of ${model ?? 'a self-deployed model'} is not known; use maxTotalTokens (--max-total-tokens) instead`,
    );
  }
  return new Budget({
    maxTokens: maxTotalTokens,
    maxNanoUsd: maxCostUsd === undefined ? undefined : Math.round(maxCostUsd * 1e9),
    worstCost: ({ promptTokens, outputTokens }) =>
      price === undefined ? 0 : worstCaseCost(promptTokens, outputTokens, price),
    costOf: (entry) => priceOfCall(entry, { model, location }),
  });
}
