import type { JsonValue } from '../json/value.ts';

/** Both separators, or one of them twice, tell which is the decimal one. */
const POINT_DECIMAL = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const COMMA_DECIMAL = /^[+-]?\d{1,3}(?:\.\d{3})+,\d+$|^[+-]?\d{1,3}(?:\.\d{3}){2,}$/;
const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/**
 * The number that a value is, or that a text of the gold spells: `1,234.50`, `1.234,50`, `1 234.50`. Undefined where it spells none, or
 * could be read in two ways other than as thousands.
 */
export function readNumber(value: JsonValue): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string') return undefined;
  const text = value.trim().replaceAll(/(?<=\d)[ \u00a0\u202f'](?=\d{3}(?!\d))/g, '');
  if (PLAIN.test(text)) return Number(text);
  if (POINT_DECIMAL.test(text)) return Number(text.replaceAll(',', ''));
  if (COMMA_DECIMAL.test(text)) return Number(text.replaceAll('.', '').replace(',', '.'));
  return undefined;
}

/** A currency before or behind an amount: its sign, as `$`, `US$`, `€`, or its letters, as `RM`, `MYR`. */
const CURRENCY = /^([+-]?)(?:[A-Z]{0,2}\p{Sc}|[A-Z]{2,3})\s*(?=[\d.+-])|(?<=\d)\s*(?:[A-Z]{0,2}\p{Sc}|[A-Z]{2,3})$/gu;

/** The number of a gold value for a field that is a number: the currency that is printed with it is no part of it. */
export function readGoldNumber(value: JsonValue): number | undefined {
  return readNumber(typeof value === 'string' ? value.trim().replaceAll(CURRENCY, '$1') : value);
}

/** The yes or no that a value is, or that a cell of a table spells, in whatever capitals. */
export function readBoolean(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
