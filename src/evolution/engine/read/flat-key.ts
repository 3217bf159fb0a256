import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { ANNOTATIONS } from '../annotations.ts';

/** Longer lists are not often met again, and their text would be long. */
const MAX_LISTED = 16;

/**
 * Text of all that a schema says of documents, where nothing in it is a schema or a reference; undefined for other schemas.
 * Equal texts in one document mean equal conditions, and most schemas of a large document have one of a few texts.
 */
export function flatKey(schema: JsonObject): string | undefined {
  let type: JsonValue | undefined;
  let others: JsonValue[] | undefined;
  for (const keyword in schema) {
    const value = schema[keyword];
    if (value === undefined || ANNOTATIONS.has(keyword)) continue;
    if (!isFlat(value) || keyword.endsWith('ef')) return undefined;
    if (keyword === 'type') type = value;
    else (others ??= []).push(keyword, value);
  }
  // The text of a list never begins with a letter.
  if (others === undefined && typeof type === 'string') return `type ${type}`;
  return JSON.stringify([type ?? null, ...(others ?? [])]);
}

function isFlat(value: JsonValue): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return (
    Array.isArray(value) &&
    value.length <= MAX_LISTED &&
    value.every((item: JsonValue) => typeof item !== 'object' || item === null)
  );
}
