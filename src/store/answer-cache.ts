import { accessSync, constants, statSync } from 'node:fs';
import { dirname, extname, resolve } from 'node:path';
import {
  AnswerTable,
  isBusy,
  isDamage,
  MisfitError,
  toAnswer,
  type AnswerRow,
  type CachedAnswer,
  type OpenSqlDatabase,
  type TableSurvey,
} from './answer-cache-table.ts';
import { identityOf, setAside } from './answer-cache-set-aside.ts';
import { makeDirectory } from '../files/make-directory.ts';
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
const OPEN_TRIES = 3;
/** A file of such a name that is no database is most likely somebody's data, given by mistake. */
const dataExtensions = new Set(['.csv', '.tsv', '.jsonl', '.ndjson', '.json', '.gz', '.ts', '.js', '.md', '.txt']);

/**
 * Answers by fingerprint, kept from run to run in one file that several processes may use at once. It holds rebuildable data
 * only, so nothing that befalls the file is an error: a damaged one is set aside and a new one begun, one that cannot be
 * used acts as an empty one that forgets what it is given.
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
    const openTable = openerOf(await loadLibrary(), file);
    demandUsableFile(file);
    const { table, notice } = openSettingAside(openTable, file);
    const cache = new FileAnswerCache(file, openTable, table);
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
  const openTable = openerOf(await loadLibrary(), file);
  let table: AnswerTable | undefined;
  try {
    // Opening would create it.
    const { size } = statSync(file);
    demandUsableFile(file);
    table = openTable();
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
  readonly #openTable: () => AnswerTable;
  #table: AnswerTable | undefined;
  #identity: string | undefined;
  #isWritable = true;
  readonly #pending = new Map<string, AnswerRow>();
  #flushAt = FLUSH_AT;
  #timer: NodeJS.Timeout | undefined;
  #failure: string | undefined;

  constructor(file: string, openTable: () => AnswerTable, table: AnswerTable) {
    this.#file = file;
    this.#openTable = openTable;
    this.#take(table);
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

  put(fingerprint: string, { at, model, data }: CachedAnswer): void {
    if (this.#table === undefined || !this.#isWritable) return;
    const text: string | undefined = JSON.stringify(data);
    if (text === undefined) return;
    this.#pending.set(fingerprint, { at, model: model ?? null, data: text });
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
    for (let tries = 1; this.#table !== undefined; tries += 1) {
      try {
        this.#table.write(this.#pending);
        return true;
      } catch (error) {
        if (isBusy(error)) return false;
        if (isDamage(error) && tries < OPEN_TRIES) this.#replace(error);
        else {
          this.#stopWriting(describe(error));
          return true;
        }
      }
    }
    return true;
  }

  #take(table: AnswerTable): void {
    this.#table = table;
    this.#identity = identityOf(this.#file);
    table.waitForLocks(BUSY_TIMEOUT_MS);
  }

  /** What cannot be read is not there. */
  #attempt<Value>(action: (table: AnswerTable) => Value): Value | undefined {
    if (this.#table === undefined) return undefined;
    try {
      return action(this.#table);
    } catch (error) {
      if (isDamage(error)) this.#replace(error);
      else if (!isBusy(error)) this.#abandon(error);
      return undefined;
    }
  }

  /** Damage that shows only at work is treated as damage at opening is. */
  #replace(damage: unknown): void {
    this.#table?.close();
    this.#table = undefined;
    try {
      const aside = setAside(this.#file, this.#identity);
      const { table } = openSettingAside(this.#openTable, this.#file);
      this.#take(table);
      this.#failure ??= setAsideNotice(this.#file, damage, aside);
    } catch (error) {
      this.#abandon(error);
    }
  }

  #abandon(error: unknown): void {
    this.#table?.close();
    this.#table = undefined;
    this.#pending.clear();
    this.#failure = `The answer cache ${this.#file} is no longer used: ${describe(error)}`;
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
function openerOf(openDatabase: OpenSqlDatabase, file: string): () => AnswerTable {
  return () => AnswerTable.open(openDatabase, file);
}

/** Makes room for a file that does not exist; refuses what is no file. */
function demandUsableFile(file: string): void {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) makeDirectory(dirname(file));
  else if (stats.isDirectory()) throw new Error('it is a directory; name a file');
  else if (!stats.isFile()) throw new Error('it is no regular file');
  else accessSync(file, constants.R_OK | constants.W_OK);
  // The write-ahead log stands beside it.
  accessSync(dirname(file), constants.W_OK);
}

function openSettingAside(openTable: () => AnswerTable, file: string): { table: AnswerTable; notice?: string } {
  let notice: string | undefined;
  for (let tries = 1; ; tries += 1) {
    const identity = identityOf(file);
    try {
      const table = openTable();
      return notice === undefined ? { table } : { table, notice };
    } catch (error) {
      const isForNothing = isDamage(error) || (error instanceof MisfitError && error.kind === 'other-version');
      if (!isForNothing || tries === OPEN_TRIES) throw error;
      if (isDamage(error) && dataExtensions.has(extname(file).toLowerCase())) {
        throw new Error('it is no answer cache and is left alone; name another file', { cause: error });
      }
      notice = setAsideNotice(file, error, setAside(file, identity));
    }
  }
}

function setAsideNotice(file: string, reason: unknown, aside: string | undefined): string {
  const fate =
    aside === undefined ? 'another process has begun a new one' : `it was set aside as ${aside} and a new one begun`;
  return `The answer cache ${file} cannot be trusted: ${describe(reason)}; ${fate}. "gleaner cache rebuild" fills it from run directories`;
}

function describe(error: unknown): string {
  if (isDamage(error)) return 'it is damaged or no database';
  if (isBusy(error)) return 'another process keeps it locked';
  if (error instanceof MisfitError) {
    return error.kind === 'foreign' ? `${error.message} and is left alone; name another file` : error.message;
  }
  if (systemCode(error) === 'ERR_MODULE_NOT_FOUND' || systemCode(error) === 'MODULE_NOT_FOUND') {
    return 'the package libsql has no binary for this platform, or was installed without its optional packages';
  }
  return describeSystemError(error);
}
