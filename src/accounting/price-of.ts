import type { TokenUsage } from '../completion/usage.ts';
import { priceModelName, priceTable, type PriceRow } from './price-table.ts';

/** Billionths of a dollar, always whole: sums are exact in any order, up to nine million dollars. */
export type NanoUsd = number;

/** How a call was served, where that changes its price. */
export interface PricingOptions {
  /** `usage.extra_properties.google.traffic_type` of the response; on demand when absent. */
  trafficType?: string | undefined;
  /** Google Cloud location; only leads to a caveat, because a surcharge is not documented per model. */
  location?: string | undefined;
  /** Whether a batch prediction job made the call. Default false. */
  batch?: boolean | undefined;
}

/**
 * What a cost leaves open:
 * - `cached_price_unknown`: cached tokens were counted at the full input price, so the cost is an upper bound;
 * - `provisioned_throughput`: paid for by capacity, so the call itself cost nothing more;
 * - `unknown_traffic_type`: counted at the on-demand price;
 * - `regional_price`: some models are said to cost a tenth more outside the global location; not counted.
 */
export type CostCaveat = 'cached_price_unknown' | 'provisioned_throughput' | 'unknown_traffic_type' | 'regional_price';

/** Tenths of the on-demand price, as Vertex AI's pages on consumption options give them (Priority: derived from prices). */
const TENTHS_BY_TRAFFIC_TYPE: ReadonlyMap<string, number> = new Map([
  ['TRAFFIC_TYPE_UNSPECIFIED', 10],
  ['ON_DEMAND', 10],
  ['ON_DEMAND_FLEX', 5],
  ['ON_DEMAND_PRIORITY', 18],
  ['PROVISIONED_THROUGHPUT', 0],
]);
const BATCH_TENTHS = 5;

/**
 * Finds what a model costs on a day; undefined where that is not known, which never means free. Takes
 * `google/gemini-2.5-flash` and `gemini-2.5-flash` alike; versions and previews only where a row names them.
 * The first matching row counts, so put a user's own rows before the built-in ones.
 */
export function findPrice(model: string, at: Date, table: readonly PriceRow[] = priceTable): PriceRow | undefined {
  if (Number.isNaN(at.getTime())) return undefined;
  const name = priceModelName(model);
  const day = at.toISOString().slice(0, 10);
  return table.find(
    (row) => row.model === name && row.validFrom <= day && (row.validUntil === undefined || day <= row.validUntil),
  );
}

/**
 * What one call cost, rounded up to a billionth of a dollar. Give it single calls, not sums: the price of a long prompt
 * depends on each call's own length.
 */
export function costOf(usage: Readonly<TokenUsage>, price: PriceRow, options: PricingOptions = {}): NanoUsd {
  const { trafficType = 'ON_DEMAND', batch = false } = options;
  const { longPrompt } = price;
  const prices = longPrompt && usage.prompt > longPrompt.aboveTokens ? longPrompt : price.usdPer1MTokens;
  const served = TENTHS_BY_TRAFFIC_TYPE.get(trafficType) ?? 10;
  const tenths = batch ? Math.min(served, BATCH_TENTHS) : served;
  const input = picoUsdPerToken(prices.input);
  const cachedInput = picoUsdPerToken(prices.cachedInput ?? prices.input);
  // The cache discount and the one for slow service do not add up: the better one holds.
  const cachedTenth = Math.min(input * tenths, cachedInput * Math.max(tenths, 10));
  const cached = Math.min(usage.cached, usage.prompt);
  const picoUsdTenths =
    (usage.prompt - cached) * input * tenths +
    cached * cachedTenth +
    (usage.completion + usage.reasoning) * picoUsdPerToken(prices.output) * tenths;
  return Math.ceil(picoUsdTenths / 10_000);
}

/** What a call can cost at most: nothing cached, every output token used. For budgets that reserve calls in flight. */
export function worstCaseCost(
  promptTokens: number,
  maxOutputTokens: number,
  price: PriceRow,
  options: PricingOptions = {},
): NanoUsd {
  const total = promptTokens + maxOutputTokens;
  return costOf({ prompt: promptTokens, cached: 0, completion: maxOutputTokens, reasoning: 0, total }, price, options);
}

/** What to say beside the cost of one call. */
export function costCaveats(usage: Readonly<TokenUsage>, price: PriceRow, options: PricingOptions = {}): CostCaveat[] {
  const { trafficType, location } = options;
  const caveats: CostCaveat[] = [];
  if (trafficType === 'PROVISIONED_THROUGHPUT') return ['provisioned_throughput'];
  if (usage.cached > 0 && price.usdPer1MTokens.cachedInput === undefined) caveats.push('cached_price_unknown');
  if (trafficType !== undefined && !TENTHS_BY_TRAFFIC_TYPE.has(trafficType)) caveats.push('unknown_traffic_type');
  if (location !== undefined && location !== 'global') caveats.push('regional_price');
  return caveats;
}

export function toUsd(cost: NanoUsd): number {
  return cost / 1e9;
}

/** A dollar per million tokens is a million picodollars per token; whole, so that no binary fraction creeps in. */
function picoUsdPerToken(usdPer1MTokens: number): number {
  return Math.round(usdPer1MTokens * 1e6);
}
