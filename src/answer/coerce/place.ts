import { canonicalJson } from '../../json/canonical.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { SchemaView } from '../schema-view.ts';
import type { Coerced, CoercionRule } from './coercion.ts';
import { membersOf } from './fits-scalar.ts';

/** Layers of one kind around a value: a text within a text, an object within an object. */
export const MAX_LAYERS = 2;

/** Layers that were taken off a value already. */
export interface Layers {
  texts: number;
  objects: number;
}

export const NO_LAYERS: Layers = { texts: 0, objects: 0 };

/** A value and the part of the schema that it is to fit. */
export interface Place {
  value: JsonValue;
  schema: JsonObject;
  path: string;
  /** The property that the value is of; undefined for items and the root. */
  name?: string;
  layers: Layers;
}

/** What the rules for objects, lists and wrappings ask of one another. */
export interface Coercing {
  readonly view: SchemaView;
  /** The value as it fits; undefined where it does not. */
  coerce(place: Place): Coerced | undefined;
}

/** A reading with the rule that led to it in front; none of none. */
export function prefixed(
  coerced: Coerced | undefined,
  { path, rule }: { path: string; rule: CoercionRule },
): Coerced[] {
  return coerced === undefined ? [] : [{ value: coerced.value, coercions: [{ path, rule }, ...coerced.coercions] }];
}

/** The only reading there is: two with one result are one. */
export function onlyOne(found: readonly Coerced[]): Coerced | undefined {
  const [first, ...others] = found;
  if (first === undefined || others.length === 0) return first;
  const text = canonicalJson(first.value);
  return others.every(({ value }) => canonicalJson(value) === text) ? first : undefined;
}

/** A value that fits as it is. */
export function unchanged(value: JsonValue): Coerced {
  return { value, coercions: [] };
}

/** Whether an alternative takes texts of any words. */
export function isText(schema: JsonObject): boolean {
  return (
    (schema['type'] === 'string' || schema['type'] === undefined) &&
    membersOf(schema) === undefined &&
    schema['properties'] === undefined
  );
}
