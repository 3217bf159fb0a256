import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Nothing, an empty text, an empty list and an empty object say the same: that there is no value. */
export function isAbsent(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return value.trim() === '';
  return typeof value === 'object' && Object.values(value).every(isAbsent);
}

/** A list, or none where there is no value; undefined for a value of another shape. */
export function listOf(value: JsonValue | undefined): readonly JsonValue[] | undefined {
  if (isAbsent(value)) return [];
  return Array.isArray(value) ? value : undefined;
}

/** An object, or an empty one where there is no value; undefined for a value of another shape. */
export function objectOf(value: JsonValue | undefined): JsonObject | undefined {
  if (isAbsent(value)) return {};
  return isJsonObject(value) ? value : undefined;
}

/** All values that are no list and no object, at any depth. */
export function leavesOf(value: JsonValue | undefined): JsonValue[] {
  if (value === undefined || isAbsent(value)) return [];
  if (Array.isArray(value)) return (value as readonly JsonValue[]).flatMap(leavesOf);
  return isJsonObject(value) ? Object.values(value).flatMap(leavesOf) : [value];
}
