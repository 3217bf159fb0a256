import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { canonicalJson } from '../../json/canonical.ts';

/** One schema that demands what both do, as far as the keywords the emulator knows can say it. */
export function mergeSchemas(left: JsonObject, right: JsonObject): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...left };
  for (const [key, value] of Object.entries(right)) {
    const before = Object.hasOwn(left, key) ? left[key] : undefined;
    merged[key] = before === undefined ? value : mergeKeyword(key, before, value);
  }
  return merged;
}

function mergeKeyword(key: string, left: JsonValue, right: JsonValue | undefined): JsonValue | undefined {
  if (right === undefined) return left;
  if (LOWER_BOUNDS.has(key) && typeof left === 'number' && typeof right === 'number') return Math.max(left, right);
  if (UPPER_BOUNDS.has(key) && typeof left === 'number' && typeof right === 'number') return Math.min(left, right);
  if (key === 'required' && Array.isArray(left) && Array.isArray(right)) return [...new Set([...left, ...right])];
  if (key === 'enum' && Array.isArray(left) && Array.isArray(right)) {
    const kept = new Set(right.map((value) => canonicalJson(value)));
    return left.filter((value) => kept.has(canonicalJson(value)));
  }
  if (key === 'type') return mergeTypes(left, right);
  if (key === 'properties' && isJsonObject(left) && isJsonObject(right)) {
    const properties: Record<string, JsonValue | undefined> = { ...left };
    for (const [name, schema] of Object.entries(right)) {
      const before = Object.hasOwn(left, name) ? left[name] : undefined;
      properties[name] = isJsonObject(before) && isJsonObject(schema) ? mergeSchemas(before, schema) : schema;
    }
    return properties;
  }
  if (key === 'items' && isJsonObject(left) && isJsonObject(right)) return mergeSchemas(left, right);
  return right;
}

const LOWER_BOUNDS: ReadonlySet<string> = new Set([
  'minimum',
  'exclusiveMinimum',
  'minLength',
  'minItems',
  'minProperties',
]);
const UPPER_BOUNDS: ReadonlySet<string> = new Set([
  'maximum',
  'exclusiveMaximum',
  'maxLength',
  'maxItems',
  'maxProperties',
]);

function mergeTypes(left: JsonValue, right: JsonValue): JsonValue {
  const leftTypes = new Set(Array.isArray(left) ? left : [left]);
  const rightTypes: readonly JsonValue[] = Array.isArray(right) ? right : [right];
  const common = rightTypes.filter((type) => leftTypes.has(type) || (type === 'integer' && leftTypes.has('number')));
  if (leftTypes.has('integer') && rightTypes.includes('number') && !common.includes('integer')) common.push('integer');
  return common.length === 1 ? (common[0] ?? right) : common;
}
