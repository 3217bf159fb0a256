import { isUtf8 } from 'node:buffer';
import type * as CsvParse from 'csv-parse/sync';
import { GleanerError } from '../gleaner-error.ts';
import { requirePackage } from '../packages/require-package.ts';
import { ByteWindow } from './byte-window.ts';
import { CsvDialectDetector, type CsvDialect } from './csv-dialect.ts';
import { CsvFramer, type CsvFrame } from './csv-framer.ts';
import { nameCsvColumns } from './csv-columns.ts';
import { readSeparatorLine } from './separator-line.ts';
import type { RecordFields, SourceRow } from './record.ts';
import type { RowListener, RowParser } from './row-parser.ts';
import { rowText } from './row-text.ts';
import { undecodable } from './undecodable.ts';

/** Enough to spread the cost of setting up csv-parse, few enough to hold. */
const MAX_BATCH_ROWS = 64;
/** Of a byte order mark, which may stand before a row. */
const MARK_BYTES = 3;

export interface CsvRowsOptions {
  /** How messages call the input. */
  readonly name: string;
  readonly maxRowBytes: number;
  /** The byte between two fields. Default: detected in the header. */
  readonly delimiter: number | undefined;
  /**
   * Takes rows as spreadsheets leave them: cells that a row lacks at its end are empty, and rows of empty cells are passed over.
   * Default false: the first are unreadable and the second are records.
   */
  readonly fillShortRows?: boolean;
  /** Where reading begins, for bytes from amid an input, which have no header. Default: at its header. */
  readonly begin?: CsvBeginning | undefined;
  readonly onRow?: RowListener | undefined;
}

/** What the rows of an input before a place have shown. */
export interface CsvBeginning {
  readonly dialect: CsvDialect;
  readonly columns: readonly string[];
  readonly index: number;
  readonly line: number;
}

/**
 * Reads CSV and TSV. The framer finds the rows and csv-parse takes batches of sound ones apart, so that a row that
 * csv-parse would stop at costs one row, and each row knows its line and its text.
 */
export class CsvRows implements RowParser {
  readonly #options: CsvRowsOptions;
  readonly #window = new ByteWindow();
  #detector: CsvDialectDetector | undefined;
  #firstLine = 1;
  #dialect: CsvDialect | undefined;
  #framer: CsvFramer | undefined;
  #reading: CsvReading | undefined;
  #hasEnded = false;

  constructor(options: CsvRowsOptions) {
    this.#options = options;
    const { begin } = options;
    if (begin === undefined) return;
    this.#firstLine = begin.line;
    this.#dialect = begin.dialect;
    const framer = this.#makeFramer(begin.dialect, begin.columns);
    this.#reading = this.#makeReading({ framer, ...begin });
  }

  get columns(): readonly string[] | undefined {
    return this.#reading?.columns;
  }

  /** How the input is written, known with its columns. */
  get dialect(): CsvDialect | undefined {
    return this.#dialect;
  }

  write(chunk: Buffer): void {
    this.#window.append(chunk);
    this.#readHeader();
  }

  end(): void {
    this.#hasEnded = true;
    this.#reading?.framer.end();
    this.#readHeader();
  }

  read(): SourceRow | undefined {
    return this.#reading?.read();
  }

