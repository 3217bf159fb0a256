import { ID_COLUMN, type OutputColumn } from './output-columns.ts';
import { quoteTable, type TableAddress } from './table-address.ts';

/** Puts the rows of one table into another by their ids: those that are there are replaced, the others added, none removed. */
export function mergeStatement(target: TableAddress, source: TableAddress, columns: readonly OutputColumn[]): string {
  const id = quote(columns.find(({ name }) => name === ID_COLUMN)?.field ?? ID_COLUMN);
  const fields = columns.map(({ field }) => quote(field));
  const others = fields.filter((field) => field !== id);
  const update = others.map((field) => `${field} = s.${field}`).join(', ');
  return [
    `MERGE ${quoteTable(target)} AS t USING ${quoteTable(source)} AS s ON t.${id} = s.${id}`,
    ...(others.length === 0 ? [] : [`WHEN MATCHED THEN UPDATE SET ${update}`]),
    `WHEN NOT MATCHED THEN INSERT (${fields.join(', ')}) VALUES (${fields.map((field) => `s.${field}`).join(', ')})`,
  ].join(' ');
}

function quote(field: string): string {
  return `\`${field}\``;
}
