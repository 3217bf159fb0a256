const LOCALES = ['en', 'de', 'fr', 'es', 'it', 'pt', 'nl', 'pl', 'sv', 'da', 'tr', 'id', 'ms', 'ru', 'th', 'ar', 'el'];

const LETTERS = /[\p{L}\p{M}]{3,}/gu;
const LONGEST = 20;

let names: ReadonlyMap<string, number> | undefined;
const PATTERNS = new Map<string, RegExp>();
const MAX_PATTERNS = 500;

/** The month that a name stands for, in full or short, in the languages that are known; 0 for none. */
export function monthOf(name: string): number {
  return monthNames().get(keyOf(name)) ?? 0;
}

/**
 * Finds dates with one of some months' names: `3. März 2018`, `March 3rd, 2018`, `3-Mar-18`, `Mar 2018`. A pattern of all names would be
 * slow, and a text has few.
 */
export function monthPattern(names: readonly string[]): RegExp {
  const alternatives = [...names].sort((left, right) => right.length - left.length).join('|');
  let pattern = PATTERNS.get(alternatives);
  if (pattern === undefined) {
    pattern = compilePattern(`(?:${alternatives})`);
    if (PATTERNS.size < MAX_PATTERNS) PATTERNS.set(alternatives, pattern);
  }
  return pattern;
}

function compilePattern(month: string): RegExp {
  const between = String.raw`[\s.,/-]{0,3}`;
  const ordinal = String.raw`(?:st|nd|rd|th|er|º|ª|°)?`;
  const of = String.raw`(?:(?:of|de|del|di)\s)?`;
  const year = String.raw`(?:\d{4}|['’]?\d{2})(?!\d)`;
  const dayFirst = String.raw`(?<!\d)(?<day1>\d{1,2})${ordinal}${between}${of}(?<month1>${month})(?!\p{L})${between}${of}(?<year1>${year})`;
  const monthFirst = String.raw`(?<!\p{L})(?<month2>${month})(?!\p{L})${between}(?<day2>\d{1,2})${ordinal}[\s.,/-]{1,3}(?<year2>${year})`;
  const monthOnly = String.raw`(?<!\p{L})(?<month3>${month})(?!\p{L})${between}${of}(?<year3>\d{4})(?!\d)`;
  return new RegExp(`${dayFirst}|${monthFirst}|${monthOnly}`, 'giu');
}

/** The names of months that a text has, as it writes them. Most texts have none, and need not be searched for dates with one. */
export function monthsNamedIn(text: string): string[] {
  const known = monthNames();
  const found = new Set<string>();
  for (const [word] of text.matchAll(LETTERS)) if (word.length <= LONGEST && known.has(keyOf(word))) found.add(word);
  return [...found];
}

function monthNames(): ReadonlyMap<string, number> {
  if (names !== undefined) return names;
  const found = new Map<string, number>([['sept', 9]]);
  for (const locale of LOCALES) {
    for (const month of ['long', 'short'] as const) {
      for (const day of ['numeric', undefined] as const) {
        const format = new Intl.DateTimeFormat(locale, {
          month,
          timeZone: 'UTC',
          calendar: 'gregory',
          ...(day && { day }),
        });
        for (let number = 1; number <= 12; number += 1) {
          const part = format.formatToParts(Date.UTC(2018, number - 1, 1)).find(({ type }) => type === 'month');
          const key = keyOf(part?.value ?? '');
          // Of a name that two languages give to different months, the first language decides.
          if (/^[\p{L}\p{M}]{3,}$/u.test(key) && !found.has(key)) found.set(key, number);
        }
      }
    }
  }
  names = found;
  return found;
}

function keyOf(name: string): string {
  return name.toLowerCase().replace(/\.$/, '').normalize('NFC');
}
