import { isUtf8 } from 'node:buffer';
import type { ByteWindow } from './byte-window.ts';
import { readCells } from './csv-cells.ts';
import type { CsvDialect } from './csv-dialect.ts';
import type { CsvFrame, CsvFramer } from './csv-framer.ts';
import type { RecordFields, SourceRow } from './record.ts';
import type { RowListener } from './row-parser.ts';
import { rowText } from './row-text.ts';
import { undecodable } from './undecodable.ts';

/** Enough to spread the cost of setting up csv-parse, few enough to hold. */
const MAX_BATCH_ROWS = 64;
/** Of a byte order mark, which may stand before a row. */
const MARK_BYTES = 3;

export interface CsvBodyOptions {
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

/**
 * The rows of a CSV input after its header. The framer finds them and csv-parse takes batches of sound ones apart, so that a row that
 * csv-parse would stop at costs one row, and each row knows its line and its text.
 */
export class CsvBody {
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

  constructor({ window, framer, dialect, columns, name, fillsShortRows, index, onRow }: CsvBodyOptions) {
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
