export interface LatencyBin {
  fromMs: number;
  toMs: number;
  calls: number;
}

/** Six steps a decade, from 1 ms up to what no call lasts. */
const stepsOfDecade = [1, 1.5, 2, 3, 5, 7];
const edgesMs = [
  0,
  1,
  2,
  3,
  5,
  7,
  ...[10, 100, 1000, 10_000, 100_000].flatMap((ten) => stepsOfDecade.map((step) => ten * step)),
];

/** Latencies sorted into bins that grow with them. */
export class LatencyBins {
  readonly #calls: number[] = edgesMs.map(() => 0);

  add(milliseconds: number): void {
    let bin = edgesMs.length - 1;
    while (bin > 0 && milliseconds < (edgesMs[bin] ?? 0)) bin -= 1;
    this.#calls[bin] = (this.#calls[bin] ?? 0) + 1;
  }

  /** From the first bin with calls in it to the last. */
  bins(): LatencyBin[] {
    const bins = this.#calls.map((calls, bin) => ({
      fromMs: edgesMs[bin] ?? 0,
      toMs: edgesMs[bin + 1] ?? Number.POSITIVE_INFINITY,
      calls,
    }));
    const first = bins.findIndex(({ calls }) => calls > 0);
    return first === -1 ? [] : bins.slice(first, bins.findLastIndex(({ calls }) => calls > 0) + 1);
  }
}
