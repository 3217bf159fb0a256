import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  AnswerTable,
  MisfitError,
  toAnswer,
  toRow,
  type AnswerRow,
  type CachedAnswer,
  type TableSurvey,
} from './answer-cache-table.ts';
import { alone, isBusy, isDamage, type OpenSqlDatabase } from './sqlite.ts';
import { identityOf, lookAtCacheFile, setAside } from './cache-file.ts';
import { describeSystemError, systemCode } from '../files/system-error.ts';

/** Rows that wait at most before they are written: few enough that the writing holds up nothing noticeably. */
const FLUSH_AT = 250;
const FLUSH_AFTER_MS = 1000;
/** Rows that may wait while another process keeps the file locked. */
const MOST_PENDING = 20_000;
const TRY_AGAIN_AFTER_MS = 5000;
/** Waiting for another process's lock blocks this one: hardly at work, longer where nothing else is to be done. */
const BUSY_TIMEOUT_MS = 200;
const PATIENT_BUSY_TIMEOUT_MS = 5000;
/**
 * Answers by fingerprint, kept from run to run in one file that several processes may use at once. It holds rebuildable data
 * only, so nothing that befalls the file is an error: where it cannot be used, or no longer, the run goes on without. A file
 * of ours that is found damaged when it is opened is set aside, and a new one begun; no other file is ever touched.
 */
export interface AnswerCache {
  /** Answers held, those of other processes included. */
  readonly size: number;
  /** What went wrong since the cache was opened, in a sentence; undefined while all is well. */
  readonly failure: string | undefined;
  get(fingerprint: string): CachedAnswer | undefined;
  /** Takes an answer; it is written with others, within a second. A later answer replaces an earlier one. */
  put(fingerprint: string, answer: CachedAnswer): void;
  /** Writes what was put. */
  flush(): void;
  /** Writes what was put and gives the file back. A closed cache has no answers. */
  close(): void;
}

export interface OpenedAnswerCache {
  cache: AnswerCache;
  /** False for a cache that holds nothing and keeps nothing. */
  isUsable: boolean;
  /** What the user should know of the file's state: that it was set aside, or why it is not used. */
  notice?: string;
}

export async function openAnswerCache(path: string): Promise<OpenedAnswerCache> {
  const file = resolve(path);
  try {
    const openDatabase = await loadLibrary();
    // Nothing is put beside what is not ours.
    lookAtCacheFile(file);
    const { table, notice } = alone(openDatabase, file, () => openTable(openDatabase, file));
    const cache = new FileAnswerCache(file, table, openDatabase);
    return { cache, isUsable: true, ...(notice === undefined ? {} : { notice }) };
  } catch (error) {
    const notice = `The answer cache ${path} is not used: ${describe(error)}`;
    return { cache: forgetful, isUsable: false, notice };
  }
}

/**
 * Looks at every row of a cache that exists, and changes nothing.
 *
 * @throws {Error} saying why it cannot be read: missing, damaged, no cache
 */
export async function surveyAnswerCache(path: string): Promise<TableSurvey & { bytes: number }> {
  const file = resolve(path);
  const openDatabase = await loadLibrary();
  let table: AnswerTable | undefined;
  try {
    // Opening would create it.
    const { size } = statSync(file);
    lookAtCacheFile(file);
    table = AnswerTable.open(openDatabase, file);
    return { ...table.survey(), bytes: size };
  } catch (error) {
    throw new Error(describe(error), { cause: error });
  } finally {
    table?.close();
  }
}

const forgetful: AnswerCache = {
  size: 0,
  failure: undefined,
  get: () => undefined,
  put: () => undefined,
  flush: () => undefined,
  close: () => undefined,
};

class FileAnswerCache implements AnswerCache {
  readonly #file: string;
  readonly #openDatabase: OpenSqlDatabase;
  readonly #identity: string | undefined;
  #table: AnswerTable | undefined;
  #isWritable = true;
  readonly #pending = new Map<string, AnswerRow>();
  #flushAt = FLUSH_AT;
  #timer: NodeJS.Timeout | undefined;
  #failure: string | undefined;

  constructor(file: string, table: AnswerTable, openDatabase: OpenSqlDatabase) {
    this.#file = file;
    this.#openDatabase = openDatabase;
    this.#identity = identityOf(file);
    this.#table = table;
    table.waitForLocks(BUSY_TIMEOUT_MS);
  }

  get failure(): string | undefined {
    return this.#failure;
  }

