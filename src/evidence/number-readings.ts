import { decimalOf, shifted } from './decimal.ts';
import { asciiDigits } from './ascii-digits.ts';

/** A number of a text, and all that it may mean. */
export interface NumberPlace {
  start: number;
  end: number;
  /** Without signs, in the form of `decimalOf`; usually one. */
  readings: readonly string[];
}

/** Digits in groups of three with blanks between, or digits with points, commas or apostrophes between. */
const NUMBER = /\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*|(?<![\d.,])\.\d+/g;
const BLANK = /[ \u00a0\u2009\u202f]/;

/** The numbers of a text, each with its readings: `1,234` is 1234, or 1.234; `12%` is 12, or 0.12. */
export function numbersOf(text: string): NumberPlace[] {
  const plain = asciiDigits(text);
  const places: NumberPlace[] = [];
  for (const match of plain.matchAll(NUMBER)) {
    const [token] = match;
    const start = match.index;
    if (BLANK.test(token)) {
      // Numbers that stand beside each other look the same as one in groups.
      places.push({ start, end: start + token.length, readings: [groupedByBlanks(token)] });
      eachPart(token, start, BLANK, (part, at) => addNumber(places, plain, part, at));
    } else {
      addNumber(places, plain, token, start);
    }
  }
  return places;
}

function addNumber(places: NumberPlace[], text: string, token: string, start: number): void {
  const readings = readingsOf(token);
  if (readings.length === 0) {
    // `25.12.2018` and `1,2,3` are several. The 01 of a date is no 1.
    eachPart(token, start, /[.,'’]/, (part, at) => {
      if (!/^0\d/.test(part)) places.push({ start: at, end: at + part.length, readings: [decimalOf(part)] });
    });
    return;
  }
  const end = start + token.length;
  const isShare = /^\s?[%％]/.test(text.slice(end, end + 2));
  places.push({ start, end, readings: isShare ? [...readings, ...readings.map(hundredth)] : readings });
}

function hundredth(reading: string): string {
  const [whole = '', fraction = ''] = reading.split('.');
  return shifted(whole, fraction, -2);
}

function groupedByBlanks(token: string): string {
  const [whole = '', fraction] = token.split(/[.,]/);
  return decimalOf(whole.replaceAll(/\D/g, ''), fraction);
}

/** What a number with points, commas or apostrophes may mean; nothing where it is no number. */
export function readingsOf(token: string): string[] {
  if (/^\d+$/.test(token)) return [decimalOf(token)];
  if (token.startsWith('.')) return [decimalOf('', token.slice(1))];
  // Most numbers with a point are money, and have one reading.
  const money = /^(\d+)[.,](\d\d?)$/.exec(token);
  if (money !== null) return [decimalOf(money[1] ?? '', money[2])];
  const signs = [...token.matchAll(/[.,'’]/g)].map(([sign]) => (sign === '’' ? "'" : sign));
  const groups = token.split(/[.,'’]/);
  const last = signs.at(-1);
  const readings: string[] = [];
  const earlier = new Set(signs.slice(0, -1));
  // The last sign is a decimal point if no other is of its kind, and those before group the digits.
  const isPoint = last !== "'" && !earlier.has(last ?? '') && earlier.size <= 1;
  if (isPoint && (earlier.size === 0 || areGroups(groups.slice(0, -1)))) {
    readings.push(decimalOf(groups.slice(0, -1).join(''), groups.at(-1)));
  }
  if (new Set(signs).size === 1 && areGroups(groups)) readings.push(decimalOf(groups.join('')));
  return readings;
}

/** Thousands, or as in India hundreds above the thousands. */
function areGroups([first = '', ...rest]: readonly string[]): boolean {
  if (first.length > 3 || first.startsWith('0') || rest.at(-1)?.length !== 3) return false;
  return (
    rest.every(({ length }) => length === 3) ||
    (first.length <= 2 && rest.slice(0, -1).every(({ length }) => length === 2))
  );
}

function eachPart(token: string, start: number, separator: RegExp, add: (part: string, at: number) => void): void {
  let at = start;
  for (const part of token.split(separator)) {
    if (part !== '') add(part, at);
    at += part.length + 1;
  }
}
