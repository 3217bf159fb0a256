import { upperGamma } from './incomplete-gamma.ts';

/** Fewest values that a category must be expected to have in either night; rarer ones are taken together (Cochran's rule). */
const LEAST_EXPECTED = 5;

/**
 * Says how likely two rows of counts differ as much as these or more if they are of one distribution (Pearson's chi-square test of
 * homogeneity). Undefined where there is too little to tell.
 */
export function chiSquareTest(before: readonly number[], after: readonly number[]): number | undefined {
  const totals = [sum(before), sum(after)] as const;
  const all = totals[0] + totals[1];
  if (totals[0] === 0 || totals[1] === 0) return undefined;
  const smaller = Math.min(...totals) / all;
  const columns: [number, number][] = [];
  const rare: [number, number] = [0, 0];
  for (const [index, first] of before.entries()) {
    const second = after[index] ?? 0;
    if ((first + second) * smaller >= LEAST_EXPECTED) columns.push([first, second]);
    else {
      rare[0] += first;
      rare[1] += second;
    }
  }
  if ((rare[0] + rare[1]) * smaller >= LEAST_EXPECTED) columns.push(rare);
  if (columns.length < 2) return undefined;
  // Yates' correction: with two categories the statistic takes few values, and its tail would look too thin.
  const continuity = columns.length === 2 ? 0.5 : 0;
  let statistic = 0;
  for (const column of columns) {
    for (const [row, observed] of column.entries()) {
      const expected = ((column[0] + column[1]) * (totals[row] ?? 0)) / all;
      statistic += Math.max(0, Math.abs(observed - expected) - continuity) ** 2 / expected;
    }
  }
  return upperGamma((columns.length - 1) / 2, statistic / 2);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
