import { isJsonObject } from '../json/value.ts';

/** What is needed of a synchronous SQLite library; libsql and node:sqlite both have it. */
export interface SqlDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): unknown;
}

export interface SqlStatement {
  get(...parameters: unknown[]): unknown;
  run(...parameters: unknown[]): unknown;
  iterate(...parameters: unknown[]): Iterable<unknown>;
}

export type OpenSqlDatabase = (path: string) => SqlDatabase;

/**
 * Does something while no other process does such a thing to the same path. What holds them off is a database beside it that stays empty: the
 * system takes its lock back from a process that is killed.
 *
 * @throws {Error} that is busy, where another process took too long
 */
export function alone<Value>(openDatabase: OpenSqlDatabase, path: string, action: () => Value): Value {
  const lock = openDatabase(`${path}-lock`);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return action();
  } finally {
    closeQuietly(lock);
  }
}

/** Blocks: opening is one synchronous step. */
export function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

export function numberIn(database: SqlDatabase, sql: string): number {
  const row = database.prepare(sql).get();
  return isRow(row) ? Number(row['value']) : Number.NaN;
}

export function isRow(row: unknown): row is Record<string, unknown> {
  return isJsonObject(row);
}

export function closeQuietly(database: SqlDatabase): void {
  try {
    database.close();
  } catch {
    // Nothing is lost with it: what was committed stands in the file.
  }
}

/** SQLite's primary result code, as in https://www.sqlite.org/rescode.html; undefined for other errors. */
function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined;
  // libsql says rawCode, node:sqlite errcode.
  const code = 'rawCode' in error ? error.rawCode : 'errcode' in error ? error.errcode : undefined;
  return typeof code === 'number' ? code & 0xff : undefined;
}

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

export function isBusy(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_BUSY || code === SQLITE_LOCKED;
}

/** Whether the file's contents are at fault: it will not get better by itself, and nothing in it is to be trusted. */
export function isDamage(error: unknown): boolean {
  const code = resultCode(error);
  return code === SQLITE_CORRUPT || code === SQLITE_NOTADB;
}
