import { canonicalJson } from '../../json/canonical.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import { fitsScalar, membersOf } from './fits-scalar.ts';
import { foldWord } from '../fold-name.ts';
import type { CoercionRule } from './coercion.ts';

/** More may not come back from a double. */
const MOST_DIGITS = 15;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Both separators, or one of them twice: a single one may part thousands or decimals. */
const GROUPED = /^-?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/;
const GROUPED_BY_POINTS = /^-?[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/;
const YEAR_FIRST = /^(\d{4})([/-])(\d{1,2})\2(\d{1,2})$/;
const NO_VALUE: ReadonlySet<string> = new Set(['null', 'none', 'n/a', '']);

/** A scalar that fits one alternative of a schema; `rule` is absent where it fits as it is. */
export interface CoercedScalar {
  value: JsonValue;
  rule?: CoercionRule;
}

/** Finds what a scalar can only mean under one alternative of a schema. Undefined where that would be a guess. */
export function coerceScalar(
  value: JsonValue,
  schema: JsonObject,
  { allowsText }: { allowsText: boolean },
): CoercedScalar | undefined {
  if (fitsScalar(value, schema)) return { value };
  const read = readAs(value, schema, allowsText);
  return read !== undefined && fitsScalar(read.value, schema) ? read : undefined;
}

function readAs(value: JsonValue, schema: JsonObject, allowsText: boolean): CoercedScalar | undefined {
  const members = membersOf(schema);
  if (schema['type'] === 'null') {
    const isNone = typeof value === 'string' && !allowsText && NO_VALUE.has(value.trim().toLowerCase());
    return isNone ? { value: null, rule: 'null-word' } : undefined;
  }
  if (schema['type'] === 'boolean') return typeof value === 'string' ? readBoolean(value) : undefined;
  if (members !== undefined) return readMember(value, members);
  if (typeof value !== 'string') return undefined;
  switch (schema['type']) {
    case 'number':
    case 'integer':
      return readNumber(value.trim());
    case 'string':
      return readText(value, schema);
    default:
      return undefined;
  }
}

function readBoolean(text: string): CoercedScalar | undefined {
  const word = text.trim().toLowerCase();
  return word === 'true' || word === 'false' ? { value: word === 'true', rule: 'boolean-from-text' } : undefined;
}

function readNumber(text: string): CoercedScalar | undefined {
  if (JSON_NUMBER.test(text)) return toNumber(text, 'number-from-text');
  if (GROUPED.test(text)) return toNumber(text.replaceAll(',', ''), 'grouped-number');
  if (GROUPED_BY_POINTS.test(text)) return toNumber(text.replaceAll('.', '').replace(',', '.'), 'grouped-number');
  return undefined;
}

function toNumber(text: string, rule: CoercionRule): CoercedScalar | undefined {
  const mantissa = /^[^eE]*/.exec(text)?.[0] ?? '';
  if (mantissa.replaceAll(/\D/g, '').length > MOST_DIGITS) return undefined;
  const number = Number(text);
  const isLost = !Number.isFinite(number) || (number === 0 && /[1-9]/.test(mantissa));
  // JSON has no -0.
  return isLost ? undefined : { value: number === 0 ? 0 : number, rule };
}

/** The one member of a closed set that a word or number names; a form that two of them share names none. */
function readMember(value: JsonValue, members: readonly JsonValue[]): CoercedScalar | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const form = foldWord(value);
  if (form === '') return undefined;
  const found = members.filter(
    (member) => (typeof member === 'string' || typeof member === 'number') && foldWord(member) === form,
  );
  const distinct = new Set(found.map(canonicalJson));
  const [member] = found;
  return distinct.size === 1 && member !== undefined ? { value: member, rule: 'enum-form' } : undefined;
}

function readText(text: string, schema: JsonObject): CoercedScalar | undefined {
  const isNarrow = schema['pattern'] !== undefined || schema['format'] !== undefined;
  if (!isNarrow) return undefined;
  const trimmed = text.trim();
  if (trimmed !== text && fitsScalar(trimmed, schema)) return { value: trimmed, rule: 'trimmed' };
  if (schema['format'] !== 'date') return undefined;
  const [, year = '', , month = '', day = ''] = YEAR_FIRST.exec(trimmed) ?? [];
  if (year === '') return undefined;
  return { value: `${year}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`, rule: 'year-first-date' };
}
