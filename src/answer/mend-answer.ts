import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { holdsUndeclaredName } from './declared-names.ts';
import { holdsMore } from './find-in-prose.ts';
import { findMemberAfterComma } from './left-over-comma.ts';
import { repairJson } from './repair-json.ts';
import { takesBack } from './takes-back.ts';

export type MendedAnswer =
  | { json: string; value: unknown }
  /** The property of the schema that the answer may have been cut off before. */
  | { lacking: string };

/**
 * Mends the notation of the JSON in a text, from its first opening to its last closing bracket: broken quotation marks make balanced
 * spans unreliable. Undefined where that cannot be done without a guess. Where notation alone cannot tell, the schema does: whether
 * names without quotation marks are names, and whether the comma before the last bracket is merely one too many.
 */
export function mendAnswer(text: string, schema: JsonObject | undefined): MendedAnswer | undefined {
  const start = text.search(/[{[]/);
  const end = Math.max(text.lastIndexOf('}'), text.lastIndexOf(']')) + 1;
  if (start === -1 || end <= start) return undefined;
  const source = text.slice(start, end);
  const rest = text.slice(end);
  // What follows the last bracket may be the rest of an answer that was cut off. Valid JSON needs no mending.
  if (/[:"'{[]/.test(rest) || holdsMore(`${text.slice(0, start)}{${rest}`) || isJson(source)) return undefined;
  const mended = repairJson(source);
  if (mended === undefined) return undefined;
  const value = JSON.parse(mended.json) as JsonValue;
  if (mended.hasBareMembers && (schema === undefined || holdsUndeclaredName(value, schema))) return undefined;
  if (isJsonObject(value) && takesBack(`${text.slice(0, start)}{${rest}`, value)) return undefined;
  const lacking = schema && findMemberAfterComma(source, value, schema);
  return lacking === undefined ? { json: mended.json, value } : { lacking };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
