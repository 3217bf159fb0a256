import { isUtf8 } from 'node:buffer';
import { GleanerError } from '../gleaner-error.ts';
import { ByteWindow } from './byte-window.ts';
import { CsvBody, type CsvBodyOptions } from './csv-body.ts';
import { readCells } from './csv-cells.ts';
import { nameCsvColumns } from './csv-columns.ts';
import { CsvDialectDetector, type CsvDialect } from './csv-dialect.ts';
import { CsvFramer } from './csv-framer.ts';
import type { SourceRow } from './record.ts';
import type { RowListener, RowParser } from './row-parser.ts';
import { readSeparatorLine } from './separator-line.ts';
import { undecodable } from './undecodable.ts';

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
 * Reads CSV and TSV: finds out how the input is written and what its columns are, and leaves the rows to `CsvBody`.
 */
export class CsvRows implements RowParser {
  readonly #options: CsvRowsOptions;
  readonly #window = new ByteWindow();
  #detector: CsvDialectDetector | undefined;
  #firstLine = 1;
  #dialect: CsvDialect | undefined;
  #framer: CsvFramer | undefined;
  #body: CsvBody | undefined;
  #hasEnded = false;

  constructor(options: CsvRowsOptions) {
    this.#options = options;
    const { begin } = options;
    if (begin === undefined) return;
    this.#firstLine = begin.line;
    this.#dialect = begin.dialect;
    const framer = this.#makeFramer(begin.dialect, begin.columns);
    this.#body = this.#makeBody({ framer, ...begin });
  }

  get columns(): readonly string[] | undefined {
    return this.#body?.columns;
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
    this.#body?.framer.end();
    this.#readHeader();
  }

  read(): SourceRow | undefined {
    return this.#body?.read();
  }

  #readHeader(): void {
    if (this.#body !== undefined) return;
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
    this.#body = this.#makeBody({ framer, dialect, columns, index: 0 });
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

  #makeBody(parts: Pick<CsvBodyOptions, 'framer' | 'dialect' | 'columns' | 'index'>): CsvBody {
    const { name, fillShortRows = false, onRow } = this.#options;
    return new CsvBody({ ...parts, window: this.#window, name, fillsShortRows: fillShortRows, onRow });
  }
}
