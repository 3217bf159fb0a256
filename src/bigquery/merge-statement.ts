import { ID_COLUMN, type OutputColumn } from './output-columns.ts';
import { quoteTable, type TableAddress } from './table-address.ts';

/**
 * Puts the rows of one table into another by their ids: those that are there are replaced, the others added, none removed. The tables go by
 * names that no column has, which could stand for it.
 */
export function mergeStatement(target: TableAddress, source: TableAddress, columns: readonly OutputColumn[]): string {
  const id = quote(columns.find(({ name }) => name === ID_COLUMN)?.field ?? ID_COLUMN);
  const fields = columns.map(({ field }) => quote(field));
  const others = fields.filter((field) => field !== id);
  const update = others.map((field) => `${field} = gleaner_source.${field}`).join(', ');
  return [
    `MERGE ${quoteTable(target)} AS gleaner_target USING ${quoteTable(source)} AS gleaner_source ON gleaner_target.${id} = gleaner_source.${id}`,
    ...(others.length === 0 ? [] : [`WHEN MATCHED THEN UPDATE SET ${update}`]),
    `WHEN NOT MATCHED THEN INSERT (${fields.join(', ')}) VALUES (${fields.map((field) => `gleaner_source.${field}`).join(', ')})`,
  ].join(' ');
}

function quote(field: string): string {
  return `\`${field}\``;
}
