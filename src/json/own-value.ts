import type { JsonObject, JsonValue } from './value.ts';

/** Returns what an object itself has under a key: `constructor` and `__proto__` are keys like any other. */
export function ownValue(object: JsonObject, key: string): JsonValue | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
