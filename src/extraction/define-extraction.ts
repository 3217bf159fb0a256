import { GleanerError } from '../gleaner-error.ts';
import type { RecordFields } from '../records/record.ts';
import { zodFlavour } from '../zod/flavour.ts';
import { checkRequestSettings } from './check-request-settings.ts';
import type { ZodSchema } from '../schema/zod-schema.ts';
import type { Extraction, ExtractionOptions, ObjectSchema } from './definition.ts';
import { checkExamples } from './examples.ts';
import { checkStrategy } from './check-strategy.ts';
import { kindOfValue, refuseUnknownKeys } from './option-checks.ts';

const OPTION_NAMES = [
  'name',
  'model',
  'schema',
  'instructions',
  'prompt',
  'id',
  'request',
  'examples',
  'samples',
  'variants',
  'cascade',
  'chunk',
  'tools',
  'maxToolRounds',
  'stream',
  'requireEvidence',
  'coerce',
  'compatibility',
  'evaluate',
] as const;
const COMPATIBILITY_MODES = ['backward', 'forward', 'full', 'none'];

/**
 * Defines an extraction: which fields to take from a record, with which instructions and model. The record type of an
 * annotated `prompt` or `id` function holds for both; without one, fields are JSON values.
 *
 *     export default defineExtraction({
 *       name: 'receipt',
 *       model: 'google/gemini-3.5-flash-lite',
 *       schema: z.object({ company: z.string(), total: z.number().nullable() }),
 *       instructions: 'Extract the receipt.',
 *       prompt: '{{text}}',
 *     });
 *
 * @throws {GleanerError} naming the option that is missing or wrong
 */
export function defineExtraction<Schema extends ZodSchema, Fields extends object = RecordFields>(
  options: ExtractionOptions<Schema, Fields> & { schema: ObjectSchema<NoInfer<Schema>> },
  // Without NoInfer, a call in a place that takes any extraction would find records without columns there.
): Extraction<Schema, NoInfer<Fields>> {
  const given: unknown = options;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define an extraction: defineExtraction takes one object with ${OPTION_NAMES.join(', ')}, got ${kindOfValue(given)}`,
    );
  }
  const subject = describeSubject(options.name);
  // A finished definition may be spread into a new one, so its mark is no mistake.
  refuseUnknownKeys(subject, given, [...OPTION_NAMES, 'kind'], '');
  checkName(options.name);
  checkModel(subject, options.model);
  checkSchema(subject, options.schema);
  checkText(subject, 'instructions', options.instructions, 'text for the system message');
  if (typeof options.prompt !== 'function') {
    checkText(subject, 'prompt', options.prompt, "a template such as '{{text}}', or a function of the record");
  }
  if (options.id !== undefined && typeof options.id !== 'function') {
    checkText(subject, 'id', options.id, 'the name of a column, or a function of the record');
  }
  if (options.request !== undefined) checkRequestSettings(subject, options.request);
  checkTools(subject, options.tools, options.maxToolRounds);
  if (options.stream !== undefined && typeof options.stream !== 'boolean') {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "stream" must be true or false, got ${kindOfValue(options.stream)}`,
    );
  }
  checkRequireEvidence(subject, options.requireEvidence);
  checkCompatibility(subject, options.compatibility);
  checkCoerce(subject, options.coerce);
  checkComparators(subject, options.evaluate);
  checkStrategy(subject, options);
  // What shows later only is looked at again before a run.
  checkExamples(subject, options.examples, options.schema)?.catch(() => undefined);
  return Object.freeze({ ...options, kind: 'gleaner.extraction' as const });
}

function describeSubject(name: unknown): string {
  return typeof name === 'string' && /^[\w-]{1,64}$/.test(name) ? `the extraction "${name}"` : 'an extraction';
}

function checkName(name: unknown): void {
  if (typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name)) return;
  const got = typeof name === 'string' ? JSON.stringify(name.slice(0, 80)) : kindOfValue(name);
  throw new GleanerError(
    'definition-invalid',
    `Cannot define an extraction: "name" must be 1 to 64 letters, digits, "_" or "-", such as "receipt", got ${got}`,
  );
}

