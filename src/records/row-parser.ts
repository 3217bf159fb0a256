import type { SourceRow } from './record.ts';

/** Turns bytes into rows without doing any I/O. Rows are made when they are asked for, so none pile up. */
export interface RowParser {
  /** Column names, known once the header is complete; undefined before that, and for formats without a header. */
  readonly columns: readonly string[] | undefined;
  /** Takes the next bytes. The parser may keep the chunk, so it must not be written to afterwards. */
  write(chunk: Buffer): void;
  /** Says that no more bytes follow, so a last row without a line end counts. */
  end(): void;
  /** The next row; undefined when more bytes are needed or, after `end`, when there are no more rows. */
  read(): SourceRow | undefined;
}

/**
 * Told of each row when it is found, in order. `offset` counts the bytes of the text before it, from the first byte that was written to
 * the parser on; a byte order mark before the row belongs to it.
 */
export type RowListener = (row: { readonly index: number; readonly line: number; readonly offset: number }) => void;
