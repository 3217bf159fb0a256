import type { JsonValue } from '../json/value.ts';
import { csvLine } from './csv-text.ts';
import type { TextFormat } from './export-format.ts';
import type { RunTable } from './run-table.ts';

export interface TextOptions {
  format: TextFormat;
  /** CSV: begin with a byte order mark, by which Excel tells UTF-8. */
  bom: boolean;
  /** CSV: leave text that a spreadsheet would run as a formula as it is. */
  raw: boolean;
}

/** The text of a table, in pieces. */
export function tableText(table: RunTable, { format, bom, raw }: TextOptions): AsyncGenerator<string, void, void> {
  switch (format) {
    case 'csv':
      return csvText(table, { bom, raw });
    case 'jsonl':
      return objectText(table, { before: '', between: '\n', after: '\n', none: '' });
    case 'json':
      return objectText(table, { before: '[\n', between: ',\n', after: '\n]\n', none: '[]\n' });
    default:
      return format satisfies never;
  }
}

async function* csvText(table: RunTable, { bom, raw }: { bom: boolean; raw: boolean }): AsyncGenerator<string> {
  const header = table.columns.map(({ name }) => name);
  yield `${bom ? '\uFEFF' : ''}${csvLine(header, { raw })}`;
  for await (const batch of table.batches()) {
    let text = '';
    for (const cells of batch) text += csvLine(cells, { raw });
    yield text;
  }
}

/** One object a row, with a member for each column that has a value. */
async function* objectText(
  { columns, batches }: RunTable,
  { before, between, after, none }: Record<'before' | 'between' | 'after' | 'none', string>,
): AsyncGenerator<string> {
  let lead = before;
  for await (const batch of batches()) {
    let text = '';
    for (const cells of batch) {
      const row: Record<string, JsonValue> = Object.create(null) as Record<string, JsonValue>;
      for (const [place, value] of cells.entries()) row[columns[place]?.name ?? ''] = value ?? null;
      text += `${lead}${JSON.stringify(row)}`;
      lead = between;
    }
    yield text;
  }
  yield lead === before ? none : after;
}
