/** A day found in a text. */
export interface FoundDate {
  /** As printed. */
  text: string;
  /** `YYYY-MM-DD`. */
  iso: string;
  /** Where in the text it starts. */
  index: number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAME = '(?<month>jan|feb|m[aä]r|apr|ma[yi]|jun|jul|aug|sep|o[ck]t|nov|de[cz])[a-zä]*\\.?';

const patterns: readonly RegExp[] = [
  /(?<!\d)(?<year>\d{4})(?<mark>[-/.])(?<month>\d{1,2})\k<mark>(?<day>\d{1,2})(?!\d)/g,
  /(?<![\d/.-])(?<day>\d{1,2})(?<mark>[-/.]) ?(?<month>\d{1,2})\k<mark> ?(?<year>\d{4}|\d{2})(?![\d/-])/g,
  new RegExp(`(?<!\\d)(?<day>\\d{1,2})[ .,/-]{0,2}${MONTH_NAME}[ ,./'-]{0,2}(?<year>\\d{4}|\\d{2})(?!\\d)`, 'gi'),
  new RegExp(`\\b${MONTH_NAME}[ ,.]{1,2}(?<day>\\d{1,2})(?:st|nd|rd|th)?,? {0,2}(?<year>\\d{4})(?!\\d)`, 'gi'),
];

const MAX_DATES = 50;

/** The dates of a text, in the order they stand. Where day and month are both possible, the day comes first. */
export function findDates(text: string): FoundDate[] {
  const found: FoundDate[] = [];
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      if (found.length === MAX_DATES) break;
      const { year = '', month = '', day = '' } = match.groups ?? {};
      const iso = isoDate(year, month, day);
      const end = match.index + match[0].length;
      const overlaps = found.some((other) => match.index < other.index + other.text.length && end > other.index);
      if (iso !== undefined && !overlaps) found.push({ text: match[0], iso, index: match.index });
    }
  }
  return found.sort((left, right) => left.index - right.index);
}

function isoDate(yearText: string, monthText: string, dayText: string): string | undefined {
  const year = yearText.length === 2 ? 2000 + Number(yearText) : Number(yearText);
  let month = monthNumber(monthText);
  let day = Number(dayText);
  // A month above 12 was a day: the American order.
  if (month > 12 && day <= 12) [month, day] = [day, month];
  if (month < 1 || month > 12 || day < 1 || year < 1900 || year > 2100) return undefined;
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) return undefined;
  return `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

function monthNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  const start = text
    .slice(0, 3)
    .toLowerCase()
    .replace('ä', 'a')
    .replace('mai', 'may')
    .replace('okt', 'oct')
    .replace('dez', 'dec');
  return MONTHS.indexOf(start) + 1;
}
