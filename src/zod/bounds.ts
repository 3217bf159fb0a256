import type { JsonObject, JsonValue } from '../json/value.ts';

/** One limit of a number, as zod's checks hold it. */
export interface NumberLimit {
  isLower: boolean;
  inclusive: boolean;
  value: unknown;
}

/** Limits of a length, of which the narrowest count; what is no number does not. */
export function boundSize(unit: 'Length' | 'Items', least: readonly unknown[], most: readonly unknown[]): JsonObject {
  const lower = least.filter(isNumber);
  const upper = most.filter(isNumber);
  return {
    ...(lower.length > 0 ? { [`min${unit}`]: Math.max(...lower) } : {}),
    ...(upper.length > 0 ? { [`max${unit}`]: Math.min(...upper) } : {}),
  };
}

export function boundNumber(isInteger: boolean, limits: readonly NumberLimit[]): JsonObject {
  const json: Record<string, JsonValue> = { type: isInteger ? 'integer' : 'number' };
  for (const { isLower, inclusive, value } of limits) {
    if (!isNumber(value)) continue;
    const bound = isLower ? 'minimum' : 'maximum';
    const keyword = inclusive ? bound : isLower ? 'exclusiveMinimum' : 'exclusiveMaximum';
    const before = json[keyword];
    json[keyword] = !isNumber(before) ? value : isLower ? Math.max(before, value) : Math.min(before, value);
  }
  return json;
}

/** An `enum`; undefined where one of the values cannot be told from JSON text. */
export function listScalars(values: readonly unknown[]): JsonObject | undefined {
  return values.every(isScalar) ? { enum: values } : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number';
}

function isScalar(value: unknown): value is string | number | boolean | null {
  return value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
