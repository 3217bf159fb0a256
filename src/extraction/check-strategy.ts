import { GleanerError } from '../gleaner-error.ts';
import { checkRequestSettings } from './check-request-settings.ts';
import type { ExtractionOptions, RequestSettings } from './definition.ts';
import { kindOfValue, refuseUnknownKeys } from './option-checks.ts';
import { suggestColumn } from './suggest-column.ts';
import { columnsOf, parseTemplate } from './template.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';

interface StrategyOptions extends Pick<
  ExtractionOptions<ZodSchema>,
  'samples' | 'variants' | 'cascade' | 'chunk' | 'request'
> {
  /** Only what a template says is looked at. */
  prompt: unknown;
}

const MOST_READINGS = 8;

/** @throws {GleanerError} where what a definition says of several calls for a record is wrong, or does not go together */
export function checkStrategy(subject: string, options: StrategyOptions): void {
  const { samples, variants, cascade, chunk, request } = options;
  if (samples === undefined && variants === undefined && cascade === undefined && chunk === undefined) return;
  if (samples !== undefined) checkSamples(subject, samples, request);
  if (variants !== undefined) checkVariants(subject, variants);
  if (samples !== undefined && variants !== undefined) {
    refuse(subject, '"samples" and "variants" both say how often a record is read; keep one');
  }
  if (cascade !== undefined) checkCascade(subject, cascade, samples !== undefined || variants !== undefined);
  if (chunk !== undefined) checkChunk(subject, chunk, options);
  if (request?.modalities?.includes('image') === true)
    refuse(subject, 'pictures are not read with several calls; leave samples, variants, cascade and chunk out');
}

function checkSamples(subject: string, given: unknown, request: RequestSettings | undefined): void {
  let count = given;
  if (typeof given === 'object' && given !== null) {
    refuseUnknownKeys(subject, given, ['count', 'apart'], 'samples.');
    const { apart } = given as { apart?: unknown };
    if (apart !== undefined && typeof apart !== 'boolean')
      refuse(subject, `"samples.apart" must be true or false, got ${kindOfValue(apart)}`);
    count = (given as { count?: unknown }).count;
  }
  if (!Number.isInteger(count) || Number(count) < 2 || Number(count) > MOST_READINGS) {
    const got = typeof count === 'number' ? String(count) : kindOfValue(count);
    refuse(subject, `"samples" must be a whole number from 2 to ${MOST_READINGS}, got ${got}`);
  }
  if (request?.temperature === 0) {
    refuse(
      subject,
      'samples at temperature 0 are the same answer several times; set request.temperature to 0.5 or above, or name "variants"',
    );
  }
}

function checkVariants(subject: string, given: unknown): void {
  if (!Array.isArray(given) || given.length === 0 || given.length >= MOST_READINGS) {
    const got = Array.isArray(given) ? `${given.length} of them` : kindOfValue(given);
    refuse(subject, `"variants" must be a list of 1 to ${MOST_READINGS - 1} further readings, got ${got}`);
  }
  for (const [position, variant] of (given as readonly unknown[]).entries()) {
    const place = `variants[${position}]`;
    if (typeof variant !== 'object' || variant === null || Array.isArray(variant))
      refuse(subject, `"${place}" must be an object with model, instructions or request, got ${kindOfValue(variant)}`);
    refuseUnknownKeys(subject, variant, ['model', 'instructions', 'request'], `${place}.`);
    const { model, instructions, request } = variant as Record<string, unknown>;
    if (model === undefined && instructions === undefined && request === undefined)
      refuse(subject, `"${place}" is no other reading; give it a model, instructions or request settings of its own`);
    if (model !== undefined) checkModelName(subject, `${place}.model`, model);
    if (instructions !== undefined && (typeof instructions !== 'string' || instructions.trim() === ''))
      refuse(subject, `"${place}.instructions" must be text for the system message, got ${kindOfValue(instructions)}`);
    if (request !== undefined) checkRequestSettings(subject, request);
  }
}

const CUT_PLACES = ['paragraph', 'line', 'sentence'];
const MOST_PASSES = 5;

