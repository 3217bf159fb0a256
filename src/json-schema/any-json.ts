import { resolveReference } from './schema-reference.ts';
import { mapSubschemas } from './subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

const SCALARS = ['string', 'number', 'boolean', 'null'];

/**
 * Writes `z.json()` as the schema that takes anything, which is what it means: text, numbers, booleans, null, and lists and
 * maps of the same. Written out it contains itself, which no service takes.
 */
export function openAnyJson(root: JsonObject): JsonObject {
  function rewrite(schema: JsonObject): JsonObject {
    const { $ref: reference, ...siblings } = schema;
    const target = resolveReference(root, reference);
    if (target !== undefined && isAnyJson(root, target)) return rewrite(siblings);
    return mapSubschemas(schema, rewrite);
  }
  const given = root['$defs'];
  const names = isJsonObject(given)
    ? Object.keys(given).filter((name) => isJsonObject(given[name]) && isAnyJson(root, given[name]))
    : [];
  if (names.length === 0) return root;
  const { $defs: definitions, ...rest } = rewrite(root);
  const kept = isJsonObject(definitions) ? Object.entries(definitions).filter(([name]) => !names.includes(name)) : [];
  return kept.length === 0 ? rest : { ...rest, $defs: Object.fromEntries(kept) };
}

function isAnyJson(root: JsonObject, schema: JsonObject): boolean {
  const { anyOf } = schema;
  if (!Array.isArray(anyOf) || Object.keys(schema).length > 1 || schema === root) return false;
  const branches = (anyOf as readonly JsonValue[]).filter(isJsonObject);
  const isSelf = (value: JsonValue | undefined): boolean =>
    isJsonObject(value) && Object.keys(value).length === 1 && resolveReference(root, value['$ref']) === schema;
  const isPlain = (type: string): boolean =>
    branches.some((branch) => branch['type'] === type && Object.keys(branch).length === 1);
  return (
    SCALARS.every(isPlain) &&
    branches.some(
      ({ type, items, ...others }) => type === 'array' && isSelf(items) && Object.keys(others).length === 0,
    ) &&
    branches.some(({ type, additionalProperties }) => type === 'object' && isSelf(additionalProperties))
  );
}
