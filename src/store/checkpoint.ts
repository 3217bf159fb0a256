import { createHash, hash } from 'node:crypto';
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
const MAGIC = Buffer.from(`gleaner${endianness()}2`.padEnd(16));
const HEAD_BYTES = MAGIC.length + 8;
const DIGEST_BYTES = 32;
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
 * Writes a checkpoint of logs that have reached the system. `key` tells what the run is of and how it reckons.
 *
 * @throws {StoreError} when it cannot be written; the one before it is still there then
 */
export function writeCheckpoint(
  path: string,
  { seenIds, ...saved }: SavedRun,
  { key, logs }: { key: string; logs: Readonly<Record<CheckedLog, string>> },
): void {
  const { table, ordinals, size } = seenIds;
  const state = serialize({ key, marks: marksOf(logs), saved, size });
  const head = Buffer.alloc(HEAD_BYTES);
  MAGIC.copy(head);
  head.writeUInt32LE(state.length, MAGIC.length);
  head.writeUInt32LE(ordinals.length, MAGIC.length + 4);
  const file = new AtomicFile(path);
  const digest = createHash('sha256');
  // The tables go out as they are: at a million records a copy would be 40 MB.
  try {
    for (const piece of [head, state, bytesOf(table), bytesOf(ordinals)]) {
      digest.update(piece);
      file.write(piece);
    }
    file.write(digest.digest());
    file.commit();
  } catch (error) {
    file.discard();
    throw error;
  }
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
    const [stateBytes, slots] = [head.readUInt32LE(MAGIC.length), head.readUInt32LE(MAGIC.length + 4)];
    const tableBytes = slots * 16;
    // Before anything is taken for it, as damage may tell any length.
    if (fstatSync(fd).size !== HEAD_BYTES + stateBytes + tableBytes + slots * 4 + DIGEST_BYTES) return undefined;
    const state = piece(fd, HEAD_BYTES, stateBytes);
    const { key: of, marks, saved, size } = deserialize(state) as SavedState;
    if (of !== key || !CHECKED_LOGS.every((log) => stillBegins(logs[log], marks[log]))) return undefined;
    const table = piece(fd, HEAD_BYTES + stateBytes, tableBytes);
    const ordinals = piece(fd, HEAD_BYTES + stateBytes + tableBytes, slots * 4);
    const digest = createHash('sha256');
    for (const part of [head, state, table, ordinals]) digest.update(part);
    const written = piece(fd, HEAD_BYTES + stateBytes + tableBytes + slots * 4, DIGEST_BYTES);
    if (!digest.digest().equals(written)) return undefined;
    const seenIds = { size, table: wordsOf(table), ordinals: wordsOf(ordinals) };
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
  saved: Omit<SavedRun, 'seenIds'>;
  size: number;
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
function piece(fd: number, position: number, length: number): Buffer {
  // Not from the pool, so that words can be made of it.
  const bytes = Buffer.alloc(length);
  for (let read = 0; read < length;) {
    const count = readSync(fd, bytes, read, length - read, position + read);
    if (count === 0) throw new RangeError('Cannot read a file beyond its end');
    read += count;
  }
  return bytes;
}

function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function wordsOf({ buffer, byteOffset, byteLength }: Buffer): Uint32Array<ArrayBuffer> {
  return new Uint32Array(buffer as ArrayBuffer, byteOffset, byteLength / 4);
}
