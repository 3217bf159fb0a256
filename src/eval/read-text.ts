import type { JsonValue } from '../json/value.ts';

/** The mark before the fraction of a number: `1,234.50` has a point, `1.234,50` a comma. */
export type DecimalMark = '.' | ',';

const SPACE_BETWEEN_THOUSANDS = /(?<=\d)[ \u00a0\u202f](?=\d{3}(?!\d))/g;
/** Thousands, or as in India hundreds above the thousands. */
const GROUPS = {
  '.': /^(?:[1-9]\d{0,2}(?:[,']\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})$/,
  ',': /^[1-9]\d{0,2}(?:[.']\d{3})+$/,
};
const PLAIN = { '.': /^(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/, ',': /^(?:\d+,?\d*|,\d+)$/ };

/**
 * The numbers that a value may be, or that a text spells: `1,234.50`, `1.234,50`, `1 234.50`, `0,5`. `1,234` may be two, of which the first
 * is the one with a point before fractions. None where it spells no number.
 *
 * @param decimal the mark that is known to stand before fractions
 */
export function readNumbers(value: JsonValue, decimal: DecimalMark | undefined): readonly number[] {
  if (typeof value === 'number') return [value];
  if (typeof value !== 'string') return [];
  const [, sign = '', digits = ''] =
    /^([+-]?)(.*)$/s.exec(value.trim().replaceAll(SPACE_BETWEEN_THOUSANDS, '').replaceAll('\u2019', "'")) ?? [];
  const marks: readonly DecimalMark[] = decimal === undefined ? ['.', ','] : [decimal];
  const numbers = marks.map((mark) => readDigits(digits, mark)).filter((number) => number !== undefined);
  return [...new Set(numbers.map((number) => (sign === '-' ? -number : number)))];
}

function readDigits(text: string, mark: DecimalMark): number | undefined {
  if (PLAIN[mark].test(text)) return Number(text.replace(mark, '.'));
  const [whole = '', fraction = '0', ...rest] = text.split(mark);
  if (rest.length > 0 || !GROUPS[mark].test(whole) || !/^\d+$/.test(fraction)) return undefined;
  return Number(`${whole.replaceAll(/\D/g, '')}.${fraction}`);
}

/** A currency before or behind an amount: its sign, as `$`, `US$`, `€`, or its letters, as `RM`, `MYR`. */
const CURRENCY = /^([+-]?)(?:[A-Z]{0,2}\p{Sc}|[A-Z]{2,3})\s*(?=[\d.+-])|(?<=\d)\s*(?:[A-Z]{0,2}\p{Sc}|[A-Z]{2,3})$/gu;

/** The numbers that a gold value may be for a field that is a number: the currency that is printed with it is no part of it. */
export function readGoldNumbers(value: JsonValue, decimal: DecimalMark | undefined): readonly number[] {
  return readNumbers(typeof value === 'string' ? value.trim().replaceAll(CURRENCY, '$1') : value, decimal);
}

/** The yes or no that a value is, or that a cell of a table spells, in whatever capitals. */
export function readBoolean(value: JsonValue): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return text === 'true' ? true : text === 'false' ? false : undefined;
}
