import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Cell } from '../export/column-tree.ts';
import type { RunTable } from '../export/run-table.ts';
import { typedCell } from '../export/typed-cell.ts';
import type { JsonValue } from '../json/value.ts';
import type { OutputColumn } from './output-columns.ts';

export interface RowsFile {
  path: string;
  bytes: number;
  rows: number;
  /** Of all that it holds. */
  sha256: string;
}

/** Writes a table as lines of JSON, as a load job takes them. @throws {GleanerError} for a value that is none of its column's type */
export async function writeRowsFile(
  path: string,
  table: Pick<RunTable, 'batches'>,
  columns: readonly OutputColumn[],
): Promise<RowsFile> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx');
  let bytes = 0;
  let rows = 0;
  try {
    for await (const batch of table.batches()) {
      const text = Buffer.from(batch.map((cells) => `${lineOf(cells, columns)}\n`).join(''));
      hash.update(text);
      await file.appendFile(text);
      bytes += text.length;
      rows += batch.length;
    }
  } finally {
    await file.close();
  }
  return { path, bytes, rows, sha256: hash.digest('hex') };
}

function lineOf(cells: readonly Cell[], columns: readonly OutputColumn[]): string {
  const members: [string, JsonValue][] = [];
  columns.forEach((column, place) => {
    const value = loadValue(cells[place], column);
    if (value !== null) members.push([column.field, value]);
  });
  return JSON.stringify(Object.fromEntries(members));
}

const WHOLE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)$/;

function loadValue(value: Cell, column: OutputColumn): JsonValue {
  if (value === undefined || value === null) return null;
  if (column.type === 'json') return column.fieldType === 'STRING' ? JSON.stringify(value) : value;
  const cell = typedCell(value, column);
  if (!(cell instanceof Date)) return cell;
  if (column.type === 'date') return cell.toISOString().slice(0, 'yyyy-mm-dd'.length);
  // All of its digits, where it is written in full.
  return typeof value === 'string' && WHOLE_TIME.test(value) ? value : cell.toISOString();
}
