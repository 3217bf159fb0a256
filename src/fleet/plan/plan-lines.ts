import type { JsonValue } from '../../json/value.ts';
import type { CsvDialect } from '../../records/csv-dialect.ts';
import type { RecordFormat } from '../../records/record.ts';

export const PLAN_VERSION = 1;

/** The first line of plan.jsonl, which the plan's digest does not count: whose plan it is. */
export interface PlanOwner {
  plan: typeof PLAN_VERSION;
  /** What the definition must agree with, part by part. */
  definition: { readonly [part: string]: JsonValue };
}

/** How an input is to be read, as it was asked for. */
export interface PlanReading {
  readonly format?: RecordFormat | undefined;
  readonly delimiter?: string | undefined;
  readonly encoding?: string | undefined;
  readonly fillShortRows?: boolean | undefined;
}

/** The second line of plan.jsonl: how the input is written, which its first bytes show and no other chunk does. */
export interface PlanHead {
  /** Most rows of a chunk. */
  chunkRows: number;
  /** What was asked for. */
  reading: PlanReading;
  /** Where ids come from; null for the row number. */
  ids: JsonValue;
  format: RecordFormat;
  /** Of CSV and TSV. */
  csv?: { dialect: CsvDialect; columns: readonly string[] };
  /** Why the input is one chunk only, where it can be read from its beginning only. */
  whole?: 'gzip' | 'encoding';
}

/** A line of plan.jsonl for each chunk, in order: they cover the input without a gap. */
export interface PlanChunk {
  /** From 0. */
  chunk: number;
  /** Bytes of the file, from the first row's on to those before the next chunk's. */
  start: number;
  end: number;
  /** Position in the input of the first row, from 0, and the line it starts on, from 1. */
  index: number;
  line: number;
  rows: number;
  /** Of the bytes. */
  sha256: string;
  /** Positions of rows whose id an earlier row of the input has. */
  repeated?: readonly number[];
}

/** The last line of plan.jsonl, by which a plan is known to be whole. */
export interface PlanEnd {
  chunks: number;
  rows: number;
  /** Rows whose id an earlier row has. */
  repeated: number;
  input: { sha256: string; bytes: number };
}

/** The reading without what was not asked for. */
export function withoutGaps({ format, delimiter, encoding, fillShortRows }: PlanReading): {
  format?: RecordFormat;
  delimiter?: string;
  encoding?: string;
  fillShortRows?: true;
} {
  return {
    ...(format !== undefined && { format }),
    ...(delimiter !== undefined && { delimiter }),
    ...(encoding !== undefined && { encoding }),
    ...(fillShortRows === true && { fillShortRows }),
  };
}
