import { isSameJson } from '../../json/same-json.ts';
import { mapSubschemas } from '../../json-schema/subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { SnapshotContent } from './snapshot.ts';

/**
 * Writes out the limits that zod 4 gives every integer and that schemas leave out, as each would have them. Undefined where
 * they say nothing new: results that can hold no larger integers, or readers that do not ask for integers.
 */
export function withIntegerLimits(
  writer: { readonly schema: JsonValue; readonly zod: string | undefined },
  reader: { readonly schema: JsonValue; readonly zod: string | undefined },
): { writer: JsonValue; reader: JsonValue } | undefined {
  if (!isZod4(reader.zod) || !asksForIntegers(reader.schema) || !mayHoldLarger(writer.schema)) return undefined;
  const limited = { writer: limit(writer.schema), reader: limit(reader.schema) };
  return isSameJson(limited.writer, limited.reader) ? undefined : limited;
}

/** Whether integers that the older schema took are refused by the newer zod, while both write them alike. */
export function areIntegersNarrowed(older: SnapshotContent, newer: SnapshotContent): boolean {
  return older.zod === 'zod 3' && isZod4(newer.zod) && asksForIntegers(newer.schema);
}

function isZod4(zod: string | undefined): boolean {
  return zod?.startsWith('zod 4') === true;
}

function asksForIntegers(schema: JsonValue): boolean {
  return JSON.stringify(schema).includes('"integer"');
}

/** A number that is not written as an integer and yet holds none but integers. */
function mayHoldLarger(schema: JsonValue): boolean {
  const text = JSON.stringify(schema);
  return text.includes('"multipleOf"') || /\d{16}|\de\+/.test(text);
}

function limit(schema: JsonValue): JsonValue {
  return isJsonObject(schema) ? limitObject(schema) : schema;
}

function limitObject(schema: JsonObject): JsonObject {
  const below = mapSubschemas(schema, limitObject);
  if (below['type'] !== 'integer') return below;
  return { minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER, ...below };
}
