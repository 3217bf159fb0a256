import type { JsonValue } from './value.ts';

/** Whether two JSON values are equal; the order of members does not count. */
export function isSameJson(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) return false;
  if (Array.isArray(left)) {
    if (!Array.isArray(right) || left.length !== right.length) return false;
    return left.every((item, index) => isSameJson(item as JsonValue, right[index] as JsonValue));
  }
  if (Array.isArray(right)) return false;
  const [mine, others] = [left as Record<string, JsonValue>, right as Record<string, JsonValue>];
  const keys = Object.keys(mine);
  if (keys.length !== Object.keys(others).length) return false;
  return keys.every((key) => Object.hasOwn(others, key) && isSameJson(mine[key], others[key]));
}
