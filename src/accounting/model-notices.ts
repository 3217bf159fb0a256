import { findModel, isKnownModel, models } from '../models/registry.ts';
import { nearestName } from '../text/nearest-name.ts';

/** What a user should know of the model before the run. */
export function modelNotices(model: string, isPriced: boolean): string[] {
  const retiredOn = findModel(model)?.retiredOn;
  if (retiredOn !== undefined) return [`${model} was shut down on ${retiredOn}`];
  if (isPriced) return [];
  const unknown =
    'its price is not known, so the cost of the run will not be known either, unless a price file gives it';
  if (isKnownModel(model)) return [`${model}: ${unknown}`];
  const served = models.filter((row) => row.retiredOn === undefined).map(({ id }) => id);
  // The publisher is easily left off.
  const meant = nearestName(model, served) ?? nearestName(`google/${model}`, served);
  return [
    `${model} is not among the models that are known here${meant === undefined ? '' : ` (did you mean ${meant}?)`}: ${unknown}`,
  ];
}
