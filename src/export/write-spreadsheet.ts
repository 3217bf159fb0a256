import { GleanerError } from '../gleaner-error.ts';
import type { Cell } from './column-tree.ts';
import type { Column } from './column.ts';
import type { RunTable } from './run-table.ts';
import { typedCell } from './typed-cell.ts';

/** As many as a sheet has, the header being one of them. */
const MOST_ROWS = 1_048_576;
/** The sheet is put together in memory. */
const MOST_CELLS = 2_000_000;
const MOST_CHARACTERS = 32_767;
/** What XML cannot hold, and what a spreadsheet would read as the sign for such a character. */
const UNWRITABLE = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|\p{Cs}|_x[0-9A-Fa-f]{4}_/gu;

type SheetCell =
  | { type: StringConstructor; value: string }
  | { type: NumberConstructor; value: number }
  | { type: BooleanConstructor; value: boolean }
  | { type: DateConstructor; value: Date; format: string }
  | null;

/**
 * Writes a table as a spreadsheet of one sheet, which is put together in memory.
 *
 * @throws {GleanerError} when it is larger than a sheet, or than what is put together in memory, or a text is longer than a cell takes
 */
export async function writeSpreadsheet(path: string, { columns, batches }: RunTable, sheet: string): Promise<void> {
  const rows: SheetCell[][] = [columns.map(({ name }) => ({ type: String, value: plain(name) }))];
  for await (const batch of batches()) {
    for (const cells of batch) {
      rows.push(columns.map((column, place) => sheetCell(cells[place], column)));
      if (rows.length <= MOST_ROWS && rows.length * columns.length <= MOST_CELLS) continue;
      throw new GleanerError(
        'output-unwritable',
        `Cannot write a spreadsheet of more than ${MOST_ROWS} rows or ${MOST_CELLS} cells: choose columns, or write CSV or Parquet`,
      );
    }
  }
  const { default: writeFile } = await import('write-excel-file/node');
  await writeFile(rows, { sheet, stickyRowsCount: 1 }).toFile(path);
}

function sheetCell(value: Cell, column: Column): SheetCell {
  // A sheet has no time zones, so points in time stay text.
  const cell = typedCell(value, column.type === 'timestamp' ? { ...column, type: 'text' } : column);
  switch (typeof cell) {
    case 'string':
      if (cell.length > MOST_CHARACTERS) throw tooLong(column);
      return { type: String, value: plain(cell) };
    case 'number':
      return { type: Number, value: cell };
    case 'boolean':
      return { type: Boolean, value: cell };
    default:
      return cell === null ? null : { type: Date, value: cell, format: 'yyyy-mm-dd' };
  }
}

function plain(text: string): string {
  return text.replaceAll(UNWRITABLE, (found) =>
    found.length > 1 ? `_x005F${found}` : `_x${found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`,
  );
}

function tooLong({ name }: Column): GleanerError {
  return new GleanerError(
    'output-unwritable',
    `Cannot write the column "${name}" into a spreadsheet: a text of it is longer than the ${MOST_CHARACTERS} characters of a cell; ` +
      'choose other columns, or write CSV or Parquet',
  );
}
