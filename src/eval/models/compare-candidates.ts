import type { EvaluationReport } from '../evaluation.ts';
import { mcNemar } from '../intervals.ts';
import type { StatusCounts } from '../score-tally.ts';
import { differenceInterval } from './paired-bootstrap.ts';

/** How one model or definition did on the gold records; `records` has one entry for each of them, in the same order for all. */
export interface Candidate {
  name: string;
  model: string | null;
  report: EvaluationReport;
  records: readonly (StatusCounts & { isRight: boolean })[];
  /** What these records cost in US dollars; null where a price is not known. */
  usd: number | null;
  /** Whether more may have been billed. */
  isLowerBound: boolean;
  latencyMs: { p50: number; p90: number };
}

export interface CandidateFigures {
  name: string;
  model: string | null;
  f1: number | null;
  /** Wilson's interval at 95 %. Candidates are compared in pairs, which tells more: they had the same records. */
  f1Interval: readonly [number, number] | null;
  precision: number | null;
  recall: number | null;
  exact: number | null;
  anls: number | null;
  /** Gold records that it gave no result for. */
  missing: number;
  usd: number | null;
  usdIsLowerBound: boolean;
  usdPer1000: number | null;
  /** Right values that a dollar buys. */
  rightPerUsd: number | null;
  latencyMs: { p50: number; p90: number };
  /** Whether no other candidate is as good and cheaper, or better and as cheap. */
  isOnFront: boolean;
}

/** Two candidates on the same records. */
export interface CandidatePair {
  first: string;
  second: string;
  /** Records that only the first, and only the second, has right as a whole. */
  onlyFirst: number;
  onlySecond: number;
  /** Exact McNemar test, two-sided: how probable so unlike counts are where both are equally good. */
  p: number;
  /** F1 of the first less that of the second, and its interval at 95 % by the paired bootstrap. */
  f1Difference: number;
  f1Interval: [number, number];
}

export interface CandidateComparison {
  records: number;
  candidates: CandidateFigures[];
  pairs: CandidatePair[];
  /** The candidate of the highest F1; null where none has a value right. */
  best: string | null;
  /** The cheapest of those that these records do not tell from the best; null where no price is known. */
  bestPerDollar: string | null;
}

/** From which probability on two candidates count as not told apart. */
const TOLD_APART = 0.05;

/** Compares candidates that were judged on the same gold records: quality, cost, and whether the difference is more than chance. */
export function compareCandidates(candidates: readonly Candidate[]): CandidateComparison {
  const figures = candidates.map(figuresOf);
  for (const one of figures) one.isOnFront = isRightInSomething(one) && !figures.some((other) => beats(other, one));
  const pairs = candidates.flatMap((first, at) => candidates.slice(at + 1).map((second) => comparePair(first, second)));
  // What was not asked, or answered nothing right, is neither good nor cheap.
  const comparable = figures.filter(isRightInSomething);
  const best = most(comparable, ({ f1 }) => f1 ?? -1);
  const asGood = comparable.filter(({ name }) => best !== undefined && !isWorse(name, best.name, pairs));
  const priced = asGood.filter(({ usd }) => usd !== null);
  return {
    records: candidates[0]?.records.length ?? 0,
    candidates: figures,
    pairs,
    best: best?.name ?? null,
    bestPerDollar: most(priced, ({ usd, f1 }) => -(usd ?? 0) + 1e-12 * (f1 ?? 0))?.name ?? null,
  };
}

function figuresOf({ name, model, report, records, usd, isLowerBound, latencyMs }: Candidate): CandidateFigures {
  const { f1, precision, recall, intervals } = report.micro;
  return {
    name,
    model,
    f1,
    f1Interval: intervals.f1,
    precision,
    recall,
    exact: report.exact,
    anls: report.anls,
    missing: report.missing,
    usd,
    usdIsLowerBound: isLowerBound,
    usdPer1000: usd === null || records.length === 0 ? null : (usd / records.length) * 1000,
    rightPerUsd: usd === null || usd === 0 ? null : report.micro.match / usd,
    latencyMs,
    isOnFront: true,
  };
}

function isRightInSomething({ f1 }: CandidateFigures): boolean {
  return (f1 ?? 0) > 0;
}

function beats(other: CandidateFigures, one: CandidateFigures): boolean {
  if (other === one || other.usd === null || one.usd === null) return false;
  const [better, worse] = [other.f1 ?? -1, one.f1 ?? -1];
  return better >= worse && other.usd <= one.usd && (better > worse || other.usd < one.usd);
}

function comparePair(first: Candidate, second: Candidate): CandidatePair {
  let onlyFirst = 0;
  let onlySecond = 0;
  for (const [at, { isRight }] of first.records.entries()) {
    const isOtherRight = second.records[at]?.isRight ?? false;
    if (isRight && !isOtherRight) onlyFirst += 1;
    if (!isRight && isOtherRight) onlySecond += 1;
  }
  return {
    first: first.name,
    second: second.name,
    onlyFirst,
    onlySecond,
    p: mcNemar(onlyFirst, onlySecond),
    f1Difference: (first.report.micro.f1 ?? 0) - (second.report.micro.f1 ?? 0),
    f1Interval: differenceInterval(first.records, second.records),
  };
}

/** Whether the records show that a candidate is worse: by its whole records, or by its values. */
function isWorse(name: string, best: string, pairs: readonly CandidatePair[]): boolean {
  const pair = pairs.find(({ first, second }) => [first, second].includes(name) && [first, second].includes(best));
  if (name === best || pair === undefined) return false;
  const [low, high] = pair.f1Interval;
  const [onlyBest, onlyThis] =
    pair.first === best ? [pair.onlyFirst, pair.onlySecond] : [pair.onlySecond, pair.onlyFirst];
  return low > 0 || high < 0 || (pair.p < TOLD_APART && onlyBest > onlyThis);
}

function most<Item>(items: readonly Item[], by: (item: Item) => number): Item | undefined {
  return items.reduce<Item | undefined>(
    (found, item) => (found === undefined || by(item) > by(found) ? item : found),
    undefined,
  );
}
