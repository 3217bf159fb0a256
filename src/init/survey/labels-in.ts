import type { JsonValue } from '../../json/value.ts';
import { fieldName } from './field-name.ts';

/** `Total: 12.50`, or the label alone at the end of its line. */
const WITH_COLON = /^(\p{L}[\p{L}\p{N} ._/()&-]{0,30}?)[ \t]*:(?:[ \t]+(\S.*)|[ \t]*)$/u;
/** `TOTAL RM 12.50`, or the label alone, where an amount or a date is told. */
const WITHOUT_COLON = /^(\p{L}[\p{L} ._()-]{0,30}?)(?:[ \t]+(\S.*))?$/u;
const AMOUNT_OR_DATE =
  /^(?:[€$£]|[A-Z]{2,3}[ \t])?[ \t]?-?\d[\d.,]*[.,]\d{2}(?!\d)|^\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?!\d)/;

/**
 * The values behind each label in the texts, the first one of each text: `Total: 12.50`, and as printed forms and scanned papers have it, the
 * value on the next line or without a colon, where it is an amount or a date.
 */
export function labelsIn(texts: readonly JsonValue[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const text of texts) {
    if (typeof text !== 'string') continue;
    for (const [name, value] of labelsOf(text)) found.set(name, [...(found.get(name) ?? []), value]);
  }
  return found;
}

function labelsOf(text: string): Map<string, string> {
  const here = new Map<string, string>();
  const lines = text.split(/\r\n|[\n\r]/).map((line) => line.trim());
  for (const [index, line] of lines.entries()) {
    const [label, value] = labelled(line, lines[index + 1] ?? '') ?? [];
    if (label === undefined || value === undefined) continue;
    // What stands in brackets behind a label is its unit.
    const name = fieldName(label.replaceAll(/\(.*?\)/g, ' '));
    if (name !== '' && !here.has(name)) here.set(name, value);
  }
  return here;
}

function labelled(line: string, next: string): [label: string, value: string] | undefined {
  const [, label, value] = WITH_COLON.exec(line) ?? [];
  if (label !== undefined) {
    if (value !== undefined) return [label, value];
    return next === '' || next.includes(':') ? undefined : [label, next];
  }
  // RM 12.50 is no label RM.
  if (AMOUNT_OR_DATE.test(line)) return undefined;
  const [, bare, beside] = WITHOUT_COLON.exec(line) ?? [];
  if (bare === undefined) return undefined;
  const amount = beside ?? next;
  return AMOUNT_OR_DATE.test(amount) ? [bare, amount] : undefined;
}
