import { hash } from 'node:crypto';
import { isJsonObject, type JsonValue } from '../json/value.ts';

/** The validated answer to what a fingerprint stands for. */
export interface CachedAnswer {
  /** As in results.jsonl. */
  data: JsonValue;
  model?: string;
  /** When the answer came, ISO 8601. */
  at: string;
}

/** An answer as the table has it: the data as JSON text, so that it is what it was when it was put. */
export interface AnswerRow {
  at: string;
  model: string | null;
  data: string;
}

/** @throws {SyntaxError} when the data is no JSON */
export function toAnswer({ at, model, data }: AnswerRow): CachedAnswer {
  const value = JSON.parse(data) as JsonValue;
  return model === null ? { data: value, at } : { data: value, model, at };
}

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

/** Why a file cannot serve as an answer cache although it can be opened. */
export type MisfitKind = 'foreign' | 'other-version';

export class MisfitError extends Error {
  override readonly name = 'MisfitError';
  readonly kind: MisfitKind;

  constructor(kind: MisfitKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What a look at every row shows. */
export interface TableSurvey {
  answers: number;
  /** Rows that cannot be trusted: their checksum or their JSON is wrong. They are never given out. */
  unusable: number;
  /** ISO 8601; null without answers. */
  oldest: string | null;
  newest: string | null;
}

/** "glnr", in the field of the file's header that says which program it belongs to. */
const APPLICATION_ID = 0x67_6c_6e_72;
const TABLE_VERSION = 1;
const WAL_TRIES = 20;
const WAL_PAUSE_MS = 50;
const CHECKSUM_LENGTH = 16;
const PAGE_CACHE_KIB = 32 * 1024;
const CHECKPOINT_PAGES = 4000;

/** The one table of an answer cache, over one connection. Methods throw what the database throws. */
export class AnswerTable {
  readonly #database: SqlDatabase;
  readonly #select: SqlStatement;
  readonly #upsert: SqlStatement;

  private constructor(database: SqlDatabase) {
    this.#database = database;
    this.#select = database.prepare('SELECT at, model, data, checksum FROM answers WHERE fingerprint = ?');
    this.#upsert = database.prepare(
      'INSERT INTO answers (fingerprint, at, model, data, checksum) VALUES (?, ?, ?, ?, ?) ON CONFLICT (fingerprint) ' +
        'DO UPDATE SET at = excluded.at, model = excluded.model, data = excluded.data, checksum = excluded.checksum',
    );
  }

  /**
   * Opens the file, or begins one.
   *
   * @throws {MisfitError} when it is a sound database, but none of ours or of another version
   */
  static open(openDatabase: OpenSqlDatabase, path: string): AnswerTable {
    const database = openDatabase(path);
    try {
      // Whose file it is comes before anything that writes to it.
      if (isEmpty(database)) create(database);
      demandOurs(database);
      useWriteAheadLog(database);
      return new AnswerTable(database);
    } catch (error) {
      closeQuietly(database);
      throw error;
    }
  }

  /** How long a method may block for the sake of another process. */
  waitForLocks(milliseconds: number): void {
    this.#database.prepare(`PRAGMA busy_timeout = ${milliseconds}`).get();
  }

  /** Undefined where there is no answer, or none that can be trusted. */
  get(fingerprint: string): CachedAnswer | undefined {
    const row = this.#select.get(fingerprint);
    return row === undefined ? undefined : trusted(fingerprint, row);
  }

  /** Writes all of them, or none. */
  write(rows: Iterable<readonly [fingerprint: string, row: AnswerRow]>): void {
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      for (const [fingerprint, row] of rows) {
        this.#upsert.run(fingerprint, row.at, row.model, row.data, checksumOf(fingerprint, row));
      }
      this.#database.exec('COMMIT');
    } catch (error) {
      try {
        this.#database.exec('ROLLBACK');
      } catch {
        // Some failures have ended the transaction already; the one that is thrown says more.
      }
      throw error;
    }
  }

