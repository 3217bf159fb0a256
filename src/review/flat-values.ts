import { pointerToken } from '../json/pointer.ts';
import type { JsonValue } from '../json/value.ts';

/** One value of a result, in its order. */
export interface FlatValue {
  path: string;
  value: string | number | boolean | null;
}

/** The values of a result that are no lists or objects. */
export function leavesOf(value: JsonValue, path = ''): FlatValue[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([key, member]) =>
    leavesOf(member as JsonValue, `${path}/${pointerToken(key)}`),
  );
}
