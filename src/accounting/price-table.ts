import type { PricePeriod } from '../models/price.ts';
import { models } from '../models/registry.ts';

/** What one model costs from one day to another. */
export interface PriceRow extends PricePeriod {
  /** Without the publisher for Google's models, such as `gemini-2.5-flash`; `publisher/model` for all others. */
  model: string;
}

/**
 * Pay-as-you-go list prices for text on the global endpoint. Audio input, which some models price higher, is not told
 * apart by the API's usage and so not here. Most rows trace to price lists of the Gemini Developer API, which Vertex AI's
 * global prices have matched: check them against the invoice, and correct them with a price file.
 */
export const priceTable: readonly PriceRow[] = models.flatMap(({ id, prices = [] }) =>
  prices.map((period) => ({ model: priceModelName(id), ...period })),
);

/** The name a price row goes by. */
export function priceModelName(model: string): string {
  return model.startsWith('google/') ? model.slice('google/'.length) : model;
}
