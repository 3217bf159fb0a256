/** A category that one side lacks counts as half a value there, as otherwise a single stray value would be an endless difference. */
const ABSENT = 0.5;

/**
 * The population stability index of two rows of counts: the sum of the differences of their shares, weighted by the logarithm of their
 * ratio. By custom below 0.1 is no change worth a look, and above 0.25 a large one.
 */
export function stabilityIndex(before: readonly number[], after: readonly number[]): number {
  const [first, second] = [sharesOf(before), sharesOf(after)];
  return first.reduce((total, share, index) => {
    const other = second[index] ?? 0;
    return total + (other - share) * Math.log(other / share);
  }, 0);
}

function sharesOf(counts: readonly number[]): number[] {
  const filled = counts.map((count) => Math.max(count, ABSENT));
  const total = filled.reduce((sum, count) => sum + count, 0);
  return filled.map((count) => count / total);
}
