import type { CsvDialect } from './csv-dialect.ts';
import type { RowListener } from './row-parser.ts';

/** Learns, while an input is read, where its rows stand in the file. */
export interface InputTrace {
  /** Told of the bytes of the file in order, before the rows in them, and the text that they gave: the same bytes for UTF-8 and gzip. */
  onBlock(raw: Buffer, text: Buffer): void;
  /** Told of how the input is written, before the first row. */
  onStart(start: InputStart): void;
  readonly onRow: RowListener;
}

export interface InputStart {
  readonly isGzip: boolean;
  /** Bytes of the text's byte order mark, which the rows' offsets do not count. */
  readonly markBytes: number;
  /** Of CSV and TSV. */
  readonly dialect: CsvDialect | undefined;
  /** The encoding's name in the Encoding Standard. */
  readonly encoding: string;
}
