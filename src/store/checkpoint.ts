import { createHash, hash, type Hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { endianness } from 'node:os';
import { deserialize, serialize } from 'node:v8';
import type { SavedTally } from '../accounting/usage-tally.ts';
import type { PriceRow } from '../accounting/price-table.ts';
import type { SavedAggregates } from '../accounting/run-profile.ts';
import { AtomicFile } from '../files/atomic-file.ts';
import { closeRead } from '../files/close-read.ts';
import type { Spending } from './entries.ts';
import type { SavedIdSet } from './hashed-id-set.ts';

/** The logs that a checkpoint stands for. */
export const CHECKED_LOGS = ['results', 'rejects', 'attempts'] as const;
export type CheckedLog = (typeof CHECKED_LOGS)[number];

/** Of other content, or in another form, a checkpoint has another version. */
const MAGIC = Buffer.from(`gleaner${endianness()}4`.padEnd(16));
const HEAD_BYTES = MAGIC.length + 8;
const DIGEST_BYTES = 32;
const WORD_BYTES = 4;
/** So much is written, read or digested at once. Node takes no more than 2 GiB, and the event loop stands still meanwhile. */
const SLICE_BYTES = 1024 * 1024;
/** Of a log, so many bytes before its end must be those that were there. */
const BLOCK_BYTES = 64 * 1024;

/** All that reading the logs back would tell, and what the input has shown so far. */
export interface SavedRun {
  /** Of the input, so many rows from the first on were looked at, none of which named a file. */
  rows: number;
  /** The ids of these rows, each with its first row. */
  seenIds: SavedIdSet;
  endedRows: Uint32Array<ArrayBuffer>;
  badRows: Uint32Array<ArrayBuffer>;
  settledCalls: Uint32Array<ArrayBuffer>;
  extracted: number;
  reused: number;
  rejected: number;
  nextCall: number;
  tally: SavedTally;
  aggregates: SavedAggregates;
  spent: Required<Spending>;
  usedPrices: readonly PriceRow[];
}

/** What a log was when the checkpoint was written. */
interface LogMark {
  size: number;
  inode: number;
  modifiedMs: number;
  block: string;
}

type LogMarks = Record<CheckedLog, LogMark>;

/** A checkpoint that the logs beside it still begin with. */
export interface Checkpoint {
  saved: SavedRun;
  /** Bytes of each log that it stands for. */
  sizes: Record<CheckedLog, number>;
}

/**
 * Takes down what a checkpoint of these logs says, which have reached the system; `key` tells what the run is of and how it reckons. The function
 * it returns writes it, piece by piece, so that calls in flight go on meanwhile, and asks `mayReplace` before it takes the place of the last one.
 *
 * The tables go out as they are then: at a million records a copy would be 40 MB. Ids that are added on the way are those of rows behind `rows`,
 * which a later session looks at again, and stand in the way of none before: whatever part of them is written does no harm.
 *
 * @throws {StoreError} both, when it cannot be written; the one before it is still there then
 */
export function takeCheckpoint(
  path: string,
  { seenIds, ...saved }: SavedRun,
  { key, logs }: { key: string; logs: Readonly<Record<CheckedLog, string>> },
): (mayReplace: () => void) => Promise<void> {
  const tables = seenIds.map(({ length }) => length);
  const state = serialize({ key, marks: marksOf(logs), tables, saved });
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(state.length, MAGIC.length);
  head.writeUInt32LE(sum(tables), MAGIC.length + 4);
  return async (mayReplace) => {
    const file = new AtomicFile(path);
    const digest = createHash('sha256');
    const copy = new Uint8Array(SLICE_BYTES);
    try {
      for (const part of [head, state, ...seenIds]) {
        for (const slice of slicesOf(part)) {
          // What is digested is to be what is written.
          copy.set(slice);
          const bytes = copy.subarray(0, slice.length);
          digest.update(bytes);
          await file.append(bytes);
        }
      }
      file.write(digest.digest());
      await file.sync();
      mayReplace();
      file.commit();
    } catch (error) {
      file.discard();
      throw error;
    }
  };
}

/**
 * Reads a checkpoint; undefined where there is none, it is damaged or of something else, or a log no longer begins with what it stands
 * for. Then the logs are read instead.
 */
export function readCheckpoint(
  path: string,
  { key, logs }: { key: string; logs: Readonly<Record<CheckedLog, string>> },
): Checkpoint | undefined {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch {
    return undefined;
  }
  try {
    const head = piece(fd, 0, HEAD_BYTES);
    if (!head.subarray(0, MAGIC.length).equals(MAGIC)) return undefined;
    const [stateBytes, words] = [head.readUInt32LE(MAGIC.length), head.readUInt32LE(MAGIC.length + 4)];
    const tablesEnd = HEAD_BYTES + stateBytes + words * WORD_BYTES;
    // Before anything is taken for it, as damage may tell any length.
    if (fstatSync(fd).size !== tablesEnd + DIGEST_BYTES) return undefined;
    const digest = createHash('sha256').update(head);
    const state = piece(fd, HEAD_BYTES, stateBytes, digest);
    const { key: of, marks, tables, saved } = deserialize(state) as SavedState;
    if (of !== key || !CHECKED_LOGS.every((log) => stillBegins(logs[log], marks[log]))) return undefined;
    if (sum(tables) !== words) return undefined;
    let at = HEAD_BYTES + stateBytes;
    const seenIds = tables.map((length) => {
      const table = new Uint32Array(length);
      fillFrom(fd, at, table, digest);
      at += table.byteLength;
      return table;
    });
    if (!digest.digest().equals(piece(fd, tablesEnd, DIGEST_BYTES))) return undefined;
    const sizes = { results: marks.results.size, rejects: marks.rejects.size, attempts: marks.attempts.size };
    return { saved: { ...saved, seenIds }, sizes };
  } catch {
    return undefined;
  } finally {
    closeRead(fd);
  }
}

interface SavedState {
  key: string;
  marks: LogMarks;
  /** Words of each table of ids. */
  tables: number[];
  saved: Omit<SavedRun, 'seenIds'>;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function marksOf(logs: Readonly<Record<CheckedLog, string>>): LogMarks {
  return { results: markOf(logs.results), rejects: markOf(logs.rejects), attempts: markOf(logs.attempts) };
}

function markOf(path: string): LogMark {
  return withLog(path, (fd) => {
    const { size, ino: inode, mtimeMs: modifiedMs } = fstatSync(fd);
    return { size, inode, modifiedMs, block: blockBefore(fd, size) };
  });
}

/** Whether a log has only grown since. One that has not grown was not written to either: that shows an edit that left its length. */
function stillBegins(path: string, mark: LogMark): boolean {
  return withLog(path, (fd) => {
    const { size, ino, mtimeMs } = fstatSync(fd);
    if (size < mark.size || ino !== mark.inode) return false;
    if (size === mark.size && mtimeMs !== mark.modifiedMs) return false;
    return blockBefore(fd, mark.size) === mark.block;
  });
}

function withLog<Result>(path: string, look: (fd: number) => Result): Result {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    return look(fd);
  } finally {
    closeSync(fd);
  }
}

function blockBefore(fd: number, end: number): string {
  const start = Math.max(0, end - BLOCK_BYTES);
  return hash('sha256', piece(fd, start, end - start));
}

/** @throws where the file ends before */
function piece(fd: number, position: number, length: number, digest?: Hash): Buffer {
  const bytes = Buffer.alloc(length);
  fillFrom(fd, position, bytes, digest);
  return bytes;
}

/** @throws where the file ends before */
function fillFrom(fd: number, position: number, target: Buffer | Uint32Array<ArrayBuffer>, digest?: Hash): void {
  let at = position;
  for (const slice of slicesOf(target)) {
    for (let read = 0; read < slice.length;) {
      const count = readSync(fd, slice, read, slice.length - read, at);
      if (count === 0) throw new RangeError('Cannot read a file beyond its end');
      read += count;
      at += count;
    }
    digest?.update(slice);
  }
}

function* slicesOf({ buffer, byteOffset, byteLength }: Buffer | Uint32Array<ArrayBuffer>): Generator<Uint8Array> {
  for (let from = 0; from < byteLength; from += SLICE_BYTES) {
    yield new Uint8Array(buffer, byteOffset + from, Math.min(SLICE_BYTES, byteLength - from));
  }
}
