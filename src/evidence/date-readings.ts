import { asciiDigits } from './ascii-digits.ts';
import { monthOf, monthPattern, monthsNamedIn } from './month-names.ts';

/** A day, or a month where `day` is undefined. A year below 100 is one of two digits. */
export interface DateReading {
  year: number;
  month: number;
  day: number | undefined;
}

/** A date of a text, and all that it may mean. */
export interface DatePlace {
  start: number;
  end: number;
  readings: readonly DateReading[];
}

const BUDDHIST = 543;
const NUMERIC = /(?<![\d./-])(\d{1,4})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})(?![\d])/g;
const HAN = /(\d{2,4})\s?[年년]\s?(\d{1,2})\s?[月월](?:\s?(\d{1,2})\s?[日일])?/g;
const COMPACT = /(?<![\d.,])((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)/g;
const MONTH_YEAR = /(?<![\d./-])(?:(\d{1,2})[./-](\d{4})|(\d{4})[./-](\d{1,2}))(?![\d]|[./-]\d)/g;

/** The dates of a text, each with its readings: `03/04/2018` is the third of April, or the fourth of March. */
export function datesOf(given: string): DatePlace[] {
  const text = asciiDigits(given);
  const places: DatePlace[] = [];
  const add = (match: RegExpMatchArray, readings: readonly (DateReading | undefined)[]): void => {
    const valid = distinct(readings.filter((reading) => reading !== undefined));
    const start = match.index ?? 0;
    if (valid.length > 0) places.push({ start, end: start + match[0].length, readings: valid });
  };
  for (const match of text.matchAll(NUMERIC))
    add(match, numericReadings(match[1] ?? '', match[3] ?? '', match[4] ?? ''));
  for (const match of text.matchAll(HAN)) add(match, [dayOf(match[1], match[2], match[3])]);
  for (const match of text.matchAll(COMPACT)) add(match, [dayOf(match[1], match[2], match[3])]);
  for (const match of text.matchAll(MONTH_YEAR))
    add(match, [dayOf(match[2] ?? match[3], match[1] ?? match[4], undefined)]);
  const months = monthsNamedIn(text);
  if (months.length > 0) for (const match of text.matchAll(monthPattern(months))) add(match, named(match.groups ?? {}));
  return places;
}

function numericReadings(first: string, second: string, third: string): (DateReading | undefined)[] {
  if (first.length >= 3) return [dayOf(first, second, third)];
  const orders = [dayOf(third, second, first), dayOf(third, first, second)];
  return third.length > 2 ? orders : [...orders, dayOf(first, second, third)];
}

function named(groups: { readonly [name: string]: string | undefined }): (DateReading | undefined)[] {
  const month = monthOf(groups['month1'] ?? groups['month2'] ?? groups['month3'] ?? '');
  const year = (groups['year1'] ?? groups['year2'] ?? groups['year3'] ?? '').replace(/^\D/, '');
  return [dayOf(year, String(month), groups['day1'] ?? groups['day2'])];
}

/** The day that year, month and day make; a month where the day is undefined. Undefined where there is no such day. */
export function dayOf(year = '', month = '', day: string | undefined): DateReading | undefined {
  const number = Number(year);
  const isYear = year.length === 4 ? number >= 1000 : year.length <= 2 && year !== '';
  if (!isYear || !(Number(month) >= 1 && Number(month) <= 12)) return undefined;
  if (day !== undefined && !(Number(day) >= 1 && Number(day) <= daysOf(Number(month), number))) return undefined;
  return {
    year: number >= 2400 && number < 2700 ? number - BUDDHIST : number,
    month: Number(month),
    day: day === undefined ? undefined : Number(day),
  };
}

function daysOf(month: number, year: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0 || year < 100) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

function distinct(readings: readonly DateReading[]): DateReading[] {
  return readings.filter((one, at) => readings.findIndex((other) => isSameDate(one, other)) === at);
}

/** Years of two digits are those of any century. */
export function isSameDate(one: DateReading, other: DateReading): boolean {
  const isSameYear = one.year < 100 || other.year < 100 ? one.year % 100 === other.year % 100 : one.year === other.year;
  return isSameYear && one.month === other.month && one.day === other.day;
}