function checkChunk(subject: string, given: unknown, { request, prompt }: StrategyOptions): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse(subject, `"chunk" must be an object such as { chars: 8000, overlap: 400 }, got ${kindOfValue(given)}`);
  refuseUnknownKeys(subject, given, ['field', 'chars', 'at', 'overlap', 'context', 'passes', 'merge'], 'chunk.');
  const { field, chars, at, overlap = 0, context = 0, passes = 1, merge } = given as Record<string, unknown>;
  checkWhole(subject, 'chunk.chars', chars, 100, Number.MAX_SAFE_INTEGER);
  checkWhole(subject, 'chunk.overlap', overlap, 0, Math.floor(Number(chars) / 2));
  checkWhole(subject, 'chunk.context', context, 0, Number.MAX_SAFE_INTEGER);
  checkWhole(subject, 'chunk.passes', passes, 1, MOST_PASSES);
  if (field !== undefined && (typeof field !== 'string' || field === ''))
    refuse(subject, `"chunk.field" must be the name of a column, got ${kindOfValue(field)}`);
  if (field !== undefined && typeof prompt === 'string') checkChunkField(subject, field, prompt);
  if (at !== undefined && !CUT_PLACES.includes(String(at)))
    refuse(subject, `"chunk.at" must be one of ${CUT_PLACES.join(', ')}`);
  if (merge !== undefined && merge !== 'ask') refuse(subject, '"chunk.merge" must be \'ask\' or absent');
  if (Number(passes) > 1 && request?.temperature === 0)
    refuse(
      subject,
      'a further pass at temperature 0 finds the same; set request.temperature above 0, or leave "chunk.passes" out',
    );
}

/** Another column would be cut in parts that no question shows. */
function checkChunkField(subject: string, field: string, prompt: string): void {
  const template = parseTemplate(prompt);
  const columns = columnsOf(template);
  // A column may have a question mark of its own.
  if (columns.includes(field) || template.placeholders.some(({ name }) => name === field)) return;
  const hint = columns.length === 0 ? 'it uses none' : suggestColumn(field, columns);
  refuse(subject, `"chunk.field" is ${JSON.stringify(field)}, a column that its prompt does not use; ${hint}`);
}

function checkWhole(subject: string, option: string, value: unknown, least: number, most: number): void {
  if (Number.isInteger(value) && Number(value) >= least && Number(value) <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  refuse(
    subject,
    `"${option}" must be a whole number ${range}, got ${typeof value === 'number' ? value : kindOfValue(value)}`,
  );
}

const CASCADE_NAMES = [
  'model',
  'strong',
  'when',
  'calibration',
  'agree',
  'delta',
  'calibrate',
  'keep',
  'drift',
  'fields',
];
const REASONS = ['invalid', 'truncated', 'ungrounded', 'disagree', 'repaired'];

function checkCascade(subject: string, given: unknown, hasReadings: boolean): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    refuse(
      subject,
      `"cascade" must be an object such as { strong: 'google/gemini-3.5-pro' }, got ${kindOfValue(given)}`,
    );
  refuseUnknownKeys(subject, given, CASCADE_NAMES, 'cascade.');
  const { model, strong, when, fields, calibration, ...promise } = given as Record<string, unknown>;
  if (model !== undefined) checkModelName(subject, 'cascade.model', model);
  if (typeof strong === 'object' && strong !== null) {
    refuseUnknownKeys(subject, strong, ['model', 'request'], 'cascade.strong.');
    const { model: name, request } = strong as Record<string, unknown>;
    checkModelName(subject, 'cascade.strong.model', name);
    if (request !== undefined) checkRequestSettings(subject, request);
  } else checkModelName(subject, 'cascade.strong', strong);
  if (when !== undefined) {
    const isList = Array.isArray(when) && when.every((reason) => REASONS.includes(String(reason)));
    if (!isList) refuse(subject, `"cascade.when" must be a list of ${REASONS.join(', ')}`);
    if (when.includes('disagree') && !hasReadings)
      refuse(
        subject,
        'one reading cannot disagree with itself: "cascade.when" has "disagree" without samples or variants',
      );
  }
  const isFields = Array.isArray(fields) && fields.length > 0 && fields.every((field) => typeof field === 'string');
  if (fields !== undefined && !isFields) refuse(subject, `"cascade.fields" must be a list of fields of the schema`);
  if (calibration !== undefined) checkCalibration(subject, calibration, promise['agree']);
  checkPromise(subject, { ...promise, fields }, hasReadings && calibration === undefined);
}

