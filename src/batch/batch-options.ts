import type { SchemaField } from '../native/native-request.ts';
import type { Clock } from '../run/ports.ts';
import type { JobClient } from './job-client.ts';
import type { LineStore } from './line-store.ts';

/** Bounds of one job. The service's own are 200,000 lines and a gigabyte. */
export interface ShardLimits {
  lines: number;
  bytes: number;
  /** A run of more lines than that is preceded by a job of the first few. */
  linesWithoutProbe: number;
  probeLines: number;
}

export const SHARD_LIMITS: ShardLimits = {
  lines: 200_000,
  bytes: 950_000_000,
  linesWithoutProbe: 1000,
  probeLines: 50,
};

export interface BatchTimings {
  /** Between two looks at the jobs: the first, and the longest that it grows to. */
  firstPollMs: number;
  longestPollMs: number;
  /** How long a listing may lag behind a creation, before a second job is asked for. */
  listingLagMs: number;
  /** How long a job may take to stop, before its records are asked for online though it has not. */
  cancelWaitMs: number;
}

export const BATCH_TIMINGS: BatchTimings = {
  firstPollMs: 30_000,
  longestPollMs: 300_000,
  listingLagMs: 60_000,
  cancelWaitMs: 600_000,
};

/** What batch jobs of a run are made with. */
export interface BatchSettings {
  jobs: JobClient;
  /** Where their lines go, and their answers come from. */
  store: LineStore;
  /** Whether to wait for the jobs, or to end while they are open. */
  wait: boolean;
  /** When the rest is asked for online, as the user says it; undefined for never. */
  onlineAfter: string | undefined;
  /** Whether a probe goes before many lines. */
  hasProbe: boolean;
  /** Whether answers that the schema refuses are sent back by jobs, too. */
  hasReasks: boolean;
  /** Whether files inside requests are put into Cloud Storage; otherwise they are refused. */
  uploadsMedia: boolean;
  schemaField: SchemaField;
  limits: ShardLimits;
  timings: BatchTimings;
  clock: Clock;
}

/** Jobs that bring no answer to a question of a record, before it is asked online. */
export const MOST_ROUNDS = 3;
