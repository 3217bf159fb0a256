import type { Prices } from '../accounting/prices.ts';
import type { BatchFigures } from '../accounting/usage-report.ts';
import type { AttemptEntry } from '../store/entries.ts';

/** Adds up the ledger by the way of its calls. */
export class WayTally {
  readonly #prices: Pick<Prices, 'costOf'>;
  readonly #calls = { batch: 0, online: 0 };
  readonly #tokens = { batch: 0, online: 0 };
  readonly #nanoUsd = { batch: 0, online: 0 };
  #isPriced = true;

  constructor(prices: Pick<Prices, 'costOf'>) {
    this.#prices = prices;
  }

  add(entry: AttemptEntry): void {
    const way = entry.via ?? 'online';
    this.#calls[way] += 1;
    if (entry.tokens.total === 0) return;
    this.#tokens[way] += entry.tokens.total;
    const cost = this.#prices.costOf(entry);
    if (cost === undefined) this.#isPriced = false;
    else this.#nanoUsd[way] += cost;
  }

  get figures(): Pick<BatchFigures, 'calls' | 'tokens' | 'usd'> {
    const { batch, online } = this.#nanoUsd;
    const usd = this.#isPriced ? { batch: batch / 1e9, online: online / 1e9 } : { batch: null, online: null };
    return { calls: { ...this.#calls }, tokens: { ...this.#tokens }, usd };
  }
}