function checkCalibration(subject: string, given: unknown, agree: unknown): void {
  if (agree === undefined)
    refuse(subject, '"cascade.calibration" makes the score of a promise; say which promise by "cascade.agree"');
  if (isCalibration(given)) return;
  refuse(
    subject,
    `"cascade.calibration" must be what gleaner eval wrote as calibration.json, got ${kindOfValue(given)}`,
  );
}

/** Whether it has a fit in the shape that `gleaner eval` writes. */
function isCalibration(given: unknown): boolean {
  const { model } = (given ?? {}) as { model?: unknown };
  if (typeof model !== 'object' || model === null) return false;
  const { features, intercept, score, steps } = model as Record<string, unknown>;
  if (typeof score === 'string') {
    return Array.isArray(steps) && steps.length > 0 && steps.every((step) => hasNumbers(step, ['from', 'right']));
  }
  return Number.isFinite(intercept) && Array.isArray(features) && features.every((one) => hasNumbers(one, ['weight']));
}

function hasNumbers(value: unknown, names: readonly string[]): boolean {
  return (
    typeof value === 'object' && value !== null && names.every((name) => Number.isFinite(Reflect.get(value, name)))
  );
}

function checkPromise(subject: string, promise: Readonly<Record<string, unknown>>, isByAgreement: boolean): void {
  const { agree, delta, calibrate, keep, drift } = promise;
  if (agree === undefined) {
    const named = Object.entries(promise).find(([, value]) => value !== undefined)?.[0];
    if (named !== undefined)
      refuse(subject, `"cascade.${named}" says how a promise is kept; say which by "cascade.agree"`);
    return;
  }
  for (const [name, share] of Object.entries({ agree, delta: delta ?? 0.1, drift: drift ?? 0.05 })) {
    if (typeof share === 'number' && share > 0 && share < 1) continue;
    const got = typeof share === 'number' ? share : kindOfValue(share);
    refuse(subject, `"cascade.${name}" must be above 0 and below 1, got ${got}`);
  }
  checkKept(subject, { calibrate, keep, drift }, isByAgreement);
}

/** A threshold is found out, or known. By the agreement of readings, scores of doubtful answers are one less, and so below 0. */
function checkKept(subject: string, { calibrate, keep, drift }: Record<string, unknown>, isByAgreement: boolean): void {
  if (keep !== undefined) {
    if (typeof keep !== 'number' || !Number.isFinite(keep))
      refuse(subject, `"cascade.keep" must be the threshold of an earlier run, a number, got ${kindOfValue(keep)}`);
    if (keep > 1 || (isByAgreement ? keep <= -1 : keep < 0)) {
      const range = isByAgreement ? 'above -1 and at most 1' : 'from 0 to 1';
      refuse(subject, `"cascade.keep" must be the threshold of an earlier run, ${range}, got ${keep}`);
    }
    if (calibrate !== undefined)
      refuse(subject, '"cascade.calibrate" finds a threshold, and "cascade.keep" is one; keep one of them');
    return;
  }
  if (drift !== undefined)
    refuse(subject, '"cascade.drift" watches over a threshold that is known; give "cascade.keep"');
  if (calibrate !== undefined) checkWhole(subject, 'cascade.calibrate', calibrate, 1, Number.MAX_SAFE_INTEGER);
}

function checkModelName(subject: string, option: string, given: unknown): void {
  if (typeof given === 'string' && /^[^\s/]+\/\S+$/.test(given)) return;
  const got = typeof given === 'string' ? JSON.stringify(given) : kindOfValue(given);
  refuse(subject, `"${option}" must name publisher and model, such as "google/gemini-3.5-flash-lite", got ${got}`);
}

function refuse(subject: string, what: string): never {
  throw new GleanerError('definition-invalid', `Cannot define ${subject}: ${what}`);
}