  count(): number {
    return numberIn(this.#database, 'SELECT count(*) AS value FROM answers');
  }

  survey(): TableSurvey {
    const survey: TableSurvey = { answers: 0, unusable: 0, oldest: null, newest: null };
    for (const row of this.#database.prepare('SELECT fingerprint, at, model, data, checksum FROM answers').iterate()) {
      survey.answers += 1;
      const answer = isRow(row) ? trusted(String(row['fingerprint']), row) : undefined;
      if (answer === undefined) {
        survey.unusable += 1;
        continue;
      }
      if (survey.oldest === null || answer.at < survey.oldest) survey.oldest = answer.at;
      if (survey.newest === null || answer.at > survey.newest) survey.newest = answer.at;
    }
    return survey;
  }

  close(): void {
    try {
      // libsql lets go of the files only when its statements are collected, so the log is emptied here.
      this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
    } catch {
      // Another process is at work on the file, or it is damaged: the next one to open it copes with either.
    }
    closeQuietly(this.#database);
  }
}

function isEmpty(database: SqlDatabase): boolean {
  return (
    numberIn(database, 'SELECT application_id AS value FROM pragma_application_id') === 0 &&
    numberIn(database, 'SELECT count(*) AS value FROM sqlite_schema') === 0
  );
}

function create(database: SqlDatabase): void {
  useWriteAheadLog(database);
  database.exec('BEGIN IMMEDIATE');
  // Another process may have done it since.
  if (isEmpty(database)) {
    database.exec(
      'CREATE TABLE answers (fingerprint TEXT NOT NULL UNIQUE, at TEXT NOT NULL, model TEXT, data TEXT NOT NULL, checksum TEXT NOT NULL)',
    );
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${TABLE_VERSION}`);
  }
  database.exec('COMMIT');
}

function demandOurs(database: SqlDatabase): void {
  if (numberIn(database, 'SELECT application_id AS value FROM pragma_application_id') !== APPLICATION_ID) {
    throw new MisfitError('foreign', 'it is the database of another program');
  }
  const version = numberIn(database, 'SELECT user_version AS value FROM pragma_user_version');
  if (version !== TABLE_VERSION) {
    throw new MisfitError('other-version', `it has version ${version} of the format instead of ${TABLE_VERSION}`);
  }
  const columns = [...database.prepare("SELECT name FROM pragma_table_info('answers')").iterate()];
  const names = columns.map((column) => (isRow(column) ? column['name'] : undefined)).join();
  if (names !== 'fingerprint,at,model,data,checksum') {
    throw new MisfitError('other-version', 'its table is not as it was made');
  }
}

/** The switch to it wants the file alone for a moment, and does not wait for that by itself. */
function useWriteAheadLog(database: SqlDatabase): void {
  for (let tries = 1; ; tries += 1) {
    try {
      database.exec('PRAGMA journal_mode = WAL');
      database.exec('PRAGMA synchronous = NORMAL');
      // Fingerprints come in no order, so every batch touches pages all over the index: at a million answers these two
      // settings make writing a third faster. Reading through mmap is no choice: a file cut short would end the process.
      database.exec(`PRAGMA cache_size = -${PAGE_CACHE_KIB}`);
      database.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
      return;
    } catch (error) {
      if (tries === WAL_TRIES || !isBusy(error)) throw error;
      pause(WAL_PAUSE_MS);
    }
  }
}

function trusted(fingerprint: string, row: unknown): CachedAnswer | undefined {
  if (!isRow(row)) return undefined;
  const { at, model, data, checksum } = row;
  if (typeof at !== 'string' || typeof data !== 'string' || (model !== null && typeof model !== 'string')) {
    return undefined;
  }
  if (checksum !== checksumOf(fingerprint, { at, model, data })) return undefined;
  try {
    return toAnswer({ at, model, data });
  } catch {
    return undefined;
  }
}

function checksumOf(fingerprint: string, { at, model, data }: AnswerRow): string {
  return hash('sha256', `${fingerprint}\n${at}\n${model ?? ''}\n${data}`).slice(0, CHECKSUM_LENGTH);
}

/** Blocks: opening is one synchronous step. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function numberIn(database: SqlDatabase, sql: string): number {
  const row = database.prepare(sql).get();
  return isRow(row) ? Number(row['value']) : Number.NaN;
}

function isRow(row: unknown): row is Record<string, unknown> {
  return isJsonObject(row);
}

function closeQuietly(database: SqlDatabase): void {
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
