import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/**
 * Adds the `extra_content` of a later fragment to that of earlier ones. The first value of a key stays: a thought signature
 * belongs to where it first came. Whether a fragment is a thought says nothing of the whole.
 */
export function mergeExtraContent(
  earlier: JsonObject | undefined,
  later: JsonValue | undefined,
): JsonObject | undefined {
  if (!isJsonObject(later)) return earlier;
  const merged: JsonObject = { ...later, ...earlier };
  const google = { ...object(later['google']), ...object(earlier?.['google']) };
  delete google['thought'];
  const { google: _, ...others } = merged;
  if (Object.keys(google).length > 0) return { ...others, google };
  return Object.keys(others).length > 0 ? others : earlier;
}

function object(value: JsonValue | undefined): Record<string, JsonValue | undefined> {
  return isJsonObject(value) ? value : {};
}
