import type { Bucket } from '../cloud-storage/bucket.ts';
import type { JsonObject } from '../json/value.ts';
import type { OutputFile } from './batch-event.ts';
import type { JobResource } from './job-client.ts';

/** Of a shard, what its lines are kept by. */
export interface StoredShard {
  /** Where its lines stand, by the name that the store gave. */
  prefix: string;
  lines: number;
  bytes: number;
  sha256: string;
  /** Whether it is the second job of a shard. */
  isTwin: boolean;
}

/** What a create call says of where a job reads and writes. */
export interface JobPlaces {
  inputConfig: JsonObject;
  outputConfig: JsonObject;
}

/** Where the lines of jobs are put, and where their answers come from. Between the two it is always lines of JSON in a file of this machine. */
export interface LineStore {
  /** Tells it from others in batches.jsonl: the lines of an open job are looked for where they were put. */
  readonly place: string;
  /** Where files that stand inside requests can be put; undefined where there is no such place. */
  readonly media: { bucket: Bucket; path: string } | undefined;
  /** What the lines of a job are known by. */
  prefixOf(displayName: string): string;
  /**
   * Puts the lines of a shard where its job finds them. Repeated, after a kill anywhere, it comes to the same.
   *
   * @returns which state of them it is
   */
  put(shard: StoredShard, path: string, signal: AbortSignal): Promise<string>;
  placesOf(prefix: string): JobPlaces;
  /** What a job that has ended wrote; one that is gone may have, too. */
  find(shard: StoredShard, job: JobResource | undefined, signal: AbortSignal): Promise<OutputFile[]>;
  /** Brings it into one file of this machine, which is there whole or not at all. */
  fetch(output: readonly OutputFile[], path: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}
