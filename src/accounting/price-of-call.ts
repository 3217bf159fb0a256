import { costOf, findPrice, type NanoUsd } from './price-of.ts';
import type { AttemptEntry } from '../store/entries.ts';

/** What a call cost; undefined where the model's price on that day is not known. */
export function priceOfCall(
  entry: AttemptEntry,
  run: { model: string | undefined; location: string | undefined },
): NanoUsd | undefined {
  const model = entry.model ?? run.model;
  const price = model === undefined ? undefined : findPrice(model, new Date(entry.at));
  return price && costOf(entry.tokens, price, { trafficType: entry.trafficType, location: run.location });
}
