import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { definitionName, resolveReference } from './schema-reference.ts';
import { mapSubschemas } from './subschemas.ts';

/**
 * Makes the converters' outputs alike: no `$schema`, none of the bounds that zod 4 gives every integer. A number may be larger: there they
 * are somebody's own.
 */
export function normalise(schema: JsonObject): JsonObject {
  return normaliseBelow(inlineRoot(schema));
}

function normaliseBelow(schema: JsonObject): JsonObject {
  const { $schema: _, ...rest } = mapSubschemas(schema, normaliseBelow);
  const result: Record<string, JsonValue | undefined> = rest;
  if (result['type'] !== 'number') {
    if (result['minimum'] === Number.MIN_SAFE_INTEGER) delete result['minimum'];
    if (result['maximum'] === Number.MAX_SAFE_INTEGER) delete result['maximum'];
  }
  if (result['additionalProperties'] === true) result['additionalProperties'] = {};
  return result;
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
