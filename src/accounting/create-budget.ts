import type { CallAdditions } from '../completion/client.ts';
import { GleanerError } from '../gleaner-error.ts';
import { Budget } from './budget.ts';
import { modelNotices } from './model-notices.ts';
import type { PriceRowInput } from './price-file.ts';
import { Prices } from './prices.ts';

export interface BudgetSettings {
  maxTotalTokens?: number | undefined;
  maxCostUsd?: number | undefined;
  prices?: readonly PriceRowInput[] | undefined;
  client: { readonly additions?: CallAdditions };
  onNotice?: ((notice: string) => void) | undefined;
}

/**
 * Makes the budget of a run, and tells what is not known of its model.
 *
 * @throws {GleanerError} for prices that are wrong, and when there is a cap on the cost and the model's price is not known
 */
export function createBudget(
  { maxTotalTokens, maxCostUsd, prices: own, client, onNotice }: BudgetSettings,
  { model, name }: { model: string | undefined; name: string },
): { budget: Budget; prices: Prices } {
  const { additions } = client;
  const prices = new Prices({ own, model, trafficTypes: additions?.trafficTypes });
  const isPriced = model !== undefined && prices.find(model) !== undefined;
  if (maxCostUsd !== undefined && !isPriced) {
    throw new GleanerError(
      'cap-unenforceable',
      `Cannot keep a cap on the cost of ${name}: the price of ${model ?? 'a self-deployed model'} is not known; give prices of your own, or cap the tokens instead`,
      { facts: { advice: 'price', model: model ?? null } },
    );
  }
  if (model !== undefined) for (const notice of modelNotices(model, isPriced)) onNotice?.(notice);
  const budget = new Budget({
    maxTokens: maxTotalTokens,
    maxNanoUsd: maxCostUsd === undefined ? undefined : Math.round(maxCostUsd * 1e9),
    prices,
    additions,
    onNotice,
  });
  return { budget, prices };
}
