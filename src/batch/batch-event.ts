import type { Spending } from '../store/entries.ts';
import type { RowRange } from './row-ranges.ts';

/** A file, or a table, of a job's output, in the state that was read. */
export interface OutputFile {
  name: string;
  generation: string;
  size: number;
  /** What its bytes sum up to, where the service said so. */
  crc32c?: string;
}

/** What was made of a job's lines. */
export interface CollectedCounts {
  matched: number;
  failed: number;
  missing: number;
  unmatched: number;
  repeated: number;
  paidTwice: number;
  /** Matched answers that did not become results at once. */
  invalid: number;
}

/**
 * A line of batches.jsonl. Each is with the system before the step that comes after it begins:
 * - `begun`: names the run, once; what job names begin with;
 * - `deadline`: when the rest is asked for online; `text` is how that was said;
 * - `planned`: the lines of a shard are in a file on this machine;
 * - `uploaded`: they are where the job reads them;
 * - `creating`: a job for them is about to be asked for: from here on there may be one;
 * - `created`: there is one, and this is its name;
 * - `cancelling`: it was told to stop;
 * - `left`: its records are asked for online, though it has not ended; whatever it still brings was paid twice;
 * - `ended`: it has ended, with this output;
 * - `collected`: all lines of the output are in the ledger;
 * - `abandoned`: there is no job and will be none;
 * - `doubled`: a second job of one shard was found; it is told to stop, and its lines were paid twice.
 */
export type BatchEvent = { at: string } & (
  | { event: 'begun'; run: string }
  | { event: 'deadline'; text: string; until: number }
  | {
      event: 'planned';
      shard: number;
      round: number;
      displayName: string;
      /** Where its lines and answers stand. */
      prefix: string;
      /** In which bucket, or dataset; older files do not say so. */
      place?: string;
      rows: readonly RowRange[];
      lines: number;
      bytes: number;
      sha256: string;
      mayCost: Spending;
      /** Tells one model, schema and settings from others. */
      asked: string;
      isProbe?: true;
      /** Which re-ask of its records it asks; absent where it is their first question. */
      question?: number;
    }
  | { event: 'uploaded'; shard: number; generation: string }
  | { event: 'creating'; shard: number }
  | { event: 'created'; shard: number; job: string; isAdopted?: true }
  | { event: 'cancelling'; shard: number }
  | { event: 'left'; shard: number }
  | {
      event: 'ended';
      shard: number;
      state: string;
      output: readonly OutputFile[];
      error?: { code: number; message: string };
      stats?: unknown;
    }
  | ({ event: 'collected'; shard: number } & CollectedCounts)
  | { event: 'abandoned'; shard: number }
  | { event: 'doubled'; shard: number; twin: number; job: string }
);

/** An event without its time. */
export type BatchStep = BatchEvent extends infer Event
  ? Event extends { at: string }
    ? Omit<Event, 'at'>
    : never
  : never;
