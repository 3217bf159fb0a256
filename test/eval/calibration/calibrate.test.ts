import { expect, test } from 'vitest';
import { calibrate, type Calibration, type LabelledValue } from '../../../src/eval/calibration/calibrate.ts';
import { calibratedConfidence } from '../../../src/eval/calibration/calibrated-confidence.ts';
import { fitIsotonic, predictIsotonic } from '../../../src/eval/calibration/isotonic.ts';
import { fitLogistic, predictLogistic } from '../../../src/eval/calibration/logistic.ts';
import {
  auroc,
  brierScore,
  calibrationBins,
  errorsCaught,
  expectedCalibrationError,
  type Judged,
} from '../../../src/eval/calibration/measures.ts';
import { signalsOf } from '../../../src/eval/calibration/value-signals.ts';

const rows = Array.from({ length: 60 }, (_, at) => [((at * 7) % 10) / 10, at % 2, at % 4 === 0 ? 1 : 0]);
const labels = Array.from({ length: 60 }, (_, at) => (((at * 13) % 17) + ((at * 7) % 10) > 12 ? 1 : 0));
const judgedBy = (predict: (row: readonly number[]) => number): Judged[] =>
  rows.map((row, at) => ({ confidence: predict(row), isRight: labels[at] === 1 }));

// The expected figures are those of scikit-learn on the same numbers: LogisticRegression(C=1), IsotonicRegression, its metrics.
test('the logistic regression is that of scikit-learn', () => {
  const model = fitLogistic(rows, labels);
  expect(model.intercept).toBeCloseTo(-0.71503963, 6);
  for (const [at, weight] of [1.39408242, 0.13756304, -0.20482057].entries()) {
    expect(model.weights[at]).toBeCloseTo(weight, 6);
  }
  const judged = judgedBy((row) => predictLogistic(model, row));
  expect(auroc(judged)).toBeCloseTo(0.7085650723025584, 9);
  expect(brierScore(judged)).toBeCloseTo(0.22225440161104684, 6);
});

test('the isotonic regression is that of scikit-learn', () => {
  const scores = rows.map(([score = 0]) => score);
  const steps = fitIsotonic(scores, labels);
  const known = [1 / 6, 1 / 3, 1 / 3, 1 / 3, 1 / 2, 1 / 2, 1 / 2, 2 / 3, 2 / 3, 5 / 6];
  for (const [at, right] of known.entries()) expect(predictIsotonic(steps, at / 10)).toBeCloseTo(right, 12);
});

test('ties count half in the area under the curve, and brier is the mean square', () => {
  const judged = judgedBy(([score = 0]) => score);
  expect(auroc(judged)).toBeCloseTo(0.7102335928809789, 12);
  expect(brierScore(judged)).toBeCloseTo(0.22833333333333336, 12);
  expect(auroc([{ confidence: 1, isRight: true }])).toBeUndefined();
});

test('perfectly separable values end in a finite fit', () => {
  const { intercept, weights } = fitLogistic([[0], [0], [1], [1]], [0, 0, 1, 1]);
  expect(Number.isFinite(intercept)).toBe(true);
  expect(weights[0]).toBeGreaterThan(0);
});

test('calibration error and errors caught, worked out by hand', () => {
  // 20 values: ten say 0.5 and six of them are right, ten say 0.9 and all are.
  const judged: Judged[] = Array.from({ length: 20 }, (_, at) => ({
    confidence: at < 10 ? 0.5 : 0.9,
    isRight: at >= 10 || at < 6,
  }));
  const bins = calibrationBins(judged);
  expect(bins).toHaveLength(10);
  // Bins of two: three are right (0.5 off), two are wrong (0.5 off), five are right (0.1 off).
  expect(expectedCalibrationError(bins)).toBeCloseTo((5 * 0.5 + 5 * 0.1) / 10, 12);
  // Of the ten equally unsure ones, two are one fifth, and so hold a fifth of the four errors.
  const caught = new Map(errorsCaught(judged).map((point) => [point.reviewed, point.caught]));
  expect(caught.get(0.1)).toBeCloseTo(0.2, 12);
  expect(caught.get(0.5)).toBe(1);
});