function checkModel(subject: string, model: unknown): void {
  if (model === undefined) return;
  if (typeof model === 'string' && /^[^\s/]+\/\S+$/.test(model)) return;
  const got = typeof model === 'string' ? JSON.stringify(model) : kindOfValue(model);
  const hint = typeof model === 'string' && /^[^\s/]+$/.test(model) ? `; for Gemini: "google/${model}"` : '';
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: "model" must name publisher and model, such as "google/gemini-3.5-flash-lite", got ${got}${hint}`,
  );
}

function checkSchema(subject: string, schema: unknown): void {
  if (zodFlavour(schema) === undefined) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "schema" must be a zod schema, such as z.object({ total: z.number() }), got ${kindOfValue(schema)}`,
    );
  }
  if (typeof schema === 'object' && schema !== null && '~standard' in schema) return;
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: "schema" comes from an old zod; use zod 3.25.76 or newer, or zod 4`,
  );
}

function checkTools(subject: string, tools: unknown, maxToolRounds: unknown): void {
  if (maxToolRounds !== undefined && !(Number.isInteger(maxToolRounds) && Number(maxToolRounds) >= 1)) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "maxToolRounds" must be a whole number of at least 1`,
    );
  }
  if (tools === undefined) return;
  const isList =
    Array.isArray(tools) &&
    tools.every(
      (tool: unknown) => typeof tool === 'object' && tool !== null && 'kind' in tool && tool.kind === 'gleaner.tool',
    );
  if (!isList) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "tools" must be a list of tools made with defineTool, got ${kindOfValue(tools)}`,
    );
  }
  const names = (tools as readonly { name: string }[]).map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new GleanerError('definition-invalid', `Cannot define ${subject}: two tools are named "${twice}"`);
}

function checkRequireEvidence(subject: string, fields: unknown): void {
  if (fields === undefined) return;
  const isList =
    Array.isArray(fields) && fields.length > 0 && fields.every((name) => typeof name === 'string' && name !== '');
  if (isList) return;
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: "requireEvidence" must be a list of fields, such as ['total', 'items[].price'], got ${describeFields(fields)}`,
  );
}

function describeFields(given: unknown): string {
  if (!Array.isArray(given)) return kindOfValue(given);
  return given.length === 0 ? 'an empty list' : 'a list of something else';
}

function checkCompatibility(subject: string, mode: unknown): void {
  if (mode === undefined || COMPATIBILITY_MODES.some((known) => known === mode)) return;
  const got = typeof mode === 'string' ? JSON.stringify(mode) : kindOfValue(mode);
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: "compatibility" must be one of ${COMPATIBILITY_MODES.join(', ')}, got ${got}`,
  );
}

function checkCoerce(subject: string, given: unknown): void {
  if (given === undefined || given === 'lossless' || given === 'none') return;
  const got = typeof given === 'string' ? JSON.stringify(given) : kindOfValue(given);
  throw new GleanerError(
    'definition-invalid',
    `Cannot define ${subject}: "coerce" must be 'lossless' or 'none', got ${got}`,
  );
}

function checkComparators(subject: string, given: unknown): void {
  if (given === undefined) return;
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "evaluate" must name fields with their comparators, got ${kindOfValue(given)}`,
    );
  }
  for (const [field, comparator] of Object.entries(given) as [string, unknown][]) {
    if (typeof comparator === 'object' && comparator !== null && 'kind' in comparator) continue;
    throw new GleanerError(
      'definition-invalid',
      `Cannot define ${subject}: "evaluate.${field}" must be made by text(), numeric(), date(), exact(), list() or ignore(), got ${kindOfValue(comparator)}`,
    );
  }
}

function checkText(subject: string, option: string, value: unknown, right: string): void {
  if (typeof value === 'string' && value.trim() !== '') return;
  const got = typeof value === 'string' ? 'an empty string' : kindOfValue(value);
  throw new GleanerError('definition-invalid', `Cannot define ${subject}: "${option}" must be ${right}, got ${got}`);
}