  #readHeader(): void {
    if (this.#reading !== undefined) return;
    const { name, maxRowBytes } = this.#options;
    const window = this.#window;
    if (this.#detector === undefined) {
      const line = readSeparatorLine(window.bytes, window.start, this.#hasEnded);
      if (line === undefined) return;
      window.start += line.length;
      if (line.length > 0) this.#firstLine = 2;
      this.#detector = new CsvDialectDetector(this.#options.delimiter ?? line.delimiter);
    }
    this.#dialect ??= this.#detector.detect(window.bytes, window.start, this.#hasEnded);
    if (this.#dialect === undefined) {
      if (window.bytes.length - window.start > maxRowBytes) {
        throw new GleanerError(
          'input-unreadable',
          `Cannot read ${name}: its header is longer than ${maxRowBytes} bytes; is it a CSV file?`,
        );
      }
      return;
    }
    const dialect = this.#dialect;
    this.#framer ??= this.#makeFramer(dialect);
    const framer = this.#framer;
    if (this.#hasEnded) framer.end();
    const frame = framer.next();
    if (frame === undefined) {
      if (!this.#hasEnded) return;
      throw new GleanerError(
        'input-unreadable',
        `Cannot read ${name}: it is empty, but a CSV file starts with a line of column names`,
      );
    }
    if (frame.problem !== undefined) {
      throw new GleanerError(
        'input-unreadable',
        `Cannot read ${name}: in the header on line ${frame.line} ${frame.problem}`,
      );
    }
    const header = window.bytes.subarray(frame.start, frame.end);
    if (!isUtf8(header)) throw undecodable(name, frame.line);
    if (header.includes(0)) {
      throw new GleanerError('input-unreadable', `Cannot read ${name}: its header holds a NUL, which no text does`);
    }
    const columns = nameCsvColumns(readCells(header, dialect)?.[0] ?? [], name);
    this.#reading = this.#makeReading({ framer, dialect, columns, index: 0 });
  }

  #makeFramer(dialect: CsvDialect, columns?: readonly string[]): CsvFramer {
    const { name, maxRowBytes } = this.#options;
    return new CsvFramer(this.#window, {
      name,
      dialect,
      maxRowBytes,
      firstLine: this.#firstLine,
      isRow: (line) => {
        const width = (columns ?? this.columns)?.length ?? 0;
        // Any text is a row of one field, so that says nothing.
        return width > 1 && readCells(line, dialect)?.[0]?.length === width;
      },
    });
  }

  #makeReading(parts: Pick<CsvReadingOptions, 'framer' | 'dialect' | 'columns' | 'index'>): CsvReading {
    const { name, fillShortRows = false, onRow } = this.#options;
    return new CsvReading({ ...parts, window: this.#window, name, fillsShortRows: fillShortRows, onRow });
  }
}

interface CsvReadingOptions {
  readonly window: ByteWindow;
  readonly framer: CsvFramer;
  readonly dialect: CsvDialect;
  readonly columns: readonly string[];
  readonly name: string;
  readonly fillsShortRows: boolean;
  /** Of the first row. */
  readonly index: number;
  readonly onRow: RowListener | undefined;
}

/** The part of a CSV input after the header. */
class CsvReading {
  readonly columns: readonly string[];
  readonly framer: CsvFramer;
  readonly #window: ByteWindow;
  readonly #dialect: CsvDialect;
  readonly #name: string;
  readonly #fillsShortRows: boolean;
  readonly #makeFields: (cells: readonly string[]) => RecordFields;
  #rows: SourceRow[] = [];
  #given = 0;
  #failure: unknown;
  #index: number;
  readonly #onRow: RowListener | undefined;

  constructor({ window, framer, dialect, columns, name, fillsShortRows, index, onRow }: CsvReadingOptions) {
    this.#index = index;
    this.#onRow = onRow;
    this.#window = window;
    this.framer = framer;
    this.#dialect = dialect;
    this.columns = columns;
    this.#name = name;
    this.#fillsShortRows = fillsShortRows;
    this.#makeFields = fieldsMaker(columns);
  }

  read(): SourceRow | undefined {
    if (this.#given === this.#rows.length) {
      this.#rows = [];
      this.#given = 0;
      // A batch may hold empty rows only.
      while (this.#failure === undefined && this.#rows.length === 0 && this.#readBatch());
      if (this.#failure !== undefined && this.#rows.length === 0) throw this.#failure;
    }
    const row = this.#rows[this.#given];
    if (row !== undefined) this.#given += 1;
    return row;
  }

  /** Whether there were any rows to look at. */
  #readBatch(): boolean {
    let hasRead = false;
    let batch: CsvFrame[] = [];
    for (let count = 0; count < MAX_BATCH_ROWS && this.#failure === undefined; count += 1) {
      const frame = this.#nextFrame();
      if (frame === undefined) break;
      hasRead = true;
      if (frame.problem !== undefined || frame.isMarked) {
        this.#addRows(batch);
        batch = [];
      }
      if (frame.problem === undefined) batch.push(frame);
      else if (this.#failure === undefined) this.#addUnreadable(frame, frame.problem);
    }
    this.#addRows(batch);
    return hasRead;
  }

  /** The next row; an error waits until the rows before it are given out. */
  #nextFrame(): CsvFrame | undefined {
    try {
      return this.framer.next();
    } catch (error) {
      this.#failure = error;
      return undefined;
    }
  }

  #addRows(batch: readonly CsvFrame[]): void {
    const first = batch[0];
    const last = batch.at(-1);
    if (first === undefined || last === undefined) return;
    const bytes = this.#window.bytes.subarray(first.start, last.end);
    const rows = isUtf8(bytes) && !bytes.includes(0) ? readCells(bytes, this.#dialect) : undefined;
    if (rows?.length === batch.length) {
      for (const [position, frame] of batch.entries()) this.#addRow(frame, rows[position] ?? []);
      return;
    }
    // One of them is no text, or a line of white space lies between them, which csv-parse takes for a row.
    for (const frame of batch) {
      const row = this.#window.bytes.subarray(frame.start, frame.end);
      if (!isUtf8(row)) {
        this.#failure = undecodable(this.#name, frame.line);
        return;
      }
      const cells = readCells(row, this.#dialect);
      if (row.includes(0)) this.#addUnreadable(frame, 'it holds a NUL, which no text does');
      else if (cells?.length === 1 && cells[0] !== undefined) this.#addRow(frame, cells[0]);
      else this.#addUnreadable(frame, 'its quoting is broken');
    }
  }

  #addRow(frame: CsvFrame, given: readonly string[]): void {
    let cells = given;
    const expected = this.columns.length;
    if (this.#fillsShortRows) {
      if (cells.every((cell) => cell.trim() === '')) return;
      if (cells.length < expected) cells = [...cells, ...Array<string>(expected - cells.length).fill('')];
    }
    if (cells.length !== expected) {
      this.#addUnreadable(frame, `expected ${expected} ${expected === 1 ? 'field' : 'fields'} but got ${cells.length}`);
      return;
    }
    if (this.#repeatsHeader(frame, cells)) {
      this.#addUnreadable(frame, 'it is the header again, as where files were joined');
      return;
    }
    this.#tell(frame);
    this.#rows.push({ kind: 'record', index: this.#index, line: frame.line, fields: this.#makeFields(cells) });
    this.#index += 1;
  }

  /** One cell that is named like the only column may well be data. */
  #repeatsHeader(frame: CsvFrame, cells: readonly string[]): boolean {
    if (cells[0]?.trim() !== this.columns[0] || (cells.length === 1 && !frame.isMarked)) return false;
    return cells.every((cell, position) => (cell.trim() || `column_${position + 1}`) === this.columns[position]);
  }

  #tell({ start, line, isMarked }: CsvFrame): void {
    if (this.#onRow === undefined) return;
    const offset = this.#window.offsetOf(start);
    this.#onRow({ index: this.#index, line, offset: isMarked ? offset - MARK_BYTES : offset });
  }

  #addUnreadable(frame: CsvFrame, problem: string): void {
    this.#tell(frame);
    this.#rows.push({
      kind: 'unreadable',
      index: this.#index,
      line: frame.line,
      message: `Cannot read record on line ${frame.line}: ${problem}`,
      text: rowText(this.#window.bytes, frame.start, frame.end),
    });
    this.#index += 1;
  }
}

function readCells(bytes: Buffer, dialect: CsvDialect): string[][] | undefined {
  const { parse } = requirePackage('csv-parse/sync') as typeof CsvParse;
  try {
    return parse(bytes, {
      delimiter: String.fromCharCode(dialect.delimiter),
      // Given, because csv-parse settles on the first line end it sees and takes all others for text.
      record_delimiter: dialect.newline === 0x0a ? ['\r\r\n', '\r\n', '\n'] : ['\r'],
      relax_column_count: true,
      relax_quotes: true,
      skip_empty_lines: true,
    });
  } catch {
    return undefined;
  }
}

function fieldsMaker(columns: readonly string[]): (cells: readonly string[]) => RecordFields {
  // Assigning to "__proto__" would set the prototype; Object.fromEntries defines it, at a price.
  if (columns.includes('__proto__')) {
    return (cells) => Object.fromEntries(columns.map((column, position) => [column, cells[position]]));
  }
  return (cells) => {
    const fields: Record<string, string | undefined> = {};
    for (let position = 0; position < columns.length; position += 1) {
      fields[columns[position] ?? ''] = cells[position];
    }
    return fields;
  };
}