/** Values that stand in their text are right nine times of ten, the others three times. */
function values(count: number): LabelledValue[] {
  return Array.from({ length: count }, (_, at) => {
    const isFound = at % 2 === 0;
    const evidence = [{ path: '/total', start: 0, end: 1, match: isFound ? 'exact' : 'none', occurrences: 1 } as const];
    const isRight = Math.floor(at / 2) % 10 < (isFound ? 9 : 3);
    return { id: `r${at}`, signals: signalsOf({ attempts: 1 }, evidence)('/total', 1), isRight };
  });
}

test.each([
  [100, 'isotonic'],
  [400, 'logistic'],
])('%d values are calibrated to the share that is right: %s', (count, method) => {
  const calibration = calibrate(values(count));
  expect(calibration).toMatchObject({ version: 1, values: count, right: count * 0.6, method, folds: 5 });
  expect(calibration?.auroc).toBeGreaterThan(0.7);
  expect(calibration?.ece).toBeLessThan(0.15);
  expect(calibration?.brier).toBeLessThan(0.2);
  expect(calibration).toEqual(calibrate(values(count)));
});

test('too few values, and such as are all right, calibrate nothing', () => {
  expect(calibrate(values(20))).toBeUndefined();
  expect(calibrate(values(100).map((value) => ({ ...value, isRight: true })))).toBeUndefined();
});

test.each([
  ['for the whole', 0.5, 0.5],
  ['by pointer', { '/items/0/price': 0.6 }, 0.6],
  ['by field inside lists', { 'items[].price': 0.7 }, 0.7],
  ['by field of the record', { items: 0.8 }, 0.8],
  ['as a list', [{ path: '/items/0/price', agreement: 0.9 }], 0.9],
  ['of another field', { total: 1 }, undefined],
  ['not at all', undefined, undefined],
])('agreement is read %s', (_name, confidence, agreement) => {
  const entry = confidence === undefined ? {} : { confidence };
  expect(signalsOf(entry, undefined)('/items/0/price', 1).agreement).toBe(agreement);
});

/** Values whose tokens were sure are right nine times of ten, the others three times. */
function valuesWithLogprobs(count: number): LabelledValue[] {
  return values(count).map((value, at) => ({
    ...value,
    signals: signalsOf({ attempts: 1, logprobs: { '/total': at % 2 === 0 ? -0.01 : -2 } }, undefined)('/total', 1),
  }));
}

test.each([
  [100, { score: 'token probability' }],
  [400, { features: [{ name: 'token probability' }] }],
])('%d values are calibrated by their log probabilities, where there is nothing else', (count, model) => {
  const calibration = calibrate(valuesWithLogprobs(count));
  expect(calibration).toMatchObject({ model });
  expect(calibration?.auroc).toBeGreaterThan(0.7);
});

test.each([
  ['isotonic', valuesWithLogprobs(100)],
  ['logistic', valuesWithLogprobs(400)],
  ['isotonic, by evidence', values(100)],
])('calibration.json says of further values what was found: %s', (_, labelled) => {
  const written = JSON.parse(JSON.stringify(calibrate(labelled))) as Calibration;
  const confidence = calibratedConfidence(written);
  const [sure, unsure] = [labelled[0], labelled[1]].map((value) => value && confidence?.(value.signals));
  expect(sure).toBeCloseTo(0.9, 1);
  expect(unsure).toBeCloseTo(0.3, 1);
});

test('a signal that is not known says nothing of further values', () => {
  expect(calibratedConfidence({ model: { score: 'moon', steps: [] } })).toBeUndefined();
  expect(calibratedConfidence({ model: { features: [{ name: 'moon', weight: 1 }], intercept: 0 } })).toBeUndefined();
});
