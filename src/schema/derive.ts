import { definitionName, resolveReference } from '../json/schema-reference.ts';
import { mapSubschemas } from '../json/subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { GleanerError } from '../gleaner-error.ts';
import { zodFlavour } from '../zod/flavour.ts';
import { loadZodConverter, type ZodForm, type ZodSide } from '../zod/to-json-schema.ts';
import { openAnyJson } from './any-json.ts';
import { withoutCheckFormats } from './check-formats.ts';
import { checkZods } from './check-zods.ts';
import { complexityWarnings } from './complexity.ts';
import { requireDefaults } from './default-fields.ts';
import type { DerivedSchema, EarlierForm, SchemaLoss } from './derived.ts';
import { EARLIER, GEMINI, GEMINI_TOOLS } from './dialect/dialects.ts';
import { toProviderSchema, type ProviderSchema } from './dialect/provider-schema.ts';
import { toWholeSchema } from './dialect/whole-schema.ts';
import { quoteFieldPath } from './field-path.ts';
import { findImpossible } from './impossible.ts';
import { joinIntersections } from './join-intersections.ts';
import { takePatternNotes } from './lost-patterns.ts';
import { normalText } from './normal-form.ts';
import { findRecursion } from './recursion.ts';
import { settleInput, settleOutput } from './unrepresentable.ts';
import type { ZodSchema } from './zod-schema.ts';

/** Who is asked: `whole` is for servers that enforce JSON Schema while they write, such as vLLM and llama.cpp. */
export type DialectName = 'gemini' | 'gemini-tools' | 'whole';

/**
 * Derives the JSON Schemas of a zod schema (zod 3.25 and later, zod 4, zod/mini) and what the provider is sent of them.
 *
 * @param options.dialect who reads what is sent; default `gemini`
 * @throws {GleanerError} for schemas no model can be asked to fill: a root that is no object or has no properties,
 * recursion without an end, types that JSON lacks, two generations of zod in one schema
 */
export async function deriveSchema(
  zodSchema: ZodSchema,
  { dialect = 'gemini' }: { dialect?: DialectName } = {},
): Promise<DerivedSchema> {
  const warnings = checkZods(zodSchema);
  const convert = await loadConverter(zodSchema);
  const noted = settleInput(openAnyJson(normalise(inlineRoot(convert('input', 'current')))));
  const losses: SchemaLoss[] = [];
  const schema = takePatternNotes(noted, losses);
  const joined = joinIntersections(openAnyJson(normalise(inlineRoot(convert('output', 'current')))));
  const output = settleOutput(joined, warnings);
  const outputSchema = takePatternNotes(output, []);

  refuseImpossible(schema);
  if (dialect !== 'whole') warnings.push(...checkRecursion(schema));
  const asked = requireDefaults(withoutCheckFormats(schema));
  const sent = rewrite(asked, dialect);
  checkRoot(sent.provider);
  if (dialect !== 'whole') warnings.push(...complexityWarnings(sent.provider));
  return {
    schema,
    outputSchema,
    provider: sent.provider,
    losses: [...losses, ...sent.losses],
    warnings,
    identity: `${dialect === 'whole' ? 'whole ' : ''}${normalText(noted)}`,
    earlier: once(() => earlierForm(convert)),
  };
}

function rewrite(schema: JsonObject, dialect: DialectName): ProviderSchema {
  switch (dialect) {
    case 'gemini':
      return toProviderSchema(schema, GEMINI);
    case 'gemini-tools':
      return toProviderSchema(schema, GEMINI_TOOLS);
    case 'whole':
      return toWholeSchema(schema);
    default:
      return dialect satisfies never;
  }
}

/** What gleaner 0.1 made of the schema; undefined where it refused it. */
function earlierForm(convert: Convert): EarlierForm | undefined {
  try {
    const schema = settleInput(normalise(inlineRoot(convert('input', 'earlier'))));
    return { schema, provider: toProviderSchema(schema, EARLIER).provider };
  } catch {
    return undefined;
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}

type Convert = (side: ZodSide, form: ZodForm) => JsonObject;

async function loadConverter(zodSchema: ZodSchema): Promise<Convert> {
  const flavour = zodFlavour(zodSchema);
  if (flavour === undefined) {
    throw new GleanerError(
      'schema-unusable',
      'Cannot derive a JSON Schema: expected a zod schema, such as z.object({ total: z.number() })',
    );
  }
  const convert = await loadZodConverter(flavour);
  return (side, form) => {
    try {
      return convert(zodSchema, side, form);
    } catch (error) {
      const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
      throw new GleanerError('schema-unusable', `Cannot derive a JSON Schema from the ${flavour} schema: ${reason}`, {
        cause: error,
      });
    }
  };
}

function refuseImpossible(schema: JsonObject): void {
  const path = findImpossible(schema);
  if (path === undefined) return;
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for ${quoteFieldPath(path)}: nothing fits it, because it is z.never() or an enum without values; ` +
      'list the values it may have, make the field .optional(), or leave it out',
  );
}

function checkRecursion(schema: JsonObject): string[] {
  const recursion = findRecursion(schema);
  if (recursion === undefined) return [];
  const { path, isOptional } = recursion;
  if (isOptional) {
    return [
      `The schema contains itself at ${quoteFieldPath(path)}; the service unrolls such schemas to a limited depth, and some models refuse them`,
    ];
  }
  const field = path.split('.').at(-1) ?? '';
  const isList = field.endsWith('[]');
  const name = field.replaceAll('[]', '').replaceAll('.*', '');
  const way = isList
    ? `give the list a default, ${name}: z.array(...).default([]), or make it .optional()`
    : 'make the property .optional()';
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for ${quoteFieldPath(path)}: the schema contains itself there, and the service takes ` +
      `recursion only through properties that may be left out; ${way}, or write the levels out`,
  );
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
      : (provider['anyOf'] ?? provider['oneOf']) !== undefined
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

/**
 * Makes the converters' outputs alike: no `$schema`, none of the bounds that zod 4 gives every integer. A number may be larger: there they
 * are somebody's own.
 */
function normalise(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = mapSubschemas(schema, normalise);
  const result: Record<string, JsonValue | undefined> = rest;
  if (result['type'] !== 'number') {
    if (result['minimum'] === Number.MIN_SAFE_INTEGER) delete result['minimum'];
    if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum'];
  }
  if (result['additionalProperties'] === true) result['additionalProperties'] = {};
  return result;
}
