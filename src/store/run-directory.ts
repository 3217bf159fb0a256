import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { AppendLog } from '../files/append-log.ts';
import type { AttemptEntry, CallEntry, RejectEntry, ResultEntry } from './entries.ts';
import { takeLock } from './lock.ts';
import { makeDirectory } from '../files/make-directory.ts';
import { readManifest, writeManifest, type Manifest } from './manifest.ts';
import { refuseIrregular } from '../files/refuse-irregular.ts';
import { describeSystemError } from '../files/system-error.ts';
import { StoreError } from './store-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';

const SYNC_EVERY_MS = 2000;

export const fileNames = {
  results: 'results.jsonl',
  rejects: 'rejects.jsonl',
  attempts: 'attempts.jsonl',
  inflight: 'inflight.jsonl',
  retrying: 'retrying.jsonl',
  usage: 'usage.json',
  manifest: 'run.json',
  report: 'report.html',
  lock: 'run.lock',
} as const;

/** What one finished call adds to the directory: its ledger line and, when it ended its record, the record's line. */
export interface Commit {
  attempt?: AttemptEntry;
  result?: ResultEntry;
  reject?: RejectEntry;
}

/**
 * One run's directory, held by this process alone.
 *
 * Order of writing, which is what makes a kill at any moment harmless:
 * 1. a call is noted in inflight.jsonl before it is sent, so that an open call is known afterwards;
 * 2. a record's line goes out before the ledger line of the call that ended it: if the process dies between the two, the
 *    record is not asked again and the call counts as unsettled, never the other way round;
 * 3. lines of one turn of the event loop go out together, so that nothing known is held back for longer than that.
 * What was handed to the operating system survives the process; every two seconds it is also asked to reach the disk.
 */
export class RunDirectory {
  readonly path: string;
  readonly #unlock: () => void;
  readonly #results: AppendLog;
  readonly #rejects: AppendLog;
  readonly #attempts: AppendLog;
  readonly #inflight: AppendLog;
  readonly #syncTimer: NodeJS.Timeout;
  readonly #failed = new AbortController();
  #flushing: Promise<void> | undefined;

  private constructor(path: string, unlock: () => void) {
    this.path = path;
    this.#unlock = unlock;
    this.#results = new AppendLog(join(path, fileNames.results));
    this.#rejects = new AppendLog(join(path, fileNames.rejects));
    this.#attempts = new AppendLog(join(path, fileNames.attempts));
    this.#inflight = new AppendLog(join(path, fileNames.inflight));
    this.#syncTimer = setInterval(() => void this.#sync(), SYNC_EVERY_MS);
    this.#syncTimer.unref();
  }

  /**
   * Creates or opens the directory, locks it and cuts off torn last lines. `admit` sees the manifest first: it may throw, and
   * it may set aside what is there.
   *
   * @throws {GleanerError} when it cannot be created or written, or another process holds it
   */
  static open(path: string, admit: (previous: Manifest | undefined) => void = () => undefined): RunDirectory {
    try {
      makeDirectory(path);
    } catch (error) {
      throw new GleanerError(
        'directory-unusable',
        `Cannot create the run directory ${path}: ${describeSystemError(error)}`,
        {
          cause: error,
        },
      );
    }
    let unlock: (() => void) | undefined;
    try {
      refuseIrregular(Object.values(fileNames).flatMap((name) => [join(path, name), join(path, `${name}.tmp`)]));
      unlock = takeLock(join(path, fileNames.lock));
      admit(readManifest(join(path, fileNames.manifest)));
      return new RunDirectory(path, unlock);
    } catch (error) {
      unlock?.();
      // Nothing was begun yet, so there is nothing to continue: the directory itself is what the user has to change.
      throw error instanceof StoreError
        ? new GleanerError('directory-unusable', error.message, { cause: error })
        : error;
    }
  }

  /** Aborts with the error when the directory can no longer be written. */
  get failure(): AbortSignal {
    return this.#failed.signal;
  }

  file(name: keyof typeof fileNames): string {
    return join(this.path, fileNames[name]);
  }

  readManifest(): Manifest | undefined {
    return readManifest(this.file('manifest'));
  }

  writeManifest(manifest: Manifest): void {
    writeManifest(this.file('manifest'), manifest);
  }

  writeReport(name: 'usage' | 'report', content: string): void {
    writeFileAtomically(this.file(name), content);
  }

  /** Writes a picture of an answer below the directory. */
  writeMedia(path: string, bytes: Uint8Array): void {
    const file = join(this.path, path);
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, bytes);
    } catch (error) {
      const failure = new StoreError('write', file, error);
      this.#failed.abort(failure);
      throw failure;
    }
  }

  /** Forgets the rejects that were taken for another try, once all of them have ended again. */
  endRetrying(): void {
    this.#remove('retrying');
  }

  /**
   * Notes a call that is about to be sent. It may be sent when the returned promise resolves: the note is with the operating
   * system then, and so is everything that was committed before it.
   */
  noteCall(entry: CallEntry): Promise<void> {
    this.#failed.signal.throwIfAborted();
    this.#inflight.append(entry);
    return this.#flushSoon();
  }

  /** Queues the lines of one ended call or record; they go out at the end of this turn of the event loop. */
  commit(entries: Commit): void {
    this.#failed.signal.throwIfAborted();
    if (entries.result !== undefined) this.#results.append(entries.result);
    if (entries.reject !== undefined) this.#rejects.append(entries.reject);
    if (entries.attempt !== undefined) this.#attempts.append(entries.attempt);
    void this.#flushSoon();
  }

  /** @throws {StoreError} when a file cannot be written */
  flush(): void {
    this.#results.flush();
    this.#rejects.flush();
    this.#attempts.flush();
    this.#inflight.flush();
  }

  /** @throws {StoreError} when a file was removed or replaced, so that what was written to it is lost */
  checkPlaces(): void {
    for (const log of [this.#results, this.#rejects, this.#attempts]) log.checkPlace();
  }

  /** One flush for all that one turn of the event loop brings; rejects when it fails. */
  #flushSoon(): Promise<void> {
    this.#flushing ??= new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#flushing = undefined;
        try {
          this.flush();
          resolve();
        } catch (error) {
          this.#failed.abort(error);
          reject(error);
        }
      });
    });
    // Who does not wait for it learns of a failure from `failure`.
    this.#flushing.catch(() => undefined);
    return this.#flushing;
  }

  /** Flushes, saves and closes everything and gives the lock back. `keepInflight`: open calls are still to be told. */
  close(options: { keepInflight?: boolean } = {}): void {
    clearInterval(this.#syncTimer);
    try {
      let firstError: unknown;
      for (const log of [this.#results, this.#rejects, this.#attempts, this.#inflight]) {
        try {
          log.close();
        } catch (error) {
          firstError ??= error;
        }
      }
      if (firstError !== undefined) throw firstError;
      // After a failed write, the ledger may lack calls that only these notes tell of.
      if (options.keepInflight !== true && !this.#failed.signal.aborted) this.#remove('inflight');
    } finally {
      this.#unlock();
    }
  }

  #remove(name: 'inflight' | 'retrying'): void {
    try {
      rmSync(this.file(name), { force: true });
    } catch (error) {
      throw new StoreError('remove', this.file(name), error);
    }
  }

  async #sync(): Promise<void> {
    try {
      await Promise.all([this.#results.sync(), this.#rejects.sync(), this.#attempts.sync()]);
    } catch (error) {
      this.#failed.abort(error);
    }
  }
}
