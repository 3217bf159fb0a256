import { createHash } from 'node:crypto';
import { EVIDENCE_SCORE, FEATURES, SCORES } from './features.ts';
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
  const score = SCORES.find(({ of }) => all.some(({ signals }) => of(signals) !== undefined)) ?? EVIDENCE_SCORE;
  const scoreOf = (signals: ValueSignals): number => score.of(signals) ?? 0;
  const steps = fitIsotonic(
    seen.map(({ signals }) => scoreOf(signals)),
    seen.map(({ isRight }) => (isRight ? 1 : 0)),
  );
  return {
    predict: (signals) => predictIsotonic(steps, scoreOf(signals)),
    model: { score: score.name, steps },
  };
}

function foldOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) % FOLDS;
}
