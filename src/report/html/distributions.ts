import type { Spread } from '../../accounting/field-tally.ts';
import type { NamedField } from '../../accounting/field-tree.ts';
import { spreadColumns } from '../../accounting/spread-columns.ts';
import { percent } from './chart-scale.ts';
import { formatCount, formatDecimal } from '../../text/format.ts';
import { markup, nothing, outside, type Markup } from './markup.ts';

const MAX_CHARTS = 12;
const COLUMNS = 24;
const HEIGHT = 56;

/** How the numbers of fields spread, one small chart each; those of few different values are shown value by value elsewhere. */
export function distributionsBlock(fields: readonly NamedField[]): Markup {
  const charts = fields.flatMap(({ name, profile: { numbers, values } }) =>
    numbers === null || values !== null ? [] : [chart(name, numbers)],
  );
  const shown = charts.filter((one) => one !== nothing).slice(0, MAX_CHARTS);
  if (shown.length === 0) return nothing;
  return markup`<div class="block"><h3>How numbers spread</h3><div class="columns">${shown}</div></div>`;
}

function chart(name: string, spread: Spread): Markup {
  const { columns, isLogarithmic } = spreadColumns(spread, COLUMNS);
  if (columns.length === 0) return nothing;
  const highest = Math.max(...columns.map(({ count }) => count));
  const [from, to, mean] = [formatNumber(spread.min), formatNumber(spread.max), formatNumber(spread.mean)];
  const drawn = columns.map(({ from: start, to: end, count }, index) => {
    if (count === 0) return nothing;
    const height = Math.max(1.5, Number(((HEIGHT * count) / highest).toFixed(1)));
    const title = `${formatNumber(start)} to ${formatNumber(end)}: about ${formatCount(Math.max(1, Math.round(count)))}`;
    return markup`<rect class="main" x="${percent((index + 0.06) / COLUMNS)}" y="${HEIGHT - height}" width="${percent(0.88 / COLUMNS)}" height="${height}"><title>${title}</title></rect>`;
  });
  return markup`<div class="block spread"><h4><code>${outside(name, 80)}</code></h4>
    <svg height="${HEIGHT + 1}" role="img" aria-label="Numbers from ${from} to ${to}, ${mean} in the mean"><line class="base" x2="100%" y1="${HEIGHT}" y2="${HEIGHT}"/>${drawn}</svg>
    <p class="ends"><span>${from}</span><span>${isLogarithmic ? 'logarithmic' : ''}</span><span>${to}</span></p></div>`;
}

export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e15 || (size > 0 && size < 1e-4)) return value.toExponential(2);
  return formatDecimal(value, size < 1 ? 4 : 2);
}
