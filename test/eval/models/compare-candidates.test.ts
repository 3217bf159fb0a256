import { expect, test } from 'vitest';
import { Evaluation } from '../../../src/eval/evaluation.ts';
import { compareCandidates, type Candidate } from '../../../src/eval/models/compare-candidates.ts';
import { costPicture } from '../../../src/eval/models/cost-picture.ts';
import { comparisonPage } from '../../../src/eval/models/comparison-page.ts';
import { comparisonText } from '../../../src/eval/models/comparison-text.ts';
import { differenceInterval, f1Of } from '../../../src/eval/models/paired-bootstrap.ts';

/** A candidate that has the records right whose letters are `r`, of one value each. */
function candidate(name: string, answers: string, usd: number | null): Candidate {
  const evaluation = new Evaluation({ fields: ['total'], comparators: new Map() });
  const records = [...answers].map((letter, at) => {
    const isRight = letter === 'r';
    evaluation.add(String(at), { total: 1 }, { total: isRight ? 1 : 2 });
    return { match: isRight ? 1 : 0, mismatch: isRight ? 0 : 1, omission: 0, hallucination: 0, isRight };
  });
  const latencyMs = { p50: 100, p90: 200 };
  return { name, model: name, report: evaluation.report(), records, usd, isLowerBound: false, latencyMs };
}

const strong = candidate('strong', 'rrrrrrrrrrrrrrrrrrrr', 2);
const close = candidate('close', 'rrrrrrrrrrrrrrrrrrxr', 0.2);
const cheap = candidate('cheap', 'xxxxxxxxxxrrrrrrrrrr', 0.1);
const waste = candidate('waste', 'rrrrrrrrrrrrrrrrrrxx', 3);

test('the best per dollar is the cheapest of those that the records do not tell from the best', () => {
  const { best, bestPerDollar, candidates, pairs, records } = compareCandidates([strong, close, cheap, waste]);
  expect([best, bestPerDollar, records]).toEqual(['strong', 'close', 20]);
  expect(candidates.map(({ name, isOnFront }) => [name, isOnFront])).toEqual([
    ['strong', true],
    ['close', true],
    ['cheap', true],
    ['waste', false],
  ]);
  expect(candidates[1]).toMatchObject({ f1: expect.closeTo(0.95, 12), usdPer1000: 10, rightPerUsd: 95 });
  // 10 records only the one has right, none only the other: 2 / 2^10.
  const pair = pairs.find(({ first, second }) => first === 'strong' && second === 'cheap');
  expect(pair).toMatchObject({ onlyFirst: 10, onlySecond: 0, p: 2 / 1024, f1Difference: 0.5 });
});

test('without prices the best is told, and nothing of dollars', () => {
  const comparison = compareCandidates([candidate('a', 'rx', null), candidate('b', 'rr', null)]);
  expect([comparison.best, comparison.bestPerDollar]).toEqual(['b', null]);
  expect(comparisonText(comparison)).toContain('prices are missing');
  expect(costPicture(comparison.candidates).text).toContain('no price is known');
});

/** A candidate whose run has no result, as of a prompt that no record of the sample fills. */
function silent(name: string, count: number): Candidate {
  const evaluation = new Evaluation({ fields: ['total'], comparators: new Map() });
  const records = Array.from({ length: count }, (_, at) => {
    evaluation.add(String(at), { total: 1 }, undefined);
    return { match: 0, mismatch: 0, omission: 1, hallucination: 0, isRight: false };
  });
  return { ...candidate(name, '', null), report: evaluation.report(), records };
}

test('where no candidate answered, or none is right, none is best', () => {
  const none = compareCandidates([silent('a', 3), silent('b', 3)]);
  expect([none.best, none.bestPerDollar, none.candidates.map(({ isOnFront }) => isOnFront)]).toEqual([
    null,
    null,
    [false, false],
  ]);
  expect(comparisonText(none)).toContain('There is nothing to compare: no model gave a result for these records');
  const wrong = compareCandidates([candidate('a', 'xx', 1), candidate('b', 'xx', 2)]);
  expect([wrong.best, wrong.bestPerDollar]).toEqual([null, null]);
  expect(comparisonText(wrong)).toContain('None is best: no model has a value of these records right');
});

test('a candidate without a result is never the best per dollar, however few records there are', () => {
  const quiet = { ...silent('quiet', 2), usd: 0 };
  const comparison = compareCandidates([candidate('a', 'rx', 1), quiet]);
  expect([comparison.best, comparison.bestPerDollar]).toEqual(['a', 'a']);
  expect(comparisonText(comparison)).toContain(
    'Best per dollar: a, which has the highest F1, too. Without a result: quiet',
  );
});

test('the interval of a difference holds the difference, is nothing for equals, and is the same each time', () => {
  const [low, high] = differenceInterval(strong.records, cheap.records);
  expect(low).toBeLessThan(0.5);
  expect(high).toBeGreaterThan(0.5);
  expect(low).toBeGreaterThan(0.2);
  expect(differenceInterval(strong.records, cheap.records)).toEqual([low, high]);
  expect(differenceInterval(cheap.records, cheap.records)).toEqual([0, 0]);
  expect(f1Of(cheap.records)).toBe(0.5);
});

test('the page lets no name of a model become markup, and its picture says in words what it shows', () => {
  const page = comparisonPage(compareCandidates([strong, candidate('<img src=x>"', 'rxrxrxrxrxrxrxrxrxrx', 1)]));
  expect(page).not.toContain('<img');
  expect(page).toMatch(/aria-label="F1 over US dollars per 1,000 records: strong 1\.000 at \$100; /);
});

test('values tell candidates apart where no record is right as a whole', () => {
  const half = { match: 1, mismatch: 1, omission: 0, hallucination: 0, isRight: false };
  const none = { match: 0, mismatch: 2, omission: 0, hallucination: 0, isRight: false };
  const report = (count: typeof half): Candidate['report'] => {
    const evaluation = new Evaluation({ fields: ['a', 'b'], comparators: new Map() });
    for (let at = 0; at < 10; at += 1) evaluation.add(String(at), { a: 1, b: 1 }, { a: count.match, b: 0 });
    return evaluation.report();
  };
  const of = (name: string, count: typeof half, usd: number): Candidate => ({
    ...candidate(name, '', usd),
    report: report(count),
    records: Array.from({ length: 10 }, () => count),
  });
  const { best, bestPerDollar, pairs } = compareCandidates([of('half', half, 2), of('none', none, 1)]);
  expect(pairs[0]).toMatchObject({ p: 1, f1Difference: 0.5, f1Interval: [0.5, 0.5] });
  expect([best, bestPerDollar]).toEqual(['half', 'half']);
});
