import type { JsonObject, JsonValue } from '../../json/value.ts';
import { mapSubschemas } from '../../json-schema/subschemas.ts';

/** What a value of each type may be coerced from; a list of one is taken for all of them. */
const SOURCES: Readonly<Record<string, readonly string[]>> = {
  string: ['string', 'array', 'object'],
  number: ['number', 'string', 'array', 'object'],
  integer: ['integer', 'string', 'array', 'object'],
  boolean: ['boolean', 'string', 'array', 'object'],
  null: ['null', 'string', 'array', 'object'],
  object: ['object', 'string', 'array'],
  array: ['array', 'string', 'object', 'number', 'boolean'],
};

/**
 * Widens the schema that a stream is held against to what coercion makes fit: an answer must not be left for a value that would
 * be taken at its end. Limits of numbers, texts and lists go on to hold.
 */
export function loosenForCoercion(schema: JsonObject): JsonObject {
  const {
    type,
    required: _,
    additionalProperties: __,
    minItems: ___,
    ...rest
  } = mapSubschemas(schema, loosenForCoercion);
  // Members of a closed set have other spellings.
  if (rest['enum'] !== undefined || rest['const'] !== undefined) return {};
  return type === undefined ? rest : { ...rest, type: sourcesOf(type) };
}

function sourcesOf(type: JsonValue): string[] {
  const types: readonly JsonValue[] = Array.isArray(type) ? type : [type];
  return [...new Set(types.flatMap((one) => SOURCES[String(one)] ?? []))];
}
