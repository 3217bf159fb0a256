/** How sure one value was, from 0 to 1, and whether it was right. */
export interface Judged {
  confidence: number;
  isRight: boolean;
}

export interface CalibrationBin {
  values: number;
  /** Means over the bin: what was said, and what was so. */
  confidence: number;
  right: number;
}

const BINS = 10;
const SHARES = [0.05, 0.1, 0.2, 0.3, 0.5];

/**
 * The area under the ROC curve: how probable it is that a right value is surer than a wrong one, ties counting half. Undefined where all
 * are right, or all wrong.
 */
export function auroc(judged: readonly Judged[]): number | undefined {
  const sorted = judged.toSorted((left, right) => left.confidence - right.confidence);
  let right = 0;
  let rankSum = 0;
  for (const { from, to } of ties(sorted)) {
    // Ranks begin at 1; those of a tie share their mean.
    const rank = (from + 1 + to) / 2;
    for (const { isRight } of sorted.slice(from, to)) {
      if (!isRight) continue;
      right += 1;
      rankSum += rank;
    }
  }
  const wrong = judged.length - right;
  if (right === 0 || wrong === 0) return undefined;
  return (rankSum - (right * (right + 1)) / 2) / (right * wrong);
}

/** The mean squared distance between what was said and what was so (Brier 1950). */
export function brierScore(judged: readonly Judged[]): number {
  return (
    judged.reduce((sum, { confidence, isRight }) => sum + (confidence - (isRight ? 1 : 0)) ** 2, 0) / judged.length
  );
}

/** Ten bins of equally many values, from the least sure to the surest. */
export function calibrationBins(judged: readonly Judged[]): CalibrationBin[] {
  const sorted = judged.toSorted((left, right) => left.confidence - right.confidence);
  return Array.from({ length: BINS }, (_, at) => {
    const bin = sorted.slice(Math.floor((at * sorted.length) / BINS), Math.floor(((at + 1) * sorted.length) / BINS));
    const mean = (of: (one: Judged) => number): number => bin.reduce((sum, one) => sum + of(one), 0) / bin.length;
    return {
      values: bin.length,
      confidence: mean(({ confidence }) => confidence),
      right: mean(({ isRight }) => (isRight ? 1 : 0)),
    };
  }).filter(({ values }) => values > 0);
}

/** The expected calibration error: the mean distance of the bins from what they say, weighted by their values. */
export function expectedCalibrationError(bins: readonly CalibrationBin[]): number {
  const total = bins.reduce((sum, { values }) => sum + values, 0);
  return bins.reduce((sum, { values, confidence, right }) => sum + (values / total) * Math.abs(right - confidence), 0);
}

/**
 * The share of the wrong values that is found when the least sure values are looked at first, for some shares looked at. Of values that are
 * equally sure, any may come first: what is to be expected counts.
 */
export function errorsCaught(judged: readonly Judged[]): { reviewed: number; caught: number }[] {
  const sorted = judged.toSorted((left, right) => left.confidence - right.confidence);
  const wrong = sorted.filter(({ isRight }) => !isRight).length;
  if (wrong === 0) return [];
  return SHARES.map((reviewed) => {
    const looked = reviewed * sorted.length;
    let caught = 0;
    for (const { from, to } of ties(sorted)) {
      const part = Math.min(1, Math.max(0, (looked - from) / (to - from)));
      caught += part * sorted.slice(from, to).filter(({ isRight }) => !isRight).length;
    }
    return { reviewed, caught: caught / wrong };
  });
}

/** The runs of equal confidence in a sorted list. */
function* ties(sorted: readonly Judged[]): Generator<{ from: number; to: number }> {
  for (let from = 0; from < sorted.length;) {
    let to = from + 1;
    while (to < sorted.length && sorted[to]?.confidence === sorted[from]?.confidence) to += 1;
    yield { from, to };
    from = to;
  }
}
