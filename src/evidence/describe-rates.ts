import { formatCount } from '../text/format.ts';
import { visibleLine } from '../text/visible.ts';
import type { EvidenceRates, FieldEvidence } from './evidence-rates.ts';

const KINDS = ['exact', 'normalized', 'value', 'ambiguous', 'fuzzy', 'none'] as const;

/** The rates as a table for people: how many values of each field were found, and how. */
export function describeRates({ fields }: EvidenceRates): string {
  const rows = Object.entries(fields).map(([name, field]) => [
    visibleLine(name),
    formatCount(field.values),
    share(field),
    ...KINDS.map((kind) => formatCount(field[kind])),
  ]);
  return align([['field', 'values', 'found', ...KINDS], ...rows]);
}

/** Rounded down, so that nothing but all is 100 %. */
function share({ values, none }: FieldEvidence): string {
  return `${(Math.floor((1000 * (values - none)) / values) / 10).toFixed(1)} %`;
}

function align(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join('  '),
    )
    .join('\n');
}
