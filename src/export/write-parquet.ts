import type { ParquetWriter } from 'hyparquet-writer';
import type { Cell } from './column-tree.ts';
import type { Column, ColumnType } from './column.ts';
import type { RunTable } from './run-table.ts';
import { typedCell } from './typed-cell.ts';

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]['schema'][number];

/** Rows that are encoded together, and held in memory until then. */
const ROW_GROUP = 20_000;

/** Writes a table as a Parquet file, a row group at a time. Memory: one row group. */
export async function writeParquet(path: string, { columns, batches }: RunTable): Promise<void> {
  const library = await import('hyparquet-writer');
  const root: SchemaElement = { name: 'root', num_children: columns.length };
  const writer = new library.ParquetWriter({
    writer: library.fileWriter(path),
    schema: [root, ...columns.map((column) => elementOf(column))],
    createdBy: 'gleaner',
  });
  let group: (readonly Cell[])[] = [];
  const flush = async (): Promise<void> => {
    const columnData = columns.map((column, place) => ({
      name: column.name,
      data: group.map((cells) => parquetValue(cells[place], column)),
    }));
    await writer.write({ columnData, rowGroupSize: ROW_GROUP });
    group = [];
  };
  for await (const batch of batches()) {
    group.push(...batch);
    if (group.length >= ROW_GROUP) await flush();
  }
  if (group.length > 0) await flush();
  await writer.finish();
}

const PARQUET_TYPES: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8' },
  json: { type: 'BYTE_ARRAY', converted_type: 'JSON' },
  integer: { type: 'INT64' },
  number: { type: 'DOUBLE' },
  boolean: { type: 'BOOLEAN' },
  date: { type: 'INT32', converted_type: 'DATE' },
  timestamp: { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' },
};

function elementOf({ name, type }: Column): SchemaElement {
  return { name, repetition_type: 'OPTIONAL', ...PARQUET_TYPES[type] };
}

/** The writer makes JSON text of a column of JSON itself, and numbers of dates. */
function parquetValue(value: Cell, column: Column): unknown {
  if (column.type === 'json') return value ?? null;
  const cell = typedCell(value, column);
  return column.type === 'integer' && cell !== null ? BigInt(Number(cell)) : cell;
}
