import { ADDRESS_END } from './company.ts';
import { findAmounts } from './money.ts';

/** One bought thing, as an invoice or receipt lists it. */
export interface LineItem {
  description: string;
  quantity: number;
  price: number;
  amount: number;
}

const ITEM_STOP = /\b(?:sub ?-?total|total|rounding|cash|change|tax summary|gst summary|discount|balance)\b/i;
const MAX_ITEMS = 20;

/** Lines with a name and an amount, or a name with its amounts on the lines below, up to the totals. */
export function findItems(lines: readonly string[]): LineItem[] {
  const items: LineItem[] = [];
  const end = lines.findIndex((line) => ITEM_STOP.test(line) && !/\b(?:price|qty|cash sale)/i.test(line));
  const body = end < 0 ? lines : lines.slice(0, end);
  for (const [index, line] of body.entries()) {
    if (items.length === MAX_ITEMS) break;
    const isNamed = /\p{L}{3}/u.test(line) && !ADDRESS_END.test(line.replace(/\d+\.\d\d\b/g, ''));
    if (!isNamed) continue;
    const amounts = findAmounts(line);
    if (amounts.length === 0) {
      for (const below of body.slice(index + 1, index + 5)) {
        if (/\p{L}{3}/u.test(below)) break;
        amounts.push(...findAmounts(below));
      }
    }
    const amount = amounts.at(-1)?.value;
    if (amount === undefined) continue;
    const price = amounts.length > 1 ? (amounts[0]?.value ?? amount) : amount;
    const counted = /(?:^|\s)(\d{1,3})\s*[xX×]\s|[xX×]\s*(\d{1,3})(?!\d|\.)/.exec(line);
    const quantity = Number(counted?.[1] ?? counted?.[2] ?? (price > 0 ? Math.max(1, Math.round(amount / price)) : 1));
    const description = line
      .replace(/(?:RM|[$€£])?\s?-?\d[\d,]*\.\d\d\b.*$/, '')
      .replace(/^\d{1,3}\s*[xX×]?\s+|\s\d{1,3}\s*[xX×]?\s*$/g, '')
      .trim();
    if (/\p{L}{2}/u.test(description)) items.push({ description, quantity, price, amount });
  }
  return items;
}
