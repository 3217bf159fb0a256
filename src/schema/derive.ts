import type { ZodSchema } from './zod-schema.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { complexityWarnings } from './complexity.ts';
import type { DerivedSchema } from './derived.ts';
import { toProviderSchema } from './dialect.ts';
import { quoteFieldPath } from './field-path.ts';
import { fromZod3 } from '../zod/from-zod3.ts';
import { fromZod4 } from '../zod/from-zod4.ts';
import { findRecursion } from './recursion.ts';
import { definitionName, resolveReference } from '../json/schema-reference.ts';
import { mapSubschemas } from '../json/subschemas.ts';
import { settleInput, settleOutput } from './unrepresentable.ts';
import { zodFlavour } from '../zod/flavour.ts';
import { findForeignZod, type ForeignZod } from '../zod/foreign.ts';

/**
 * Derives the JSON Schemas of a zod schema (zod 3.25 and later, zod 4, zod/mini) and what the provider is sent of them.
 *
 * @throws {GleanerError} for schemas no model can be asked to fill: a root that is no object or has no properties,
 * recursion without an end, types that JSON lacks
 */
export async function deriveSchema(zodSchema: ZodSchema): Promise<DerivedSchema> {
  const warnings: string[] = checkZods(zodSchema);
  const schema = settleInput(normalise(inlineRoot(await convert(zodSchema, 'input'))));
  const outputSchema = settleOutput(normalise(inlineRoot(await convert(zodSchema, 'output'))), warnings);

  const recursion = findRecursion(schema);
  if (recursion !== undefined && !recursion.isOptional) {
    throw new GleanerError(
      'schema-unusable',
      `Cannot ask a model for ${quoteFieldPath(recursion.path)}: the schema contains itself there, and the service takes ` +
        'recursion only through properties that may be left out; make the property .optional() or write the levels out',
    );
  }
  if (recursion !== undefined) {
    warnings.push(
      `The schema contains itself at ${quoteFieldPath(recursion.path)}; the service unrolls such schemas to a limited depth, and some models refuse them`,
    );
  }

  const { provider, losses } = toProviderSchema(schema);
  checkRoot(provider);
  warnings.push(...complexityWarnings(provider));
  return { schema, outputSchema, provider, losses, warnings };
}

/**
 * Refuses a schema of two generations of zod, of which neither can run the other's: every answer would be paid for and
 * rejected. Two versions of zod 4 work together, and are worth a word.
 */
function checkZods(zodSchema: ZodSchema): string[] {
  let found: ForeignZod[] = [];
  try {
    found = findForeignZod(zodSchema);
  } catch {
    // A getter that throws stops the conversion as well, which says so.
  }
  const [first] = found;
  if (first === undefined) return [];
  const { path, outer, inner, isOtherGeneration } = first;
  const cause = `${quoteFieldPath(path)} is made with ${inner}, the schema around it with ${outer}`;
  if (!isOtherGeneration) return [`${cause}; have both import the same zod`];
  throw new GleanerError(
    'schema-unusable',
    `Cannot use a schema of two zods: ${cause}, and neither can check the other's; have both import the same zod ` +
      '(a shared package may bring its own: see npm ls zod)',
  );
}

async function convert(zodSchema: ZodSchema, side: 'input' | 'output'): Promise<JsonObject> {
  const flavour = zodFlavour(zodSchema);
  if (flavour === undefined) {
    throw new GleanerError(
      'schema-unusable',
      'Cannot derive a JSON Schema: expected a zod schema, such as z.object({ total: z.number() })',
    );
  }
  try {
    return await (flavour === 'zod 4' ? fromZod4(zodSchema, side) : fromZod3(zodSchema, side));
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new GleanerError('schema-unusable', `Cannot derive a JSON Schema from the ${flavour} schema: ${reason}`, {
      cause: error,
    });
  }
}

function checkRoot(provider: JsonObject): void {
  const { type, properties } = provider;
  if (type === 'object') {
    if (isJsonObject(properties) && Object.keys(properties).length > 0) return;
    throw new GleanerError(
      'schema-unusable',
      'Cannot ask a model for an object without named properties: name at least one, or put the record into a property',
    );
  }
  const root =
    type === 'array'
      ? 'an array; wrap it: z.object({ items: z.array(...) })'
      : provider['anyOf'] !== undefined
        ? 'a union; wrap it: z.object({ result: z.union([...]) })'
        : typeof type === 'string'
          ? `a ${type}; wrap it: z.object({ value: ... })`
          : 'a type that says nothing of its values; use z.object({ ... })';
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for this schema: the root must be z.object(), but it is ${root}`,
  );
}

/** A root that was given an id comes as a reference into `$defs`; the root itself has to be the object. */
function inlineRoot(schema: JsonObject): JsonObject {
  const { $ref: reference, $defs: definitions, ...siblings } = schema;
  const name = typeof reference === 'string' ? definitionName(reference) : undefined;
  const target = resolveReference(schema, reference);
  if (name === undefined || target === undefined || !isJsonObject(definitions)) return schema;
  const others = Object.fromEntries(Object.entries(definitions).filter(([key]) => key !== name));
  const withReference = JSON.stringify([target, others]).includes(JSON.stringify(reference));
  const kept = withReference ? definitions : others;
  return { ...target, ...siblings, ...(Object.keys(kept).length > 0 ? { $defs: kept } : {}) };
}

/** Makes the converters' outputs alike: no `$schema`, none of the bounds that only say "fits a double". */
function normalise(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = mapSubschemas(schema, normalise);
  const result: Record<string, JsonValue | undefined> = rest;
  if (result['minimum'] === Number.MIN_SAFE_INTEGER) delete result['minimum'];
  if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum'];
  if (result['additionalProperties'] === true) result['additionalProperties'] = {};
  return result;
}
