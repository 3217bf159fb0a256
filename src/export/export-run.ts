import { existsSync } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';
import { formatOfFile, isTextFormat, type ExportFormat, type TextFormat } from './export-format.ts';
import { findRun } from './find-run.ts';
import { openLines } from './open-lines.ts';
import type { OrderedLines } from './ordered-lines.ts';
import { refuseOutputPlace, writeOutputFile, writeOutputWith } from './output-file.ts';
import { openRunTable, type RunTable, type TableOptions } from './run-table.ts';
import { tableText } from './table-text.ts';

export interface ExportOptions extends TableOptions {
  /** Default `csv`; of a file, what its name says. */
  format?: ExportFormat;
  /** CSV: begin with a byte order mark, by which Excel tells UTF-8. Default false. */
  bom?: boolean;
  /** CSV: leave text that a spreadsheet would run as a formula as it is. Default false. */
  raw?: boolean;
}

export interface TextExportOptions extends Omit<ExportOptions, 'format'> {
  /** Default `csv`. */
  format?: TextFormat;
}

/** What an export holds. */
export interface ExportCount {
  /** Results, or rejects, exported. */
  count: number;
  /** Rejects among the results, where they were asked for. */
  rejects: number;
  /** False while the run has not ended: what is there so far is exported. */
  isFinished: boolean;
}

export interface RunExport extends ExportCount {
  /** The text, in pieces. To be read once, before `close`. */
  chunks: AsyncIterable<string>;
  /** Values for which the schema of the run has no column, of what was read so far. */
  readonly unplaced: number;
  /** Closes the files that are read. */
  close(): Promise<void>;
}

const CHUNK_LENGTH = 64 * 1024;

/**
 * Reads a run directory's results, or rejects, back in input order, as text. Columns come from the schema of the run, so that two nights
 * have the same. JSON lines, and JSON, are those of the run directory as they are, unless options ask for a table. Memory: 24 bytes a line.
 *
 * @throws {GleanerError} when the directory is missing, holds no run, or its files were changed; when options name what there is not
 */
export async function exportRun(directory: string, options: TextExportOptions = {}): Promise<RunExport> {
  const { format = 'csv', bom = false, raw = false } = options;
  const opened = await openExport(directory, options, format !== 'csv' && !isTable(options));
  const { table, lines } = opened;
  const pieces =
    table === undefined
      ? format === 'json'
        ? jsonArray(lines)
        : jsonLines(lines)
      : tableText(table, { format, bom, raw });
  return {
    ...opened.counted,
    chunks: joined(pieces),
    get unplaced() {
      return table?.unplaced ?? 0;
    },
    close: opened.close,
  };
}

/**
 * Writes a run's results, or rejects, into a file; its format is what its name says. The file is put in its place when it is whole.
 *
 * @throws {GleanerError} as `exportRun` does, and when the file cannot be written or its name says no format
 */
export async function exportToFile(
  directory: string,
  file: string,
  options: ExportOptions = {},
): Promise<ExportCount & { format: ExportFormat; unplaced: number }> {
  findRun(directory);
  refuseOutputPlace(file, directory);
  const format = formatOfFile(file, options.format);
  if (isTextFormat(format)) {
    const text = await exportRun(directory, { ...options, format });
    try {
      await writeOutputFile(file, text.chunks, directory);
      const { count, rejects, isFinished, unplaced } = text;
      return { count, rejects, isFinished, format, unplaced };
    } finally {
      await text.close();
    }
  }
  const { table, counted, close } = await openExport(directory, options, false);
  try {
    await writeOutputWith(file, directory, (temporary) => writeBinary(format, temporary, table, options));
    return { ...counted, format, unplaced: table.unplaced };
  } finally {
    await close();
  }
}

async function writeBinary(
  format: Exclude<ExportFormat, TextFormat>,
  path: string,
  table: RunTable,
  { rejects }: ExportOptions,
): Promise<void> {
  const name = rejects === true ? 'rejects' : 'results';
  switch (format) {
    case 'parquet':
      return (await import('./write-parquet.ts')).writeParquet(path, table);
    case 'sqlite':
      return (await import('./write-sqlite.ts')).writeSqlite(path, table, name);
    case 'xlsx':
      return (await import('./write-spreadsheet.ts')).writeSpreadsheet(path, table, name);
    default:
      return format satisfies never;
  }
}

interface OpenedExport<Table> {
  lines: OrderedLines;
  table: Table;
  counted: ExportCount;
  close(): Promise<void>;
}

/** Opens a run's results as a table, for what is no file. To be closed. @throws {GleanerError} as `exportRun` does */
export function openTableExport(
  directory: string,
  options: TableOptions,
): Promise<Pick<OpenedExport<RunTable>, 'table' | 'counted' | 'close'>> {
  return openExport(directory, options, false);
}

async function openExport(directory: string, options: ExportOptions, isRaw: false): Promise<OpenedExport<RunTable>>;
async function openExport(
  directory: string,
  options: Omit<ExportOptions, 'format'>,
  isRaw: boolean,
): Promise<OpenedExport<RunTable | undefined>>;
async function openExport(
  directory: string,
  options: Omit<ExportOptions, 'format'>,
  isRaw: boolean,
): Promise<OpenedExport<RunTable | undefined>> {
  const { rejects = false, includeRejects = false } = options;
  if (rejects && (includeRejects || options.rows !== undefined)) {
    throw new GleanerError(
      'usage',
      'Cannot export rejects alone together with results, or a row for each member of a list: a reject has no data; give one of them',
    );
  }
  const run = findRun(directory);
  const file = rejects ? 'rejects' : 'results';
  const lines = openLines(run, file);
  try {
    const table = isRaw ? undefined : await openRunTable(run, lines, options);
    const counted = {
      count: lines.count,
      rejects: table?.rejectCount ?? 0,
      // Rejects that were taken for another try stand in neither file until they have ended again.
      isFinished: run.manifest.status === 'finished' && !existsSync(run.file('retrying')),
    };
    const close = async (): Promise<void> => {
      lines.close();
      await table?.close();
    };
    return { lines, table, counted, close };
  } catch (error) {
    lines.close();
    throw error;
  }
}

/** Whether more is asked for than the lines of the run directory as they are. */
function isTable({ rows, columns, withInput = false, includeRejects = false }: TableOptions): boolean {
  return rows !== undefined || columns !== undefined || withInput !== false || includeRejects;
}

/** Pieces of a size that is worth a write. */
async function* joined(pieces: Iterable<string> | AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function* jsonLines(lines: Iterable<string>): Generator<string> {
  let text = '';
  for (const line of lines) {
    text += `${line}\n`;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  yield text;
}

function* jsonArray(lines: Iterable<string>): Generator<string> {
  let text = '[\n';
  let count = 0;
  for (const line of lines) {
    text += count === 0 ? line : `,\n${line}`;
    count += 1;
    if (text.length < CHUNK_LENGTH) continue;
    yield text;
    text = '';
  }
  yield count === 0 ? '[]\n' : `${text}\n]\n`;
}
