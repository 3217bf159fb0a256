import { isDeepStrictEqual } from 'node:util';
import { parsePriceTable, type PriceRowInput } from './price-file.ts';
import { costOf, findPrice, worstCaseCost, type NanoUsd } from './price-of.ts';
import { priceTable, type PriceRow } from './price-table.ts';
import type { CallBound } from './call-bound.ts';
import type { AttemptEntry } from '../store/entries.ts';

const DAY_MS = 86_400_000;
const ISO_DAY = '2026-01-31';

export interface PricesOptions {
  /** A user's own rows, which go before the built-in ones. */
  own?: readonly PriceRowInput[] | undefined;
  /** The model that is asked where a request or an answer names none. */
  model: string | undefined;
  /** Consumption options that the requests ask for, beside on demand. */
  trafficTypes?: readonly string[] | undefined;
  /** Milliseconds since 1970. Default: the clock. */
  now?: (() => number) | undefined;
}

/** The prices of one run: of calls that ended, and the most that calls to come can cost. */
export class Prices {
  readonly #table: readonly PriceRow[];
  readonly #model: string | undefined;
  readonly #trafficTypes: readonly string[];
  readonly #now: () => number;
  /** Rows by model for the calls of `#day`. */
  readonly #rows = new Map<string, readonly PriceRow[]>();
  #day = Number.NaN;
  /** The row of the last call that was priced, and of which model and day it is: a run has few. */
  readonly #used = new Set<PriceRow>();
  #last: { model: string; day: string; row: PriceRow | undefined } = { model: '', day: '', row: undefined };

  /** @throws {GleanerError} for rows of the user's own that are wrong, naming the row */
  constructor({ own = [], model, trafficTypes = [], now = Date.now }: PricesOptions) {
    this.#table = own.length === 0 ? priceTable : [...parsePriceTable(own), ...priceTable];
    this.#model = model;
    this.#trafficTypes = ['ON_DEMAND', ...trafficTypes];
    this.#now = now;
  }

  /** What a model costs now; undefined where that is not known. */
  find(model: string): PriceRow | undefined {
    return findPrice(model, new Date(this.#now()), this.#table);
  }

  /** What an ended call cost; undefined where the price of its model on that day is not known. */
  costOf(entry: AttemptEntry): NanoUsd | undefined {
    const model = entry.model ?? this.#model;
    const price = model === undefined ? undefined : this.#rowOn(entry.at, model);
    if (price === undefined) return undefined;
    return costOf(
      entry.tokens,
      price,
      entry.via === undefined ? entry : { trafficType: entry.trafficType, batch: true },
    );
  }

  /** The rows that calls were priced with so far, by model and first day. */
  used(): PriceRow[] {
    const order = ({ model, validFrom }: PriceRow): string => `${model} ${validFrom}`;
    return [...this.#used].sort((left, right) => (order(left) < order(right) ? -1 : 1));
  }

  /** Sets the rows that calls were priced with so far: what a checkpoint says of them, or none. */
  resume(used: readonly PriceRow[] = []): void {
    this.#used.clear();
    this.#last = { model: '', day: '', row: undefined };
    for (const row of used) this.#used.add(this.#table.find((known) => isDeepStrictEqual(known, row)) ?? row);
  }

  /** Whether the price of the model that is asked is known. */
  get isAskedPriced(): boolean {
    return this.#model !== undefined && this.find(this.#model) !== undefined;
  }

  /** All that decides what ended calls cost, and the most that unknown ones did: two runs with the same reckon alike. */
  get basis(): object {
    const model = this.#model;
    return {
      table: this.#table,
      model: model ?? null,
      trafficTypes: this.#trafficTypes,
      today: model === undefined ? [] : this.#rowsOf(model),
    };
  }

  /** What a model cost on the day of a moment, ISO 8601. */
  #rowOn(at: string, model: string): PriceRow | undefined {
    const day = at.slice(0, ISO_DAY.length);
    if (model !== this.#last.model || day !== this.#last.day) {
      const row = findPrice(model, new Date(at), this.#table);
      this.#last = { model, day, row };
      if (row !== undefined) this.#used.add(row);
    }
    return this.#last.row;
  }

  /**
   * The most that a call within the bound can cost: at the dearest consumption option that was asked for, and at the dearer of
   * today's and tomorrow's price, because the call may wait. Undefined where the price is not known.
   */
  worstCost(
    { model = this.#model, promptTokens, outputTokens }: CallBound,
    { batch = false }: { batch?: boolean } = {},
  ): NanoUsd | undefined {
    if (model === undefined) return undefined;
    let worst: NanoUsd | undefined;
    for (const row of this.#rowsOf(model)) {
      for (const trafficType of this.#trafficTypes) {
        worst = Math.max(worst ?? 0, worstCaseCost(promptTokens, outputTokens, row, { trafficType, batch }));
      }
    }
    return worst;
  }

  #rowsOf(model: string): readonly PriceRow[] {
    const now = this.#now();
    const day = Math.floor(now / DAY_MS);
    if (day !== this.#day) {
      this.#rows.clear();
      this.#day = day;
    }
    let rows = this.#rows.get(model);
    if (rows === undefined) {
      const today = findPrice(model, new Date(now), this.#table);
      const tomorrow = today && findPrice(model, new Date(now + DAY_MS), this.#table);
      rows = [today, tomorrow].filter((row) => row !== undefined);
      this.#rows.set(model, rows);
    }
    return rows;
  }
}
