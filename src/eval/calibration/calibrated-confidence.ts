import type { Calibration } from './calibrate.ts';
import { FEATURES, SCORES } from './features.ts';
import { predictIsotonic } from './isotonic.ts';
import { predictLogistic } from './logistic.ts';
import type { ValueSignals } from './value-signals.ts';

/** How probable it is that a value is right, by what an evaluation with gold has found. */
export type CalibratedConfidence = (signals: ValueSignals) => number;

/** Prepares what the fit of an evaluation says of further values; undefined where it goes by a signal that is not known here. */
export function calibratedConfidence({ model }: Pick<Calibration, 'model'>): CalibratedConfidence | undefined {
  if ('steps' in model) {
    const score = SCORES.find(({ name }) => name === model.score);
    return score && ((signals) => predictIsotonic(model.steps, score.of(signals) ?? 0));
  }
  const features = model.features.map(({ name }) => FEATURES.find((feature) => feature.name === name));
  if (!features.every((feature) => feature !== undefined)) return undefined;
  const logistic = { intercept: model.intercept, weights: model.features.map(({ weight }) => weight) };
  return (signals) =>
    predictLogistic(
      logistic,
      features.map(({ of }) => of(signals)),
    );
}
