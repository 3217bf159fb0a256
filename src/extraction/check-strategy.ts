import { GleanerError } from '../gleaner-error.ts';
import { checkRequestSettings } from './check-request-settings.ts';
import type { ExtractionOptions, RequestSettings } from './definition.ts';
import { kindOfValue, refuseUnknownKeys } from './option-checks.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';

type StrategyOptions = Pick<ExtractionOptions<ZodSchema>, 'samples' | 'variants' | 'request'>;

const MOST_READINGS = 8;

/** @throws {GleanerError} where what a definition says of several calls for a record is wrong, or does not go together */
export function checkStrategy(subject: string, { samples, variants, request }: StrategyOptions): void {
  if (samples === undefined && variants === undefined) return;
  if (samples !== undefined) checkSamples(subject, samples, request);
  if (variants !== undefined) checkVariants(subject, variants);
  if (samples !== undefined && variants !== undefined) {
    refuse(subject, '"samples" and "variants" both say how often a record is read; keep one');
  }
  if (request?.modalities?.includes('image') === true) refuse(subject, 'pictures cannot be read several times');
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

function checkModelName(subject: string, option: string, given: unknown): void {
  if (typeof given === 'string' && /^[^\s/]+\/\S+$/.test(given)) return;
  const got = typeof given === 'string' ? JSON.stringify(given) : kindOfValue(given);
  refuse(subject, `"${option}" must name publisher and model, such as "google/gemini-3.5-flash-lite", got ${got}`);
}

function refuse(subject: string, what: string): never {
  throw new GleanerError('definition-invalid', `Cannot define ${subject}: ${what}`);
}
