/** From `from` on, up to the next step, a value counts as right with this probability. */
export interface IsotonicStep {
  from: number;
  right: number;
}

/** Fits the non-decreasing steps that are nearest to the labels, 0 or 1, by pooling adjacent violators. */
export function fitIsotonic(scores: readonly number[], labels: readonly number[]): IsotonicStep[] {
  const sorted = scores.map((score, at) => ({ score, label: labels[at] ?? 0 })).sort((a, b) => a.score - b.score);
  const blocks: { from: number; sum: number; count: number }[] = [];
  for (const { score, label } of sorted) {
    const last = blocks.at(-1);
    if (last !== undefined && last.from === score) {
      last.sum += label;
      last.count += 1;
    } else {
      // What stands before is complete by now: of equal scores there are no more.
      pool(blocks);
      blocks.push({ from: score, sum: label, count: 1 });
    }
  }
  pool(blocks);
  return blocks.map(({ from, sum, count }) => ({ from, right: sum / count }));
}

function pool(blocks: { from: number; sum: number; count: number }[]): void {
  for (;;) {
    const [before, last] = blocks.slice(-2);
    if (before === undefined || last === undefined || before.sum / before.count < last.sum / last.count) return;
    before.sum += last.sum;
    before.count += last.count;
    blocks.pop();
  }
}

/** How probable it is that a value with this score is right. */
export function predictIsotonic(steps: readonly IsotonicStep[], score: number): number {
  return (steps.findLast(({ from }) => from <= score) ?? steps[0])?.right ?? 0;
}
