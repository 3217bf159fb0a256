/** Buckets grow by this factor, so a percentile is too high by 2.5 % at most. */
const GROWTH = 1.025;

/** Latencies of any number of calls, in whole milliseconds, in constant memory. */
export class LatencyHistogram {
  readonly #counts: number[] = [];
  #total = 0;
  #max = 0;

  add(milliseconds: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(Math.max(milliseconds, 1)) / Math.log(GROWTH)));
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#max = Math.max(this.#max, milliseconds);
  }

  get max(): number {
    return this.#max;
  }

  /** The latency that `share` (above 0, to 1) of the calls did not exceed; 0 without calls. */
  percentile(share: number): number {
    let remaining = Math.ceil(this.#total * share);
    for (const [bucket, count] of this.#counts.entries()) {
      remaining -= count ?? 0;
      if (remaining <= 0 && this.#total > 0) return Math.min(Math.floor(GROWTH ** bucket), this.#max);
    }
    return 0;
  }
}
