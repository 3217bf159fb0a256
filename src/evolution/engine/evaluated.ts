import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { SchemaDocument } from './schema-document.ts';

const CONDITIONAL = ['anyOf', 'oneOf', 'not', 'if', 'dependentSchemas', 'dependencies', '$dynamicRef', '$recursiveRef'];

/**
 * The properties that a schema's own keywords and its `allOf` and `$ref` evaluate whatever the document is; undefined
 * when that depends on the document, as with `anyOf`.
 */
export function evaluatedProperties(
  schema: JsonObject,
  document: SchemaDocument,
): { names: string[]; patterns: string[] } | 'all' | undefined {
  const parts = applied(schema, document);
  if (parts === undefined) return undefined;
  const names: string[] = [];
  const patterns: string[] = [];
  for (const part of parts) {
    const { properties, patternProperties, additionalProperties, unevaluatedProperties } = part;
    if (additionalProperties !== undefined || (part !== schema && unevaluatedProperties !== undefined)) return 'all';
    if (isJsonObject(properties)) names.push(...Object.keys(properties));
    if (isJsonObject(patternProperties)) patterns.push(...Object.keys(patternProperties));
  }
  return { names, patterns };
}

/** How many leading items are evaluated whatever the document is: Infinity for all, undefined when it depends. */
export function evaluatedItems(schema: JsonObject, document: SchemaDocument): number | undefined {
  const parts = applied(schema, document);
  if (parts === undefined) return undefined;
  let count = 0;
  for (const part of parts) {
    const { items, prefixItems, additionalItems, unevaluatedItems, contains } = part;
    if (contains !== undefined && document.draft === '2020-12') return undefined;
    if (part !== schema && unevaluatedItems !== undefined) return Infinity;
    const list = Array.isArray(items)
      ? items
      : document.draft === '2020-12' && Array.isArray(prefixItems)
        ? prefixItems
        : [];
    if (Array.isArray(items) ? additionalItems !== undefined : items !== undefined) return Infinity;
    count = Math.max(count, list.length);
  }
  return count;
}

/** The schema and all that apply to the same place unconditionally, or undefined when others may apply. */
function applied(schema: JsonValue, document: SchemaDocument, seen = new Set<JsonValue>()): JsonObject[] | undefined {
  if (!isJsonObject(schema)) return [];
  if (seen.has(schema)) return [];
  seen.add(schema);
  if (CONDITIONAL.some((keyword) => schema[keyword] !== undefined)) return undefined;
  const parts: JsonObject[] = [schema];
  const { allOf, $ref: reference } = schema;
  const inner: JsonValue[] = Array.isArray(allOf) ? [...(allOf as readonly JsonValue[])] : [];
  if (typeof reference === 'string') {
    const target = document.resolve(reference, schema);
    if (target === undefined) return undefined;
    inner.push(target);
  }
  for (const part of inner) {
    const found = applied(part, document, seen);
    if (found === undefined) return undefined;
    parts.push(...found);
  }
  return parts;
}
