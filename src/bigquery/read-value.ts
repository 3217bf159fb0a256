import { isExactNumber } from '../json/exact-number.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { parseExactJson } from '../records/exact-json.ts';
import type { TableField } from './table-facts.ts';

/** Reads a row of a table, `{"f":[{"v":…}]}`, into the fields of a record. Members keep their types; no digit is lost. */
export function readRow(row: JsonValue | undefined, fields: readonly TableField[]): JsonObject {
  const cells = isJsonObject(row) && Array.isArray(row['f']) ? (row['f'] as readonly JsonValue[]) : [];
  // Whatever a column is called, it is a member of its own.
  return Object.fromEntries(fields.map((field, place) => [field.name, readCell(valueOf(cells[place]), field)]));
}

function readCell(value: JsonValue, field: TableField): JsonValue {
  if (!field.isRepeated) return readValue(value, field);
  return Array.isArray(value) ? (value as readonly JsonValue[]).map((one) => readValue(valueOf(one), field)) : [];
}

function readValue(value: JsonValue, { type, fields }: TableField): JsonValue {
  if (value === null) return null;
  if (type === 'STRUCT') return readRow(value, fields);
  if (typeof value !== 'string') return value;
  switch (type) {
    case 'INT64':
    case 'NUMERIC':
    case 'BIGNUMERIC':
      return isExactNumber(value) ? Number(value) : value;
    case 'FLOAT64':
      // A double already; those that JSON has no number for stay words.
      return Number.isFinite(Number(value)) ? Number(value) : value;
    case 'BOOL':
      return value === 'true';
    case 'TIMESTAMP':
      return readTimestamp(value);
    case 'JSON':
      return parseExactJson(value).value;
    default:
      // Text, dates, base64 of bytes, and what may come.
      return value;
  }
}

/** Microseconds since 1970, to a date and time in UTC with as many digits as it needs. */
function readTimestamp(text: string): string {
  if (!/^-?\d+$/.test(text)) return text;
  const micros = BigInt(text);
  const rest = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n;
  const seconds = new Date(Number((micros - rest) / 1000n)).toISOString().slice(0, -'.000Z'.length);
  const fraction = rest.toString().padStart(6, '0').replace(/0+$/, '');
  return `${seconds}${fraction === '' ? '' : `.${fraction}`}Z`;
}

function valueOf(cell: JsonValue | undefined): JsonValue {
  return isJsonObject(cell) ? (cell['v'] ?? null) : null;
}
