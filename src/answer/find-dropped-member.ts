import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { propertiesOf, SchemaView } from './schema-view.ts';

/** A member of an answer that its schema left out, beside a property that the answer lacks. */
export interface DroppedMember {
  path: readonly string[];
  key: string;
  /** A declared property that is absent, which the member may have been meant for. */
  missing: string;
}

/**
 * Finds what a schema would drop in silence although it may be a value that was asked for: a member that is not declared, where a
 * declared one is absent. Beside a whole object such members are remarks. What `data` keeps was not dropped.
 */
export function findDroppedMember(answer: JsonValue, data: unknown, schema: JsonObject): DroppedMember | undefined {
  return find({ answer, data, schema, path: [] }, SchemaView.of(schema));
}

interface Place {
  answer: JsonValue;
  /** What the schema made of it, as far as it can be followed. */
  data: unknown;
  schema: JsonObject;
  path: readonly string[];
}

function find({ answer, data, schema, path }: Place, view: SchemaView): DroppedMember | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined;
  const all = view.branches(schema);
  const branches = all.length === 1 ? all : all.filter((branch) => mayTake(branch, answer));
  let found: DroppedMember | undefined;
  for (const branch of branches) {
    const dropped = isJsonObject(answer)
      ? findInObject({ answer, data, schema: branch, path }, view)
      : findInList({ answer, data, schema: branch, path }, view);
    if (dropped === undefined) return undefined;
    found ??= dropped;
  }
  return found;
}

function findInList(
  { answer, data, schema, path }: Place & { answer: readonly JsonValue[] },
  view: SchemaView,
): DroppedMember | undefined {
  const { items, prefixItems } = schema;
  for (const [index, item] of answer.entries()) {
    const own: unknown = Array.isArray(prefixItems) ? (prefixItems[index] ?? items) : items;
    if (!isJsonObject(own)) continue;
    const part: unknown = Array.isArray(data) ? data[index] : undefined;
    const found = find({ answer: item, data: part, schema: own, path: [...path, String(index)] }, view);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findInObject(
  { answer, data, schema, path }: Place & { answer: JsonObject },
  view: SchemaView,
): DroppedMember | undefined {
  const properties = propertiesOf(schema);
  const kept: JsonObject = isJsonObject(data) ? data : {};
  const missing = Object.keys(properties).find((name) => !Object.hasOwn(answer, name));
  for (const [key, member] of Object.entries(answer)) {
    if (member === undefined) continue;
    const place = [...path, key];
    const isDeclared = Object.hasOwn(properties, key);
    const isOpen = schema['additionalProperties'] !== undefined || schema['patternProperties'] !== undefined;
    if (!isDeclared && !isOpen && missing !== undefined && !Object.hasOwn(kept, key))
      return { path: place, key, missing };
    const own = isDeclared ? properties[key] : schema['additionalProperties'];
    if (!isJsonObject(own)) continue;
    const found = find({ answer: member, data: kept[key], schema: own, path: place }, view);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether an alternative of a union may be the one that a value was taken by. */
export function mayTake(schema: JsonObject, answer: JsonObject | readonly JsonValue[]): boolean {
  const { type, required } = schema;
  if (!isJsonObject(answer)) return type === undefined || type === 'array';
  if (type !== undefined && type !== 'object') return false;
  if (Array.isArray(required) && required.some((name) => !Object.hasOwn(answer, String(name)))) return false;
  return Object.entries(propertiesOf(schema)).every(([name, { const: only, enum: members }]) => {
    const value = answer[name];
    if (value === undefined || typeof value === 'object') return true;
    if (only !== undefined) return only === value;
    return !Array.isArray(members) || members.includes(value);
  });
}
