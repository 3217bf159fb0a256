import type { EvidenceRates, FieldEvidence } from '../../evidence/evidence-rates.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { bar } from './chart-bars.ts';
import { markup, outside, type Markup } from './markup.ts';
import { formatShare } from './phrases.ts';
import { table } from './table.ts';

/** Evidence is looked for when the page stands already: this is where it goes. Text from outside cannot hold these, as `<` is escaped. */
const OPENING = '<!-- evidence -->';
const CLOSING = '<!-- /evidence -->';

export const evidencePlace: Markup = markup`<!-- evidence --><!-- /evidence -->`;

const MAX_FIELDS = 40;

/** A report's page with how much of the results stands in the records; as it is where it has no place for that. */
export function withEvidence(page: string, rates: EvidenceRates): string {
  const start = page.indexOf(OPENING);
  const end = page.indexOf(CLOSING, start);
  if (start === -1 || end === -1) return page;
  return `${page.slice(0, start + OPENING.length)}${evidenceSection(rates).text}${page.slice(end)}`;
}

function evidenceSection({ results, fields }: EvidenceRates): Markup {
  const rows = Object.entries(fields).sort(([, left], [, right]) => shareLost(right) - shareLost(left));
  return markup`<section>
    <h2>What stands in the records</h2>
    ${table({
      caption: `Evidence for ${counted(results, 'result')}`,
      columns: [{ head: 'Field' }, { head: 'Found in the record' }, { head: 'How' }],
      rows: rows.slice(0, MAX_FIELDS).map(([name, field]) => fieldRow(name, field)),
      ...(rows.length > MAX_FIELDS ? { note: `and ${counted(rows.length - MAX_FIELDS, 'more field')}` } : {}),
    })}
    <p class="note">A value that does not stand in its record is not wrong by that, nor one that does right. Where each of them stands is in <code>evidence.jsonl</code>.</p>
  </section>`;
}

function shareLost({ values, none }: FieldEvidence): number {
  return values === 0 ? 0 : none / values;
}

const WAYS = [
  ['exact', 'letter by letter'],
  ['normalized', 'by letters and digits'],
  ['value', 'as a number or date'],
  ['ambiguous', 'as one of two readings'],
  ['fuzzy', 'in most of its words'],
] as const;

function fieldRow(name: string, field: FieldEvidence): Markup[] {
  const { values, none } = field;
  const ways = WAYS.filter(([match]) => field[match] > 0).map(
    ([match, words]) => `${formatCount(field[match])} ${words}`,
  );
  return [
    markup`<code>${outside(name, 60)}</code>`,
    markup`<div class="fill"><span><strong>${formatShare(values - none, values)}</strong> <span class="quiet">${none === 0 ? '' : `${formatCount(none)} of ${formatCount(values)} not`}</span></span>${bar([{ value: values - none, tone: 'main' }], values, { height: 8 })}</div>`,
    markup`${ways.join(', ')}`,
  ];
}
