import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { SchemaDocument } from './schema-document.ts';

/**
 * Whether two schemas evidently share no document: their types differ, or a property that both require has different
 * constants. False means "not evident". It keeps a discriminated union linear: `oneOf` needs no pairwise conditions.
 */
export function areDisjointByInspection(
  left: JsonValue | undefined,
  right: JsonValue | undefined,
  document: SchemaDocument,
): boolean {
  const first = follow(left, document);
  const second = follow(right, document);
  if (first === undefined || second === undefined) return false;
  const firstTypes = typesOf(first);
  const secondTypes = typesOf(second);
  if (firstTypes === undefined || secondTypes === undefined) return false;
  if (!firstTypes.some((type) => secondTypes.some((other) => overlap(type, other)))) return true;
  if (firstTypes.join() !== 'object' || secondTypes.join() !== 'object') return false;
  return requiredNames(first).some((name) => {
    if (!requiredNames(second).includes(name)) return false;
    const values = constantsOf(property(first, name), document);
    const others = constantsOf(property(second, name), document);
    return values !== undefined && others !== undefined && !values.some((value) => others.includes(value));
  });
}

function follow(schema: JsonValue | undefined, document: SchemaDocument): JsonObject | undefined {
  let current = schema;
  for (let hops = 0; hops < 8; hops += 1) {
    if (!isJsonObject(current)) return undefined;
    const reference = current['$ref'];
    if (typeof reference !== 'string') return current;
    current = document.resolve(reference, current);
  }
  return undefined;
}

function typesOf(schema: JsonObject): readonly string[] | undefined {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((name: JsonValue) => typeof name === 'string') : undefined;
}

function overlap(left: string, right: string): boolean {
  return left === right || [left, right].sort().join() === 'integer,number';
}

function requiredNames(schema: JsonObject): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name: JsonValue) => typeof name === 'string') : [];
}

function property(schema: JsonObject, name: string): JsonValue | undefined {
  const { properties } = schema;
  return isJsonObject(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function constantsOf(schema: JsonValue | undefined, document: SchemaDocument): readonly JsonValue[] | undefined {
  const target = follow(schema, document);
  if (target === undefined) return undefined;
  const { const: only, enum: members } = target;
  const values = only !== undefined ? [only] : Array.isArray(members) ? (members as readonly JsonValue[]) : undefined;
  // Other values would need a comparison by content.
  return values?.every((value) => typeof value !== 'object' || value === null) === true ? values : undefined;
}
