import { bar } from './chart-bars.ts';
import { formatCount } from '../../text/format.ts';
import type { FieldSummary, Range } from '../../accounting/field-tally.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { counted, formatShare } from './phrases.ts';
import { table } from './table.ts';

const MAX_FIELDS = 40;
const MAX_CARDS = 16;
const MAX_VALUES = 8;

/** How well the fields of the results are filled, and what the few-valued ones hold. */
export function fieldsSection({ aggregates }: ReportParts): Markup {
  const { results } = aggregates;
  if (results === 0) return nothing;
  const fields = aggregates.fields();
  const cards = fields.flatMap(({ name, values }) => (values === undefined ? [] : [valuesCard(name, values)]));
  const beyond = aggregates.resultsBeyondFields;
  return markup`<section>
    <h2>What the results hold</h2>
    ${
      fields.length === 0
        ? nothing
        : table({
            caption: `Fields of ${counted(results, 'result')}`,
            columns: [{ head: 'Field' }, { head: 'Filled' }, { head: 'Holds' }],
            rows: fields.slice(0, MAX_FIELDS).map((field) => fieldRow(field, results)),
            ...(fields.length > MAX_FIELDS ? { note: `and ${counted(fields.length - MAX_FIELDS, 'more field')}` } : {}),
          })
    }
    ${beyond === 0 ? nothing : markup`<p class="note">${counted(beyond, 'result')} with fields beyond these, or without fields</p>`}
    ${
      cards.length === 0
        ? nothing
        : markup`<div class="block"><h3>Values of fields that hold few different ones</h3><div class="columns">${cards.slice(0, MAX_CARDS)}</div></div>`
    }
  </section>`;
}

function fieldRow(field: FieldSummary, results: number): Markup[] {
  const { name, filled, empty, nulls, missing } = field;
  const lacking = [
    [nulls, 'null'],
    [missing, 'missing'],
    [empty, 'empty'],
  ] as const;
  const remarks = lacking.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  return [
    markup`<code>${outside(name, 60)}</code>`,
    markup`<div class="fill"><span><strong>${formatShare(filled, results)}</strong> <span class="quiet">${remarks.join(', ')}</span></span>${bar([{ value: filled, tone: 'main' }], results, { height: 8 })}</div>`,
    markup`${describe(field)}`,
  ];
}

function describe({ values, numbers, textLengths, listLengths }: FieldSummary): string {
  const kinds = [
    numbers === undefined ? '' : `numbers from ${formatNumber(numbers.min)} to ${formatNumber(numbers.max)}`,
    textLengths === undefined ? '' : `texts of ${span(textLengths)} characters`,
    listLengths === undefined ? '' : `lists of ${span(listLengths)} entries`,
    values === undefined ? '' : counted(values.length, 'different value'),
  ];
  return kinds.filter((kind) => kind !== '').join('; ');
}

function span({ min, max }: Range): string {
  return min === max ? formatCount(min) : `${formatCount(min)} to ${formatCount(max)}`;
}

function formatNumber(value: number): string {
  return Math.abs(value) >= 1e15 ? value.toExponential(3) : value.toLocaleString('en-US', { maximumFractionDigits: 4 });
}

function valuesCard(name: string, values: readonly (readonly [value: string, count: number])[]): Markup {
  const shown = values.slice(0, MAX_VALUES);
  const all = values.reduce((sum, [, count]) => sum + count, 0);
  const rows = shown.map(
    ([value, count]) =>
      markup`<li><span>${outside(value, 40)} <span class="quiet">${formatCount(count)} (${formatShare(count, all)})</span></span>${bar([{ value: count, tone: 'main' }], all, { height: 6 })}</li>`,
  );
  const more = values.length - shown.length;
  return markup`<div class="block"><h3><code>${outside(name, 60)}</code></h3><ul class="values">${rows}</ul>${
    more > 0 ? markup`<p class="note">and ${counted(more, 'more value')}</p>` : nothing
  }</div>`;
}
