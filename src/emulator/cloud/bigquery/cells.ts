import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import { BigQueryFailure, invalid } from './bigquery-error.ts';

export interface Field {
  name: string;
  type: string;
  mode?: string;
  fields?: readonly Field[];
}

/** A row as it is kept: what JSON says of it, whole numbers and decimals as the text of their digits. */
export type StoredRow = Readonly<Record<string, JsonValue>>;

const TYPES = new Map([
  ['INTEGER', 'INT64'],
  ['FLOAT', 'FLOAT64'],
  ['BOOLEAN', 'BOOL'],
  ['RECORD', 'STRUCT'],
]);

export function typeOf({ type }: Field): string {
  return TYPES.get(type) ?? type;
}

/** @throws {BigQueryFailure} for what is no schema */
export function readSchema(schema: JsonValue | undefined): readonly Field[] {
  const fields = isJsonObject(schema) ? schema['fields'] : undefined;
  if (!Array.isArray(fields)) throw new BigQueryFailure(invalid('Schema has no fields.'));
  const names = new Set<string>();
  for (const field of fields as readonly JsonValue[]) {
    const { name, type } = isJsonObject(field) ? field : {};
    if (typeof name !== 'string' || !/^[\p{L}\p{N}\p{M}_-]{1,300}$/u.test(name)) {
      throw new BigQueryFailure(invalid(`Invalid field name "${String(name)}".`));
    }
    if (names.has(name.toLowerCase())) throw new BigQueryFailure(invalid(`Duplicate field name: ${name}.`));
    if (typeof type !== 'string') throw new BigQueryFailure(invalid(`Field ${name} is missing required field type.`));
    names.add(name.toLowerCase());
  }
  return fields as unknown as readonly Field[];
}

/** Reads a line of a load job. @throws {BigQueryFailure} for what the schema does not take */
export function loadRow(line: string, fields: readonly Field[]): StoredRow {
  let value: unknown;
  try {
    value = JSON.parse(quoteNumbers(line));
  } catch {
    throw new BigQueryFailure(unloadable('Failed to parse JSON'));
  }
  if (!isJsonObject(value)) throw new BigQueryFailure(unloadable('Start of object expected'));
  return loadObject(value, fields);
}

/** So that no digit of a whole number or a decimal is lost; marked, as text may look like a number, too. */
const MARK = '\u0000';

function quoteNumbers(line: string): string {
  return line.replace(/"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g, (token) =>
    token.startsWith('"') ? token : `"\\u0000${token}"`,
  );
}

function loadObject(value: JsonObject, fields: readonly Field[]): StoredRow {
  const known = new Map(fields.map((field) => [field.name.toLowerCase(), field]));
  for (const name of Object.keys(value)) {
    if (!known.has(name.toLowerCase())) throw new BigQueryFailure(unloadable(`No such field: ${name}.`));
  }
  return Object.fromEntries(
    fields.map((field) => {
      const given = value[field.name] ?? null;
      if (given === null && field.mode === 'REQUIRED') {
        throw new BigQueryFailure(unloadable(`Missing required field: ${field.name}.`));
      }
      if (field.mode !== 'REPEATED') return [field.name, given === null ? null : loadValue(given, field)];
      if (given !== null && !Array.isArray(given)) {
        throw new BigQueryFailure(unloadable(`Field ${field.name} is repeated, and a value of it is no array.`));
      }
      return [field.name, ((given ?? []) as readonly JsonValue[]).map((one) => loadValue(one, field))];
    }),
  );
}

const TAKES: Readonly<Record<string, RegExp>> = {
  INT64: /^-?\d{1,19}$/,
  NUMERIC: /^-?\d{1,29}(?:\.\d{1,9})?$/,
  BIGNUMERIC: /^-?\d+(?:\.\d+)?$/,
  FLOAT64: /^(?:-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|NaN|-?Infinity)$/,
  BOOL: /^(?:true|false)$/i,
  DATE: /^\d{4}-\d\d-\d\d$/,
  TIMESTAMP: /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)?$/,
};

function loadValue(value: JsonValue, field: Field): JsonValue {
  const type = typeOf(field);
  if (type === 'STRUCT') {
    if (!isJsonObject(value)) throw new BigQueryFailure(unloadable(`Field ${field.name} is no object.`));
    return loadObject(value, field.fields ?? []);
  }
  if (type === 'JSON') return unmarked(value);
  const text = typeof value === 'string' ? value.replace(MARK, '') : String(value);
  if (typeof value === 'object' || TAKES[type]?.test(text) === false) {
    throw new BigQueryFailure(
      unloadable(`Could not convert value '${text}' to ${type}. Field: ${field.name}; Value: ${text}`),
    );
  }
  return type === 'TIMESTAMP' ? microsOf(text) : text;
}

function unmarked(value: JsonValue): JsonValue {
  if (typeof value === 'string') return value.startsWith(MARK) ? Number(value.slice(1)) : value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map(unmarked);
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, unmarked(one ?? null)]));
}

function microsOf(text: string): string {
  const [, head = '', fraction = '', zone = 'Z'] = /^([^.Z+]*?)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?$/.exec(text) ?? [];
  const millis = Date.parse(`${head.replace(' ', 'T')}${zone}`);
  return String(BigInt(millis) * 1000n + BigInt(fraction.slice(0, 6).padEnd(6, '0')));
}

function unloadable(why: string): ReturnType<typeof invalid> {
  return invalid(`Error while reading data, error message: JSON table encountered too many errors, giving up. ${why}`);
}

/** A row as answers have it: `{"f":[{"v":…}]}`. Times are seconds in floating point unless whole microseconds are asked for. */
export function writeRow(row: StoredRow, fields: readonly Field[], hasMicros: boolean): JsonObject {
  return {
    f: fields.map((field) => {
      const value = row[field.name] ?? null;
      if (field.mode !== 'REPEATED') return { v: writeValue(value, field, hasMicros) };
      return { v: ((value ?? []) as readonly JsonValue[]).map((one) => ({ v: writeValue(one, field, hasMicros) })) };
    }),
  };
}

function writeValue(value: JsonValue, field: Field, hasMicros: boolean): JsonValue {
  if (value === null) return null;
  const type = typeOf(field);
  if (type === 'STRUCT') return writeRow(value as StoredRow, field.fields ?? [], hasMicros);
  if (type === 'TIMESTAMP' && !hasMicros) return (Number(value) / 1e6).toExponential();
  return type === 'JSON' ? JSON.stringify(value) : String(value);
}
