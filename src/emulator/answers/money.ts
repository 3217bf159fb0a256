import type { Meaning } from './field-meaning.ts';

/** An amount as printed, without its currency, and its value. */
export interface Money {
  text: string;
  value: number;
}

const CURRENCY = '(?:RM|MYR|USD|EUR|GBP|CHF|SGD|INR|JPY|[$€£¥₹])';
const amount = new RegExp(
  `(?<![\\d.,/:-])(-?)${CURRENCY}?\\s?(-?)(\\d{1,3}(?:[,.' ]\\d{3})*[.,]\\d{2}|\\d+[.,]\\d{2}|[.,]\\d{2})(?![\\d%/:]|[.,]\\d| ?%)`,
  'g',
);

/** All amounts with two decimals in a text. */
export function findAmounts(text: string): Money[] {
  // Most lines have none: a quick look before the slow one.
  if (!/[.,]\d\d/.test(text)) return [];
  return Array.from(text.matchAll(amount), ([, sign = '', innerSign = '', digits = '']) => {
    const negative = sign !== '' || innerSign !== '';
    return { text: `${negative ? '-' : ''}${digits}`, value: (negative ? -1 : 1) * parseAmount(digits) };
  });
}

function parseAmount(digits: string): number {
  const decimals = digits.slice(-2);
  const whole = digits.slice(0, -3).replace(/\D/g, '');
  return Number(`${whole === '' ? '0' : whole}.${decimals}`);
}

/** How a line that announces an amount reads, the surest label first. */
const LABELS: Partial<Record<Meaning, readonly RegExp[]>> = {
  total: [
    /\b(?:round\w*|final|nett?|grand|bill)\s*d?\s*(?:total|amt|amount)\b|\btotal\s*(?:\(?rm\)?\s*)?(?:round\w*|after\b)/i,
    /\btotal\s*(?:amount|amt)?\s*(?:due|payable|to pay)|\bamount\s*(?:due|payable)|\b(?:gesamtbetrag|gesamtsumme)\b/i,
    /\btotal\b(?!.*\bexcl)|\bsumme\b|\bgesamt\b/i,
    /\btotal\b|\bamount\b/i,
  ],
  subtotal: [/\bsub[- ]?total\b|\bzwischensumme\b/i, /\btotal\b.*\bexcl/i],
  tax: [/\b(?:total )?(?:gst|vat|tax|mwst|service tax)\b(?!.*(?:id|no|invoice|summary|incl|excl))/i],
  discount: [/\b(?:discount|saving|rabatt)/i],
  cash: [/\b(?:cash|tendered|credit|paid|payment)\b(?!.*(?:sale|ier|bill))/i],
  change: [/\bchange\b/i],
};

/** Lines that could announce a total: a quick look before the slow ones. */
const TOTAL_LINE = /total|amount|amt|summe|gesamt/i;

/** Totals of something else than the money to pay. */
const OTHER_TOTAL =
  /\btotal\b.*\b(?:qty|quantity|items?|pcs|units?|gst|tax|disc\w*|sav\w*|points?|no)\b|\bsub[- ]?total\b|\b(?:item|qty|qtys|items|tax|gst|discount)s?\W*total\b/i;
const ALLOWED_TOTAL = /\b(?:incl\w*|w\/|with|rounded|round|amount|amt|sales)\b/i;

/** The amount that a label announces, on its line or below it, where scanned receipts put it. */
export function findLabelledAmount(lines: readonly string[], meaning: Meaning): Money | undefined {
  if (meaning === 'total') return findPaid(lines) ?? findTotal(lines);
  for (const label of LABELS[meaning] ?? []) {
    for (const [index, line] of lines.entries()) {
      const money = label.test(line) ? amountAt(lines, index) : undefined;
      if (money !== undefined) return money;
    }
  }
  return undefined;
}

/** What was given less what came back, where that amount is printed too: surer than any label. */
function findPaid(lines: readonly string[]): Money | undefined {
  const cash = findLabelledAmount(lines, 'cash');
  if (cash === undefined) return undefined;
  const change = findLabelledAmount(lines, 'change');
  if (change === undefined) return undefined;
  const paid = Math.round((cash.value - change.value) * 100) / 100;
  if (paid <= 0) return undefined;
  for (const line of lines) {
    if (!line.includes('.') && !line.includes(',')) continue;
    const printed = findAmounts(line).find(({ value }) => value === paid);
    if (printed !== undefined) return printed;
  }
  return undefined;
}

function findTotal(lines: readonly string[]): Money | undefined {
  const candidates: { line: string; index: number }[] = [];
  for (const [index, line] of lines.entries()) {
    if (TOTAL_LINE.test(line) && (!OTHER_TOTAL.test(line) || ALLOWED_TOTAL.test(line)))
      candidates.push({ line, index });
  }
  for (const label of LABELS.total ?? []) {
    let best: Money | undefined;
    for (const { line, index } of candidates) {
      if (!label.test(line)) continue;
      const money = totalAt(lines, index);
      // Of equally sure totals the highest is what was paid: a tax summary repeats lower ones.
      if (money !== undefined && (best === undefined || money.value > best.value)) best = money;
    }
    if (best !== undefined) return best;
  }
  return undefined;
}

/** Zero amounts, such as a rounding's, are passed over: a total is above them. */
function totalAt(lines: readonly string[], index: number): Money | undefined {
  const own = findAmounts(lines[index] ?? '').at(-1);
  if (own !== undefined && own.value > 0) return own;
  for (const line of lines.slice(index + 1, index + 4)) {
    const money = findAmounts(line).find(({ value }) => value > 0);
    if (money !== undefined) return money;
  }
  return undefined;
}

function amountAt(lines: readonly string[], index: number): Money | undefined {
  const own = findAmounts(lines[index] ?? '').at(-1);
  if (own !== undefined) return own;
  for (const line of lines.slice(index + 1, index + 3)) {
    const money = findAmounts(line)[0];
    if (money !== undefined) return money;
    // Another label's amount would follow.
    if (/\p{L}{3}/u.test(line)) return undefined;
  }
  return undefined;
}
