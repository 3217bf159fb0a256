import { asciiDigits } from './ascii-digits.ts';
import { datesOf, isSameDate, type DateReading } from './date-readings.ts';
import { decimalOfNumber } from './decimal.ts';
import type { Occurrence } from './evidence.ts';
import { findExact, findNormalized, MAX_OCCURRENCES } from './find-text.ts';
import { findFuzzy, MAX_WORDS } from './find-fuzzy.ts';
import { readingsOf } from './number-readings.ts';
import type { SourceText } from './source-text.ts';
import { wordsOf } from './words.ts';

/** All places of a value in one text that are found by the first rule that finds any, in the order of the text. */
export function findValue(source: SourceText, value: string | number): Occurrence[] {
  if (typeof value === 'number') {
    const decimal = decimalOfNumber(value);
    return decimal === undefined ? [] : findNumber(source, decimal, String(Math.abs(value)));
  }
  const text = value.trim();
  const exact = findExact(source.text, text);
  if (exact.length > 0) return exact;
  const dates = datesOfValue(text);
  if (dates.length > 0) return orElse(findDate(source, dates), () => findNormalized(source.text, source.folded, text));
  const decimals = decimalsOfText(text);
  if (decimals.length > 0) {
    const found = decimals.flatMap((decimal) => findNumber(source, decimal, text));
    return orElse(found, () => findNormalized(source.text, source.folded, text));
  }
  return orElse(findNormalized(source.text, source.folded, text), () => {
    const fuzzy = findFuzzy(source.words, wordsOf(text));
    return fuzzy === undefined ? [] : [fuzzy];
  });
}

/** Whether a text is so long that it is the model's own words, of which nobody expects that they stand in the record. */
export function isProse(value: string): boolean {
  return value.length > MAX_WORDS && wordsOf(value).length > MAX_WORDS;
}

function orElse(found: Occurrence[], next: () => Occurrence[]): Occurrence[] {
  return found.length > 0 ? found : next();
}

function findNumber(source: SourceText, decimal: string, written: string): Occurrence[] {
  const places = source.numbersOf(decimal).slice(0, MAX_OCCURRENCES);
  return places.map(({ start, end }) => {
    const match = source.text.slice(start, end) === written ? 'exact' : 'value';
    return { start, end, match };
  });
}

/** Dates that can only be this one go before those that may be. */
function findDate(source: SourceText, wanted: readonly DateReading[]): Occurrence[] {
  const isWanted = (reading: DateReading): boolean =>
    wanted.some((date) => isSameDate(date.day === undefined ? { ...reading, day: undefined } : reading, date));
  const places = source.dates.filter(({ readings }) => readings.some(isWanted)).slice(0, MAX_OCCURRENCES);
  const sure = places.filter(({ readings }) => readings.every(isWanted));
  const match = sure.length > 0 ? 'value' : 'ambiguous';
  return (sure.length > 0 ? sure : places)
    .map(({ start, end }) => ({ start, end, match }) as const)
    .sort((left, right) => left.start - right.start);
}

/** What date a value is, the whole of it; of a time with a date, the date. */
function datesOfValue(value: string): readonly DateReading[] {
  const month = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(value);
  if (month !== null) return [{ year: Number(month[1]), month: Number(month[2]), day: undefined }];
  const date = /^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}.*)?$/.exec(value)?.[1] ?? value;
  if (date.length > 40 || !/\d/.test(date)) return [];
  // The name of a day says nothing more.
  const withoutDay = date.replace(/^\p{L}+[.,]{0,2}\s+(?=\p{L}|\d)/u, '');
  return wholeDate(date) ?? (withoutDay === date ? [] : (wholeDate(withoutDay) ?? []));
}

function wholeDate(text: string): readonly DateReading[] | undefined {
  return datesOf(text).find(({ start, end }) => start === 0 && end === text.length)?.readings;
}

/** What numbers a text is, such as `1,234.50` or `RM 9.00`. */
function decimalsOfText(value: string): readonly string[] {
  const plain = asciiDigits(value);
  const parts = /^[-+−]?\s?(?:\p{Sc}|(\p{L}{1,3}\.?))?\s?[-+−]?(\.?\d[\d.,'’]*)(?:\s?(?:\p{Sc}|%))?$/u.exec(plain);
  const [, letters, number = ''] = parts ?? [];
  // `RM 9.00` is money, `A12` is a name.
  const isName = letters !== undefined && !/[.,]/.test(number);
  return number === '' || isName || /[.,'’]$/.test(number) ? [] : readingsOf(number);
}
