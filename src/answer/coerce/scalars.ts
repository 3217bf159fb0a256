import { isExactNumber } from '../../json/exact-number.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import { fits, matchesText } from './fits.ts';

/** What was done to a value, and nothing of it was lost by it; docs/answers.md has the table. */
export type CoercionRule =
  | 'number-from-text'
  | 'grouped-number'
  | 'boolean-from-text'
  | 'null-word'
  | 'enum-form'
  | 'list-of-one'
  | 'one-of-list'
  | 'unwrapped'
  | 'bare-list'
  | 'json-text'
  | 'key-form'
  | 'year-first-date'
  | 'trimmed';

/** A value as the schema wants it, and by which rule. */
export interface CoercedScalar {
  value: JsonValue;
  rule: CoercionRule;
}

const MOST_DIGITS = 15;
const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Which of the two signs is the decimal one shows where both stand, or one of them stands twice. */
const POINT_DECIMAL = /^-?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/;
const COMMA_DECIMAL = /^-?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/;
const NULL_WORDS = new Set(['null', 'none', 'n/a', '']);
const YEAR_FIRST = /^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})$/;

/** Undefined where the value has no other reading that fits, or more than one. */
export function coerceScalar(value: JsonValue, node: JsonObject): CoercedScalar | undefined {
  if (node['enum'] !== undefined || node['const'] !== undefined) return enumForm(value, node);
  if (typeof value !== 'string') return undefined;
  switch (node['type']) {
    case 'number':
    case 'integer':
      return numberOf(value, node['type'] === 'integer');
    case 'boolean': {
      const word = value.trim().toLowerCase();
      return word === 'true' || word === 'false' ? { value: word === 'true', rule: 'boolean-from-text' } : undefined;
    }
    case 'null':
      return NULL_WORDS.has(value.trim().toLowerCase()) ? { value: null, rule: 'null-word' } : undefined;
    case 'string':
      return textForm(value, node);
    default:
      return undefined;
  }
}

/** A number that a text spells, and nothing else: no unit, no sign of currency, no sum in brackets, no nought in front. */
function numberOf(text: string, isInteger: boolean): CoercedScalar | undefined {
  const plain = text.trim();
  let spelled: { digits: string; rule: CoercionRule } | undefined;
  if (JSON_NUMBER.test(plain)) spelled = { digits: plain, rule: 'number-from-text' };
  else if (POINT_DECIMAL.test(plain)) spelled = { digits: plain.replaceAll(',', ''), rule: 'grouped-number' };
  else if (COMMA_DECIMAL.test(plain)) {
    spelled = { digits: plain.replaceAll('.', '').replace(',', '.'), rule: 'grouped-number' };
  }
  if (spelled === undefined || spelled.digits.replaceAll(/\D/g, '').length > MOST_DIGITS) return undefined;
  const value = Number(spelled.digits);
  if (!isExactNumber(spelled.digits) || (isInteger && !Number.isSafeInteger(value))) return undefined;
  // A model's -0 is 0.
  return { value: value === 0 ? 0 : value, rule: spelled.rule };
}

/** The one member of an enum that is the same but for case, blanks, hyphens, underscores and a pair of quotation marks. */
function enumForm(value: JsonValue, node: JsonObject): CoercedScalar | undefined {
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return undefined;
  const members = (node['const'] === undefined ? node['enum'] : [node['const']]) as readonly JsonValue[];
  const form = formOf(String(value));
  const same = members.filter(
    (member) => member !== null && typeof member !== 'object' && formOf(String(member)) === form,
  );
  if (form !== '' && same.length === 1 && same[0] !== undefined) return { value: same[0], rule: 'enum-form' };
  const isNull = typeof value === 'string' && NULL_WORDS.has(value.trim().toLowerCase());
  const takesNull = members.includes(null) && members.every((member) => typeof member !== 'string');
  return isNull && takesNull ? { value: null, rule: 'null-word' } : undefined;
}

function formOf(text: string): string {
  const trimmed = text.normalize('NFKC').trim();
  const quoted = /^(["'])(.*)\1$/s.exec(trimmed)?.[2] ?? trimmed;
  return quoted.toLowerCase().replaceAll(/[\s_-]/g, '');
}

/** Blanks around a text go, and a date with its year first is written with hyphens, only where the schema takes it so alone. */
function textForm(text: string, node: JsonObject): CoercedScalar | undefined {
  if (matchesText(text, node)) return undefined;
  const trimmed = text.trim();
  if (node['format'] === 'date') {
    const [, year, , month = '', day = ''] = YEAR_FIRST.exec(trimmed) ?? [];
    const value = `${year ?? ''}-${month.padStart(2, '0')}-${day.padStart(2, '0')}`;
    if (year !== undefined && value !== trimmed) return { value, rule: 'year-first-date' };
  }
  return trimmed !== text && fits(trimmed, node, {}) ? { value: trimmed, rule: 'trimmed' } : undefined;
}
