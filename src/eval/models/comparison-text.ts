import { formatCount } from '../../text/format.ts';
import { textTable } from '../text-table.ts';
import type { CandidateComparison, CandidateFigures, CandidatePair } from './compare-candidates.ts';

/** A comparison of models for a terminal: a line for each, a line for each pair, and which to take. */
export function comparisonText(comparison: CandidateComparison): string {
  const head = ['model', 'F1', '', 'precision', 'recall', 'exact', 'ANLS*', 'no result', '$/1,000', 'p50', 'p90'];
  const parts = [textTable([head, ...comparison.candidates.map(cells)]), ''];
  if (comparison.pairs.length > 0) {
    const pairHead = [
      'pair, the same records',
      'only first right',
      'only second right',
      'McNemar p',
      'F1 difference',
      '',
    ];
    parts.push(textTable([pairHead, ...comparison.pairs.map(pairCells)]), '');
  }
  parts.push(`${formatCount(comparison.records)} gold records`, adviceOf(comparison));
  return parts.join('\n');
}

/** Which candidate to take, in a sentence, and whom that leaves out. */
export function adviceOf(comparison: CandidateComparison): string {
  const { best, candidates, records } = comparison;
  const silent = candidates.filter(({ missing }) => missing === records);
  if (silent.length === candidates.length) {
    const whom = candidates.length === 1 ? 'the model' : 'no model';
    return `There is nothing to compare: ${whom} gave ${candidates.length === 1 ? 'no' : 'a'} result for these records; why stands in the rejects of the runs`;
  }
  if (best === null) return 'None is best: no model has a value of these records right';
  const without = silent.length === 0 ? '' : `. Without a result: ${silent.map(({ name }) => name).join(', ')}`;
  return `${choiceOf(best, comparison)}${without}`;
}

function choiceOf(best: string, { bestPerDollar, pairs }: CandidateComparison): string {
  if (bestPerDollar === null) return `Best: ${best}; which is best per dollar is not known, as prices are missing`;
  if (best === bestPerDollar) return `Best per dollar: ${best}, which has the highest F1, too`;
  const pair = pairs.find(
    ({ first, second }) => [first, second].includes(best) && [first, second].includes(bestPerDollar),
  );
  return `Best per dollar: ${bestPerDollar}; these records do not tell it from the best, ${best} (p = ${(pair?.p ?? 1).toFixed(3)})`;
}

function cells(one: CandidateFigures): string[] {
  const { name, f1, f1Interval, precision, recall, exact, anls, missing, usdPer1000, usdIsLowerBound, latencyMs } = one;
  return [
    name,
    share(f1),
    f1Interval === null ? '' : `(${f1Interval[0].toFixed(2)} to ${f1Interval[1].toFixed(2)})`,
    ...[precision, recall, exact, anls].map(share),
    formatCount(missing),
    usdPer1000 === null ? 'not known' : `${usdIsLowerBound ? '>= ' : ''}${usdPer1000.toFixed(4)}`,
    `${Math.round(latencyMs.p50)} ms`,
    `${Math.round(latencyMs.p90)} ms`,
  ];
}

function share(value: number | null): string {
  return value === null ? '' : value.toFixed(3);
}

function pairCells({ first, second, onlyFirst, onlySecond, p, f1Difference, f1Interval }: CandidatePair): string[] {
  const signed = (value: number): string => `${value >= 0 ? '+' : ''}${value.toFixed(3)}`;
  return [
    `${first} / ${second}`,
    formatCount(onlyFirst),
    formatCount(onlySecond),
    p.toFixed(4),
    signed(f1Difference),
    `(${signed(f1Interval[0])} to ${signed(f1Interval[1])})`,
  ];
}
