import { hash } from 'node:crypto';
import type { JsonValue } from '../json/value.ts';
import { APPLICATION_ID } from './cache-file.ts';
import {
  closeQuietly,
  isBusy,
  isRow,
  numberIn,
  pause,
  type OpenSqlDatabase,
  type SqlDatabase,
  type SqlStatement,
} from './sqlite.ts';

/** The validated answer to what a fingerprint stands for. */
export interface CachedAnswer {
  /** As in results.jsonl: what the schema of that day made of the answer. */
  data: JsonValue;
  /** What the model answered. Absent in rows of an earlier version, which did not keep it. */
  answer?: JsonValue;
  model?: string;
  /** When the answer came, ISO 8601. */
  at: string;
}

/** An answer as the table has it: as JSON text, so that it is what it was when it was put. */
export interface AnswerRow {
  at: string;
  model: string | null;
  data: string;
  /** Null where it is not known. */
  answer: string | null;
}

/** Stands for an answer that is the data itself, as most are. */
const SAME = '';

/** @throws {TypeError} when the data is nothing that JSON has */
export function toRow({ at, model, data, answer }: CachedAnswer): AnswerRow {
  const text = JSON.stringify(data);
  const answered = answer === undefined ? null : JSON.stringify(answer);
  return { at, model: model ?? null, data: text, answer: answered === text ? SAME : answered };
}

/** @throws {SyntaxError} when the data is no JSON */
export function toAnswer({ at, model, data, answer }: AnswerRow): CachedAnswer {
  const value = JSON.parse(data) as JsonValue;
  return {
    data: value,
    ...(answer === null ? {} : { answer: answer === SAME ? value : (JSON.parse(answer) as JsonValue) }),
    ...(model === null ? {} : { model }),
    at,
  };
}

/** A sound database that is none of ours, or not as this version makes it. It is left alone. */
export class MisfitError extends Error {
  override readonly name = 'MisfitError';
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

/** Version 1 did not keep what the model answered. */
const TABLE_VERSION = 2;
const COLUMNS = 'fingerprint, at, model, data, checksum, answer';
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
    this.#select = database.prepare(`SELECT ${COLUMNS} FROM answers WHERE fingerprint = ?`);
    this.#upsert = database.prepare(
      `INSERT INTO answers (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (fingerprint) DO UPDATE SET at = excluded.at, ` +
        'model = excluded.model, data = excluded.data, checksum = excluded.checksum, answer = excluded.answer',
    );
  }

  /**
   * Opens the file, or begins one.
   *
   * @throws {MisfitError} when it is a sound database, but none of ours or of a newer version
   */
  static open(openDatabase: OpenSqlDatabase, path: string): AnswerTable {
    const database = openDatabase(path);
    try {
      // Whose file it is comes before anything that writes to it.
      if (isEmpty(database)) create(database);
      demandOurs(database);
      takeUp(database);
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
        this.#upsert.run(fingerprint, row.at, row.model, row.data, checksumOf(fingerprint, row), row.answer);
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
    for (const row of this.#database.prepare(`SELECT ${COLUMNS} FROM answers`).iterate()) {
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
      'CREATE TABLE answers (fingerprint TEXT NOT NULL UNIQUE, at TEXT NOT NULL, model TEXT, data TEXT NOT NULL, checksum TEXT NOT NULL, answer TEXT)',
    );
    database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.exec(`PRAGMA user_version = ${TABLE_VERSION}`);
  }
  database.exec('COMMIT');
}

function demandOurs(database: SqlDatabase): void {
  if (numberIn(database, 'SELECT application_id AS value FROM pragma_application_id') !== APPLICATION_ID) {
    throw new MisfitError('it is the database of another program');
  }
  const version = versionOf(database);
  if (version > TABLE_VERSION) {
    throw new MisfitError(`a newer version of gleaner made it (format ${version}, this one knows ${TABLE_VERSION})`);
  }
  const names = [...database.prepare("SELECT name FROM pragma_table_info('answers')").iterate()]
    .map((column) => (isRow(column) ? column['name'] : undefined))
    .join(', ');
  if (names !== (version === 1 ? COLUMNS.replace(', answer', '') : COLUMNS)) {
    throw new MisfitError('its table is not as gleaner made it');
  }
}

/** Brings a table of version 1 to this one. Its rows stay as they are. */
function takeUp(database: SqlDatabase): void {
  if (versionOf(database) === TABLE_VERSION) return;
  database.exec('BEGIN IMMEDIATE');
  // Another process may have done it since.
  if (versionOf(database) === 1) {
    database.exec('ALTER TABLE answers ADD COLUMN answer TEXT');
    database.exec(`PRAGMA user_version = ${TABLE_VERSION}`);
  }
  database.exec('COMMIT');
}

function versionOf(database: SqlDatabase): number {
  return numberIn(database, 'SELECT user_version AS value FROM pragma_user_version');
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
  const { at, model, data, answer, checksum } = row;
  if (typeof at !== 'string' || typeof data !== 'string') return undefined;
  if ((model !== null && typeof model !== 'string') || (answer !== null && typeof answer !== 'string'))
    return undefined;
  if (checksum !== checksumOf(fingerprint, { at, model, data, answer })) return undefined;
  try {
    return toAnswer({ at, model, data, answer });
  } catch {
    return undefined;
  }
}

function checksumOf(fingerprint: string, { at, model, data, answer }: AnswerRow): string {
  return hash('sha256', `${fingerprint}\n${at}\n${model ?? ''}\n${data}${answer === null ? '' : `\n${answer}`}`).slice(
    0,
    CHECKSUM_LENGTH,
  );
}
