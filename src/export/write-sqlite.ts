import { pathToFileURL } from 'node:url';
import { GleanerError } from '../gleaner-error.ts';
import type { ColumnType } from './column.ts';
import type { RunTable } from './run-table.ts';
import { typedCell, type TypedCell } from './typed-cell.ts';

/** As many as SQLite takes in one table unless it was built otherwise. */
const MOST_COLUMNS = 2000;

/** Writes a table into a new SQLite database, as the table of the given name. Memory: a batch of rows. */
export async function writeSqlite(path: string, { columns, batches }: RunTable, table: string): Promise<void> {
  if (columns.length > MOST_COLUMNS) {
    throw new GleanerError(
      'output-unwritable',
      `Cannot write ${columns.length} columns into a SQLite table, which takes ${MOST_COLUMNS}: choose columns, or write another format`,
    );
  }
  const { default: Database } = await import('libsql');
  // A bare path may look like the address of a server.
  const database = new Database(pathToFileURL(path).href);
  try {
    // Nobody sees the file before it is whole, so a crash in between costs nothing.
    database.exec('pragma journal_mode = off; pragma synchronous = off');
    const names = distinctNames(columns.map(({ name }) => name));
    const definitions = columns.map(({ type }, place) => `${quoted(names[place] ?? '')} ${SQLITE_TYPES[type]}`);
    database.exec(`create table ${quoted(table)} (${definitions.join(', ')})`);
    const places = columns.map(() => '?').join(', ');
    const insert = database.prepare(`insert into ${quoted(table)} values (${places})`);
    database.exec('begin');
    for await (const batch of batches()) {
      for (const cells of batch) {
        insert.run(columns.map((column, place) => sqliteValue(typedCell(cells[place], asText(column)))));
      }
    }
    database.exec('commit');
  } finally {
    database.close();
  }
}

const SQLITE_TYPES: Readonly<Record<ColumnType, string>> = {
  text: 'text',
  json: 'text',
  integer: 'integer',
  number: 'real',
  boolean: 'integer',
  date: 'text',
  timestamp: 'text',
};

/** SQLite has no dates: they stay text of ISO 8601, which its functions take. */
function asText<Column extends { type: ColumnType }>(column: Column): Column {
  return column.type === 'date' || column.type === 'timestamp' ? { ...column, type: 'text' } : column;
}

function sqliteValue(cell: TypedCell): string | number | null {
  if (typeof cell === 'boolean') return cell ? 1 : 0;
  return cell instanceof Date ? cell.toISOString() : cell;
}

/** Two columns that differ in case only are one to SQLite. */
function distinctNames(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let ordinal = 2; used.has(free.toLowerCase()); ordinal += 1) free = `${name} (${ordinal})`;
    used.add(free.toLowerCase());
    return free;
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
