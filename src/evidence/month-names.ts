const LOCALES = [
  'en',
  'de',
  'fr',
  'es',
  'it',
  'pt',
  'nl',
  'pl',
  'sv',
  'da',
  'tr',
  'id',
  'ms',
  'ru',
  'th',
  'vi',
  'ar',
  'el',
];

let names: ReadonlyMap<string, number> | undefined;
let pattern: RegExp | undefined;

/** The month that a name stands for, in full or short, in the languages that are known; 0 for none. */
export function monthOf(name: string): number {
  return monthNames().get(keyOf(name)) ?? 0;
}

/** Finds dates with a month's name: `3. März 2018`, `March 3rd, 2018`, `3-Mar-18`, `Mar 2018`. Made when the first date is wanted. */
export function monthPattern(): RegExp {
  if (pattern !== undefined) return pattern;
  const alternatives = [...monthNames().keys()]
    .sort((left, right) => right.length - left.length)
    .map((name) => name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join('|');
  const month = `(?:${alternatives})`;
  const between = String.raw`[\s.,/-]{0,3}`;
  const ordinal = String.raw`(?:st|nd|rd|th|er|º|ª|°)?`;
  const of = String.raw`(?:(?:of|de|del|di)\s)?`;
  const year = String.raw`(?:\d{4}|['’]?\d{2})(?!\d)`;
  const dayFirst = String.raw`(?<!\d)(?<day1>\d{1,2})${ordinal}${between}${of}(?<month1>${month})(?!\p{L})${between}${of}(?<year1>${year})`;
  const monthFirst = String.raw`(?<!\p{L})(?<month2>${month})(?!\p{L})${between}(?<day2>\d{1,2})${ordinal}[\s.,/-]{1,3}(?<year2>${year})`;
  const monthOnly = String.raw`(?<!\p{L})(?<month3>${month})(?!\p{L})${between}${of}(?<year3>\d{4})(?!\d)`;
  pattern = new RegExp(`${dayFirst}|${monthFirst}|${monthOnly}`, 'giu');
  return pattern;
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
          if (/^\p{L}{3}/u.test(key) && !found.has(key)) found.set(key, number);
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
