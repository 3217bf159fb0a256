import { datesOf, dayOf, type DateReading } from '../evidence/date-readings.ts';
import type { JsonValue } from '../json/value.ts';

/** Which number of a date stands first, where it is written in numbers and its year is not. */
export type DateOrder = 'day-first' | 'month-first' | 'year-first';

const TIME_OF_DAY = /[T ]\d{1,2}:\d\d.*$/s;
/** Behind a year of four digits anything may follow, as in `2026-01-31 (Sat)`. */
const BEHIND_ISO = /^(\d{4}[-/.]\d{1,2}[-/.]\d{1,2})[T ].*$/s;
const NUMBERS = /^(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{1,4})$/;

/**
 * The days that a text may mean which is a date and nothing else: none where it is no date, several where its notation leaves it open, as
 * `03/04/2018` does without an `order`. A year of four digits that stands first leaves nothing open.
 */
export function readDays(value: JsonValue, order: DateOrder | undefined): readonly DateReading[] {
  if (typeof value !== 'string') return [];
  const text = value.trim().replace(BEHIND_ISO, '$1').replace(TIME_OF_DAY, '');
  const numbers = order === undefined ? null : NUMBERS.exec(text);
  if (numbers !== null) {
    const [, first, , second, third] = numbers;
    const day =
      order === 'day-first'
        ? dayOf(third, second, first)
        : order === 'month-first'
          ? dayOf(third, first, second)
          : dayOf(first, second, third);
    return day === undefined ? [] : [day];
  }
  const whole = datesOf(text).find(({ start, end }) => start === 0 && end === text.length);
  return whole?.readings.filter(({ day }) => day !== undefined) ?? [];
}
