import { describeModels } from '../models/describe-models.ts';
import { findModel, isKnownModel, models } from '../models/registry.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { CheckResult } from './check-result.ts';

const ISO_DAY = '2026-01-31';

/** What is known of a model on a day: whether there is such a one, was, and what it costs. */
export function checkModel(model: string, now: number): CheckResult {
  const name = 'model';
  const found = findModel(model);
  if (found === undefined) {
    if (isKnownModel(model)) return { name, status: 'ok', message: `${model}, whose price is not known` };
    const nearest = nearestName(
      model,
      models.map(({ id }) => id),
    );
    const advice =
      nearest === undefined ? 'look the name up; gleaner knows Gemini by name' : `did you mean ${nearest}?`;
    return { name, status: 'warning', message: `${model} is not known`, advice };
  }
  const day = new Date(now).toISOString().slice(0, ISO_DAY.length);
  if (found.retiredOn !== undefined && found.retiredOn <= day)
    return {
      name,
      status: 'failed',
      message: `${model} was shut down on ${found.retiredOn}`,
      advice: 'name another model',
    };
  const usd = describeModels(day).find(({ id }) => id === found.id)?.usdPer1MTokens;
  const price = usd == null ? 'its price is not known' : `$${usd.input} in and $${usd.output} out for a million tokens`;
  return { name, status: 'ok', message: `${model}, ${price}` };
}