  get size(): number {
    this.flush();
    return this.#attempt((table) => table.count()) ?? 0;
  }

  get(fingerprint: string): CachedAnswer | undefined {
    const pending = this.#pending.get(fingerprint);
    if (pending !== undefined) return toAnswer(pending);
    return this.#attempt((table) => table.get(fingerprint));
  }

  put(fingerprint: string, answer: CachedAnswer): void {
    if (this.#table === undefined || !this.#isWritable) return;
    this.#pending.set(fingerprint, toRow(answer));
    if (this.#pending.size >= this.#flushAt) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS).unref();
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pending.size === 0) return;
    if (this.#write()) {
      this.#pending.clear();
      this.#flushAt = FLUSH_AT;
    } else if (this.#pending.size >= MOST_PENDING) {
      this.#stopWriting('another process keeps it locked');
    } else {
      // Every try blocks, so there are few of them.
      this.#flushAt = this.#pending.size * 2;
      this.#timer = setTimeout(() => this.flush(), TRY_AGAIN_AFTER_MS).unref();
    }
  }

  close(): void {
    this.#attempt((table) => table.waitForLocks(PATIENT_BUSY_TIMEOUT_MS));
    this.flush();
    clearTimeout(this.#timer);
    if (this.#pending.size > 0) this.#stopWriting('another process keeps it locked');
    this.#table?.close();
    this.#table = undefined;
  }

  /** False when the file is locked and the rows are to be kept for another try. */
  #write(): boolean {
    try {
      this.#table?.write(this.#pending);
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      if (isDamage(error)) this.#abandon(error);
      else this.#stopWriting(describe(error));
      return true;
    }
  }

  /** What cannot be read is not there. */
  #attempt<Value>(action: (table: AnswerTable) => Value): Value | undefined {
    if (this.#table === undefined) return undefined;
    try {
      return action(this.#table);
    } catch (error) {
      if (!isBusy(error)) this.#abandon(error);
      return undefined;
    }
  }

  /** Damage may show at work only: the next run must not meet it again. */
  #abandon(error: unknown): void {
    this.#table?.close();
    this.#table = undefined;
    this.#pending.clear();
    const aside = isDamage(error) ? this.#setAside() : undefined;
    const fate = aside === undefined ? '' : `; it was set aside as ${aside}, and the next run begins a new one`;
    this.#failure = `The answer cache ${this.#file} is no longer used: ${describe(error)}${fate}`;
  }

  /** Undefined as well where it cannot be moved: whoever opens it next meets it. */
  #setAside(): string | undefined {
    try {
      return alone(this.#openDatabase, this.#file, () => setAside(this.#file, this.#identity));
    } catch {
      return undefined;
    }
  }

  #stopWriting(reason: string): void {
    this.#isWritable = false;
    this.#failure ??= `The answer cache ${this.#file} takes no more answers: ${reason}; ${this.#pending.size} were not kept`;
    this.#pending.clear();
  }
}

/** The library is 19 MB with its binary: loaded only where a cache is asked for. */
async function loadLibrary(): Promise<OpenSqlDatabase> {
  const { default: Libsql } = await import('libsql');
  return (path) => new Libsql(path, { timeout: PATIENT_BUSY_TIMEOUT_MS });
}

/** `file` is absolute: libsql would take a bare "https://..." for a server to connect to. */
function openTable(openDatabase: OpenSqlDatabase, file: string): { table: AnswerTable; notice?: string } {
  const found = lookAtCacheFile(file);
  try {
    return { table: AnswerTable.open(openDatabase, file) };
  } catch (error) {
    if (!isDamage(error) || !found.isOurs) throw error;
    const aside = setAside(file, found.identity);
    const fate =
      aside === undefined ? 'another process has begun a new one' : `it was set aside as ${aside} and a new one begun`;
    const notice = `The answer cache ${file} cannot be trusted: ${describe(error)}; ${fate}. "gleaner cache rebuild" fills it from run directories`;
    return { table: AnswerTable.open(openDatabase, file), notice };
  }
}

function describe(error: unknown): string {
  if (isDamage(error)) return 'it is damaged';
  if (isBusy(error)) return 'another process keeps it locked';
  if (error instanceof MisfitError) return `${error.message} and is left alone; name another file`;
  if (systemCode(error) === 'ERR_MODULE_NOT_FOUND' || systemCode(error) === 'MODULE_NOT_FOUND') {
    return 'the package libsql has no binary for this platform, or was installed without its optional packages';
  }
  return describeSystemError(error);
}
