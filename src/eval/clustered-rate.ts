import { rateOf, type Rate } from './intervals.ts';

/**
 * A rate over values of which several may stand in one record: their faults come together, so that they say less than as many
 * records would. Wilson's interval is taken with the number of independent values that would scatter as much: v (1 - v) / variance,
 * where the variance is that of a ratio of sums over records (Kish's design effect; Dean and Pagano 2015 for Wilson's interval).
 * With one value a record this is Wilson's interval as it is. Where all are right, or none, nothing shows how they scatter, and
 * each record counts once.
 *
 * Holds sums only.
 */
export class ClusteredRate {
  /** How much a whole value adds to the denominator. */
  readonly #unit: number;
  #records = 0;
  #part = 0;
  #whole = 0;
  #partSquared = 0;
  #product = 0;
  #wholeSquared = 0;

  constructor(unit = 1) {
    this.#unit = unit;
  }

  /** Counts a record: so much of so much is right in it. */
  add(part: number, whole: number): void {
    if (whole === 0) return;
    this.#records += 1;
    this.#part += part;
    this.#whole += whole;
    this.#partSquared += part * part;
    this.#product += part * whole;
    this.#wholeSquared += whole * whole;
  }

  /** Undefined where nothing was counted. */
  rate(): Rate | undefined {
    if (this.#whole === 0) return undefined;
    const value = this.#part / this.#whole;
    const trials = this.#independent(value);
    const rate = rateOf(value * trials, trials);
    // The quotient itself, which the detour over trials may miss by a last digit.
    return rate && { ...rate, value };
  }

  #independent(value: number): number {
    if (value === 0 || value === 1) return this.#records;
    const scatter = this.#partSquared - 2 * value * this.#product + value ** 2 * this.#wholeSquared;
    return Math.min((value * (1 - value) * this.#whole ** 2) / scatter, this.#whole / this.#unit);
  }
}
