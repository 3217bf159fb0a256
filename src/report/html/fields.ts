import type { FieldProfile, Spread } from '../../accounting/field-tally.ts';
import type { NamedField } from '../../accounting/field-tree.ts';
import { clipText } from '../../text/clip-text.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { bar } from './chart-bars.ts';
import { distributionsBlock, formatNumber } from './distributions.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';
import type { ReportParts } from './parts.ts';
import { formatShare } from './phrases.ts';
import { table } from './table.ts';

const MAX_FIELDS = 60;
const MAX_CARDS = 16;
const MAX_VALUES = 8;

/** How well the fields of the results are filled, how their numbers spread, and what the few-valued ones hold. */
export function fieldsSection({ aggregates }: Pick<ReportParts, 'aggregates'>): Markup {
  const { results } = aggregates;
  if (results === 0) return nothing;
  const fields = aggregates.fields();
  const cards = fields.flatMap(({ name, profile: { values } }) => (values === null ? [] : [valuesCard(name, values)]));
  const beyond = aggregates.resultsBeyondFields;
  return markup`<section id="fields">
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
    ${distributionsBlock(fields)}
    ${
      cards.length === 0
        ? nothing
        : markup`<div class="block"><h3>Values of fields that hold few different ones</h3><div class="columns">${cards.slice(0, MAX_CARDS)}</div></div>`
    }
  </section>`;
}

function fieldRow({ name, profile }: NamedField, results: number): Markup[] {
  const { filled, empty, null: nulls, missing, places = results } = profile;
  const lacking = [
    [nulls, 'null'],
    [missing, 'missing'],
    [empty, 'empty'],
  ] as const;
  const remarks = lacking.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
  // A field of list members can be there more or less often than there are results.
  if (places !== results) remarks.push(`of ${formatCount(places)}`);
  return [
    nameMarkup(name),
    markup`<div class="fill"><span><strong>${formatShare(filled, places)}</strong> <span class="quiet">${remarks.join(', ')}</span></span>${bar([{ value: filled, tone: 'main' }], places, { height: 8 })}</div>`,
    markup`${describe(profile)}`,
  ];
}

/** A narrow column breaks the name of a nested field between its parts. */
function nameMarkup(name: string): Markup {
  const parts = clipText(name, 80).split(/(?<=\.)/);
  return markup`<code><bdi>${parts.map((part) => markup`${part}<wbr>`)}</bdi></code>`;
}

function describe({ values, numbers, lengths }: FieldProfile): string {
  const kinds = [
    numbers === null
      ? ''
      : `numbers from ${formatNumber(numbers.min)} to ${formatNumber(numbers.max)}, ${formatNumber(numbers.mean)} in the mean`,
    lengths.text === null ? '' : `texts of ${span(lengths.text)} characters`,
    lengths.list === null ? '' : `lists of ${span(lengths.list)} entries`,
    values === null ? '' : values.length === 1 ? 'the same value each time' : counted(values.length, 'different value'),
  ];
  return kinds.filter((kind) => kind !== '').join('; ');
}

function span({ min, max }: Spread): string {
  return min === max ? formatCount(min) : `${formatCount(min)} to ${formatCount(max)}`;
}

function valuesCard(name: string, values: NonNullable<FieldProfile['values']>): Markup {
  const shown = values.slice(0, MAX_VALUES);
  const all = values.reduce((sum, { count }) => sum + count, 0);
  const rows = shown.map(
    ({ value, count }) =>
      markup`<li><span>${outside(String(value), 40)} <span class="quiet">${formatCount(count)} (${formatShare(count, all)})</span></span>${bar([{ value: count, tone: 'main' }], all, { height: 6 })}</li>`,
  );
  const more = values.length - shown.length;
  return markup`<div class="block"><h4><code>${outside(name, 80)}</code></h4><ul class="values">${rows}</ul>${
    more > 0 ? markup`<p class="note">and ${counted(more, 'more value')}</p>` : nothing
  }</div>`;
}
