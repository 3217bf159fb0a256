import type { JsonObject } from '../json/value.ts';

/** The fields of one input row: strings from CSV and TSV, any JSON value from JSON lines. */
export type RecordFields = JsonObject;

/** One readable input row. */
export interface SourceRecord {
  readonly kind: 'record';
  /** 0-based position among all rows of the input, readable or not. */
  readonly index: number;
  /** 1-based line of the input on which the row starts. */
  readonly line: number;
  readonly fields: RecordFields;
  /** Set where a part of an input is read, and a row before the part has the same id. */
  readonly isRepeated?: true;
}

/** A row that could not be read. The run goes on; the row becomes a reject with code `bad_record`. */
export interface UnreadableRow {
  readonly kind: 'unreadable';
  readonly index: number;
  readonly line: number;
  /** What is wrong and what would be right; holds no field contents. */
  readonly message: string;
  /** The row as it stands in the input, cut to a bounded length, for the rejects file. */
  readonly text: string;
}

export type SourceRow = SourceRecord | UnreadableRow;

export type RecordFormat = 'csv' | 'tsv' | 'jsonl';

/** An opened input. Iterate it once; leaving the loop early closes the file. */
export interface RecordSource extends AsyncIterable<SourceRow> {
  readonly format: RecordFormat;
  /** Column names of a CSV or TSV file, known before the first row; undefined for JSON lines. */
  readonly columns: readonly string[] | undefined;
}
