import { createHash } from 'node:crypto';
import { fitIsotonic, predictIsotonic, type IsotonicStep } from './isotonic.ts';
import { fitLogistic, predictLogistic, type LogisticModel } from './logistic.ts';
import {
  auroc,
  brierScore,
  calibrationBins,
  errorsCaught,
  expectedCalibrationError,
  type CalibrationBin,
  type Judged,
} from './measures.ts';
import type { ValueSignals } from './value-signals.ts';

/** One value of a result whose gold is known. */
export interface LabelledValue {
  /** The record's id: all values of a record are in one fold. */
  id: string;
  signals: ValueSignals;
  isRight: boolean;
}

/** calibration.json: how sure a run's values are, and how far that can be trusted. */
export interface Calibration {
  version: 1;
  /** Answered values with gold, and how many of them are right. */
  values: number;
  right: number;
  /** What the confidence is made of. */
  method: 'logistic' | 'isotonic';
  /** Folds, by record, of which each was judged by what the others gave. */
  folds: number;
  /** All measures are of values that the fit had not seen. Null where all values are right, or all wrong. */
  auroc: number | null;
  brier: number;
  ece: number;
  bins: CalibrationBin[];
  /** The share of the wrong values that is found in the least sure share of all values. */
  errorsCaught: { reviewed: number; caught: number }[];
  /** Fitted on all values: what gives the confidence of further ones. */
  model: { features: { name: string; weight: number }[]; intercept: number } | { score: string; steps: IsotonicStep[] };
}

const FOLDS = 5;
/** Below so many values one score in order is all that they can bear. */
const ENOUGH = 200;
/** Below so many values nothing is said. */
const LEAST = 30;

/** Calibrates signals to the share of values that are right. Undefined where there is too little to learn from. */
export function calibrate(values: readonly LabelledValue[]): Calibration | undefined {
  const right = values.filter(({ isRight }) => isRight).length;
  if (values.length < LEAST || right === 0 || right === values.length) return undefined;
  const fit = values.length >= ENOUGH ? fitFeatures : fitScore;
  const folds = values.map(({ id }) => foldOf(id));
  const judged: Judged[] = [];
  for (let fold = 0; fold < FOLDS; fold += 1) {
    const held = values.filter((_, at) => folds[at] === fold);
    const rest = values.filter((_, at) => folds[at] !== fold);
    if (held.length === 0) continue;
    const { predict } = fit(rest, values);
    for (const { signals, isRight } of held) judged.push({ confidence: predict(signals), isRight });
  }
  const bins = calibrationBins(judged);
  return {
    version: 1,
    values: values.length,
    right,
    method: fit === fitFeatures ? 'logistic' : 'isotonic',
    folds: FOLDS,
    auroc: auroc(judged) ?? null,
    brier: brierScore(judged),
    ece: expectedCalibrationError(bins),
    bins,
    errorsCaught: errorsCaught(judged),
    model: fit(values, values).model,
  };
}

interface Fitted {
  predict(signals: ValueSignals): number;
  model: Calibration['model'];
}

/** `all` says which features tell values apart; `seen` are the values to learn from. */
function fitFeatures(seen: readonly LabelledValue[], all: readonly LabelledValue[]): Fitted {
  const names = FEATURES.filter(({ of }) => new Set(all.map(({ signals }) => of(signals))).size > 1);
  const rowOf = (signals: ValueSignals): number[] => names.map(({ of }) => of(signals));
  const logistic: LogisticModel = fitLogistic(
    seen.map(({ signals }) => rowOf(signals)),
    seen.map(({ isRight }) => (isRight ? 1 : 0)),
  );
  return {
    predict: (signals) => predictLogistic(logistic, rowOf(signals)),
    model: {
      features: names.map(({ name }, at) => ({ name, weight: logistic.weights[at] ?? 0 })),
      intercept: logistic.intercept,
    },
  };
}

function fitScore(seen: readonly LabelledValue[], all: readonly LabelledValue[]): Fitted {
  const hasAgreement = all.some(({ signals }) => signals.agreement !== undefined);
  const scoreOf = (signals: ValueSignals): number => (hasAgreement ? (signals.agreement ?? 0) : evidenceScore(signals));
  const steps = fitIsotonic(
    seen.map(({ signals }) => scoreOf(signals)),
    seen.map(({ isRight }) => (isRight ? 1 : 0)),
  );
  return {
    predict: (signals) => predictIsotonic(steps, scoreOf(signals)),
    model: { score: hasAgreement ? 'agreement' : 'evidence', steps },
  };
}

const FEATURES: readonly { name: string; of(signals: ValueSignals): number }[] = [
  { name: 'agreement', of: ({ agreement = 0 }) => agreement },
  { name: 'asked once', of: ({ agreement }) => Number(agreement === undefined) },
  { name: 'evidence found', of: ({ evidence }) => Number(isFound(evidence)) },
  { name: 'evidence weak', of: ({ evidence }) => Number(evidence === 'fuzzy' || evidence === 'ambiguous') },
  { name: 'evidence none', of: ({ evidence }) => Number(evidence === 'none') },
  { name: 'repaired', of: ({ isRepaired }) => Number(isRepaired) },
  { name: 'coerced', of: ({ isCoerced }) => Number(isCoerced) },
  { name: 'asked again', of: ({ isAskedAgain }) => Number(isAskedAgain) },
  { name: 'number', of: ({ kind }) => Number(kind === 'number') },
  { name: 'boolean', of: ({ kind }) => Number(kind === 'boolean') },
];

function isFound(evidence: ValueSignals['evidence']): boolean {
  return evidence === 'exact' || evidence === 'normalized' || evidence === 'value';
}

/** 0 for a value that stands nowhere, 1 where that cannot be said, 2 for a weak find, 3 for a clear one. */
function evidenceScore({ evidence }: ValueSignals): number {
  if (evidence === 'none') return 0;
  if (evidence === undefined) return 1;
  return isFound(evidence) ? 3 : 2;
}

function foldOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % FOLDS;
}
