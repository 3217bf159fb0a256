export interface LatencyBin {
  fromMs: number;
  toMs: number;
  calls: number;
}

/** A bucket is this much wider than where it begins, so a percentile is too high by 2.5 % at most. */
const GROWTH = 1.025;

/** Where bins begin: six steps a decade, from 1 ms up to what no call lasts. */
const binStarts = [
  0,
  1,
  2,
  3,
  5,
  7,
  ...[10, 100, 1000, 10_000, 100_000].flatMap((ten) => [1, 1.5, 2, 3, 5, 7].map((step) => ten * step)),
];
const bucketStarts = startsOfBuckets();

/** Latencies of any number of calls, in whole milliseconds, in constant memory. Percentiles and bins come of the same buckets. */
export class LatencyHistogram {
  #counts = new Float64Array(bucketStarts.length);
  #total = 0;
  #max = 0;

  add(milliseconds: number): void {
    const bucket = bucketOf(milliseconds);
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#max = Math.max(this.#max, milliseconds);
  }

  save(): { counts: Float64Array<ArrayBuffer>; total: number; max: number } {
    return { counts: this.#counts, total: this.#total, max: this.#max };
  }

  load({ counts, total, max }: ReturnType<LatencyHistogram['save']>): void {
    this.#counts = counts;
    this.#total = total;
    this.#max = max;
  }

  get max(): number {
    return this.#max;
  }

  /** The latency that `share` (above 0, to 1) of the calls did not exceed; 0 without calls. */
  percentile(share: number): number {
    let remaining = Math.ceil(this.#total * share);
    for (const [bucket, count] of this.#counts.entries()) {
      remaining -= count;
      if (remaining <= 0 && this.#total > 0)
        return Math.min((bucketStarts[bucket + 1] ?? Number.POSITIVE_INFINITY) - 1, this.#max);
    }
    return 0;
  }

  /** The calls in bins that grow with them, from the first bin with calls in it to the last. */
  bins(): LatencyBin[] {
    const bins = binStarts.map((fromMs, bin) => ({
      fromMs,
      toMs: binStarts[bin + 1] ?? Number.POSITIVE_INFINITY,
      calls: 0,
    }));
    let bin = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      while ((bins[bin]?.toMs ?? Number.POSITIVE_INFINITY) <= (bucketStarts[bucket] ?? 0)) bin += 1;
      const into = bins[bin];
      if (into !== undefined) into.calls += count;
    }
    const first = bins.findIndex(({ calls }) => calls > 0);
    return first === -1 ? [] : bins.slice(first, bins.findLastIndex(({ calls }) => calls > 0) + 1);
  }
}

/** Whole milliseconds; each bin begins with a bucket, so that a bucket is all in one. */
function startsOfBuckets(): number[] {
  const starts = [0];
  for (const [bin, fromMs] of binStarts.entries()) {
    const toMs = binStarts[bin + 1] ?? fromMs * 10;
    for (let start = Math.max(1, fromMs); start < toMs; start = Math.floor(start * GROWTH) + 1) {
      if (start !== starts.at(-1)) starts.push(start);
    }
  }
  return starts;
}

/** The last bucket that does not begin after the latency. */
function bucketOf(milliseconds: number): number {
  let low = 0;
  let high = bucketStarts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((bucketStarts[middle] ?? 0) <= milliseconds) low = middle;
    else high = middle - 1;
  }
  return low;
}
