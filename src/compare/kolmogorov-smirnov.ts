/** Counts by value, from the smallest value on. */
export type Histogram = readonly (readonly [value: number, count: number])[];

/**
 * The largest distance between two cumulative distributions, and how likely it is to be that large or larger if they are one (two-sample
 * Kolmogorov-Smirnov test; Press et al., Numerical Recipes, 3rd edition, section 14.3). Values that share a bin count as ties, which
 * makes the test more cautious, never less.
 */
export function kolmogorovSmirnov(
  before: Histogram,
  after: Histogram,
): { distance: number; probability: number } | undefined {
  const totals = [totalOf(before), totalOf(after)] as const;
  if (totals[0] === 0 || totals[1] === 0) return undefined;
  let distance = 0;
  const shares: [number, number] = [0, 0];
  for (const [first, second] of aligned(before, after)) {
    shares[0] += first / totals[0];
    shares[1] += second / totals[1];
    distance = Math.max(distance, Math.abs(shares[0] - shares[1]));
  }
  const size = Math.sqrt((totals[0] * totals[1]) / (totals[0] + totals[1]));
  return { distance, probability: survival((size + 0.12 + 0.11 / size) * distance) };
}

/** The counts of both at each value that either has, from the smallest on. */
export function aligned(before: Histogram, after: Histogram): [before: number, after: number][] {
  const counts = new Map<number, [number, number]>();
  for (const [value, count] of before) counts.set(value, [count, 0]);
  for (const [value, count] of after) counts.set(value, [counts.get(value)?.[0] ?? 0, count]);
  return [...counts].sort(([left], [right]) => left - right).map(([, pair]) => pair);
}

/** Kolmogorov's distribution: the chance of a larger distance. */
function survival(lambda: number): number {
  if (lambda < 0.2) return 1;
  let total = 0;
  for (let step = 1; step <= 100; step += 1) {
    const term = Math.exp(-2 * step * step * lambda * lambda);
    total += step % 2 === 1 ? term : -term;
    if (term < 1e-16) break;
  }
  return Math.min(1, Math.max(0, 2 * total));
}

function totalOf(histogram: Histogram): number {
  return histogram.reduce((total, [, count]) => total + count, 0);
}
