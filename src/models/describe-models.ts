import type { PricePeriod } from './price.ts';
import { models } from './registry.ts';

/** What is known of a model, with null for what is not. */
export interface ModelFacts {
  id: string;
  promptLimit: number | null;
  outputLimit: number | null;
  /** The day on which it was shut down, where it was. */
  retiredOn: string | null;
  /** What it costs today, in US dollars per million tokens. */
  usdPer1MTokens: PricePeriod['usdPer1MTokens'] | null;
  /** All that is known of its prices, by date and with their source. */
  prices: readonly PricePeriod[];
}

/** Tells what is known of each model on a day, YYYY-MM-DD. */
export function describeModels(today: string): ModelFacts[] {
  return models.map(({ id, promptLimit, outputLimit, retiredOn, prices = [] }) => ({
    id,
    promptLimit: promptLimit ?? null,
    outputLimit: outputLimit ?? null,
    retiredOn: retiredOn ?? null,
    usdPer1MTokens: prices.find((period) => isOn(period, today))?.usdPer1MTokens ?? null,
    prices,
  }));
}

function isOn({ validFrom, validUntil }: PricePeriod, day: string): boolean {
  return validFrom <= day && (validUntil === undefined || day <= validUntil);
}
