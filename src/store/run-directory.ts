import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import type { CallEntry } from './entries.ts';
import { readCheckpoint, takeCheckpoint, type CheckedLog, type Checkpoint, type SavedRun } from './checkpoint.ts';
import { HeldDirectory, type HoldOptions } from './held-directory.ts';
import type { JsonObject } from '../json/value.ts';
import { readJsonLines } from '../files/read-json-lines.ts';
import { makeDirectory } from '../files/make-directory.ts';
import { readManifest, writeManifest, type Manifest } from './manifest.ts';
import { moveLines } from './move-lines.ts';
import { RunLogs, type Commit } from './run-logs.ts';
import { refuseIrregularMedia, writeMedia } from './write-media.ts';
import { refuseIrregular } from '../files/refuse-irregular.ts';
import { describeSystemError } from '../files/system-error.ts';
import { StoreError } from '../files/store-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';

const SYNC_EVERY_MS = 2000;

export const fileNames = {
  results: 'results.jsonl',
  rejects: 'rejects.jsonl',
  attempts: 'attempts.jsonl',
  inflight: 'inflight.jsonl',
  answered: 'answered.jsonl',
  retrying: 'retrying.jsonl',
  doubled: 'doubled.jsonl',
  usage: 'usage.json',
  profile: 'profile.json',
  evidence: 'evidence.jsonl',
  labels: 'labels.jsonl',
  batches: 'batches.jsonl',
  plan: 'plan.jsonl',
  checkpoint: 'checkpoint.bin',
  manifest: 'run.json',
  report: 'report.html',
  lock: 'run.lock',
} as const;

export interface OpenOptions extends HoldOptions {
  /** Sees the manifest before anything else is read: it may throw, and it may set aside what is there. */
  admit?(previous: Manifest | undefined): void;
}

/**
 * One run's directory, held by this process alone.
 *
 * Order of writing, which is what makes a kill at any moment harmless:
 * 1. a call is noted in inflight.jsonl before it is sent, so that an open call is known afterwards;
 * 2. a record's line goes out before the ledger line of the call that ended it: if the process dies between the two, the
 *    record is not asked again and the call counts as unsettled, never the other way round;
 * 3. so does an answer that is kept for a record that is not done: it counts as unsettled, and is not paid for again;
 * 4. lines of one turn of the event loop go out together, so that nothing known is held back for longer than that.
 * What was handed to the operating system survives the process; every two seconds it is also asked to reach the disk.
 *
 * Before anything is written, the directory is known to be ours still: the lock names this process, and every path leads to
 * the file that was opened. Once either does not hold, the directory is lost: nothing more is written or removed.
 */
export class RunDirectory {
  /** As it was given. */
  readonly path: string;
  readonly #held: HeldDirectory;
  readonly #logs: RunLogs;
  readonly #syncTimer: NodeJS.Timeout;
  #flushing: Promise<void> | undefined;

  private constructor(path: string, held: HeldDirectory) {
    this.path = path;
    this.#held = held;
    this.#logs = new RunLogs((name) => this.file(name));
    this.#syncTimer = setInterval(() => void this.#sync(), SYNC_EVERY_MS);
    this.#syncTimer.unref();
  }

  /**
   * Creates or opens the directory, locks it and cuts off torn last lines.
   *
   * @throws {GleanerError} when it cannot be created or written, or another process holds it
   * @throws the reason of `signal` when that aborts before the directory is held
   */
  static async open(path: string, options: OpenOptions = {}): Promise<RunDirectory> {
    try {
      makeDirectory(path);
    } catch (error) {
      throw new GleanerError(
        'directory-unusable',
        `Cannot create the run directory ${path}: ${describeSystemError(error)}`,
        { cause: error },
      );
    }
    let held: HeldDirectory | undefined;
    try {
      const { signal, onWait, timings, skipsOsLock } = options;
      refuseIrregular(Object.values(fileNames).flatMap((name) => [join(path, name), join(path, `${name}.tmp`)]));
      refuseIrregularMedia(path);
      held = await HeldDirectory.take(path, { lockName: fileNames.lock, signal, onWait, timings, skipsOsLock });
      options.admit?.(readManifest(join(held.root, fileNames.manifest)));
      return new RunDirectory(path, held);
    } catch (error) {
      held?.release();
      // Nothing was begun yet, so there is nothing to continue: the directory itself is what the user has to change.
      throw error instanceof StoreError
        ? new GleanerError('directory-unusable', error.message, { cause: error })
        : error;
    }
  }

  /** Aborts with the error when the directory can no longer be written. */
  get failure(): AbortSignal {
    return this.#held.failure;
  }

  file(name: keyof typeof fileNames): string {
    return join(this.#held.root, fileNames[name]);
  }

  readManifest(): Manifest | undefined {
    return readManifest(this.file('manifest'));
  }

  writeManifest(manifest: Manifest): void {
    this.#held.demandOurs();
    writeManifest(this.file('manifest'), manifest);
  }

  writeReport(name: 'usage' | 'profile' | 'report', content: string): void {
    this.#held.demandOurs();
    writeFileAtomically(this.file(name), content);
  }

  /** What a checkpoint of this key says of the logs; undefined where none can be trusted. */
  readCheckpoint(key: string): Checkpoint | undefined {
    return readCheckpoint(this.file('checkpoint'), { key, logs: this.#checkedLogs });
  }

  /** Writes down what all that was committed so far adds up to, while more is committed. */
  async writeCheckpoint(key: string, saved: SavedRun): Promise<void> {
    this.flush();
    this.checkPlaces();
    const write = takeCheckpoint(this.file('checkpoint'), saved, { key, logs: this.#checkedLogs });
    // A hole that a power cut leaves in a log would be passed over for good.
    await this.#logs.sync();
    await write(() => this.checkPlaces());
  }

  /** Removes a checkpoint that cannot be trusted: once the logs have grown, it might seem to fit. */
  dropCheckpoint(): void {
    this.#held.demandOurs();
    this.#remove('checkpoint');
  }

  get #checkedLogs(): Record<CheckedLog, string> {
    return { results: this.file('results'), rejects: this.file('rejects'), attempts: this.file('attempts') };
  }

  /** Writes a picture of an answer into the directory of pictures. */
  writeMedia(path: string, bytes: Uint8Array): void {
    try {
      this.#held.demandOurs();
      writeMedia(this.#held.root, path, bytes);
    } catch (error) {
      this.#held.fail(error);
      throw error;
    }
  }

  /**
   * Moves lines that say something a second time, found by the bytes before them, to a file of their own.
   *
   * @throws {StoreError} when that fails; the lines stand in one of the files then, or in both
   */
  moveDoubled(name: 'results' | 'rejects' | 'attempts', offsets: ReadonlySet<number>): void {
    this.#held.demandOurs();
    moveLines(this.file(name), this.file('doubled'), offsets);
    this.#logs.openAgain(name);
  }

  /** Forgets the rejects that were taken for another try, once all of them have ended again. */
  endRetrying(): void {
    this.#remove('retrying');
  }

  /** Forgets the answers that were kept for records that were not done. */
  endAnswered(): void {
    this.#logs.closeAnswered();
    this.#remove('answered');
  }

  /**
   * Notes a call that is about to be sent. It may be sent when the returned promise resolves: the note is with the operating
   * system then, and so is everything that was committed before it.
   */
  noteCall(entry: CallEntry): Promise<void> {
    this.#held.failure.throwIfAborted();
    this.#logs.noteCall(entry);
    return this.#flushSoon();
  }

  /** The events of batch jobs so far. */
  *readBatches(): Generator<JsonObject> {
    if (!existsSync(this.file('batches'))) return;
    this.#logs.openBatches();
    yield* readJsonLines(this.file('batches'));
  }

  /** Notes an event of a batch job: with the system when this returns, as is all that was committed before it. */
  noteBatch(event: object): void {
    this.#held.failure.throwIfAborted();
    try {
      this.flush();
      this.#logs.noteBatch(event);
    } catch (error) {
      this.#held.fail(error);
      throw error;
    }
  }

  /** Queues the lines of one ended call or record; they go out at the end of this turn of the event loop. */
  commit(entries: Commit): void {
    this.#held.failure.throwIfAborted();
    this.#logs.append(entries);
    void this.#flushSoon();
  }

  /** @throws {StoreError} when a file cannot be written, or the directory is no longer ours */
  flush(): void {
    this.#held.demandOursAfterPause();
    this.#logs.flush();
  }

  /** @throws {StoreError} when the directory or a file was moved, removed or replaced, so that what is written is lost */
  checkPlaces(): void {
    this.#held.demandOurs();
    try {
      this.#logs.checkPlaces();
    } catch (error) {
      throw this.#held.lose(error as StoreError);
    }
  }

  /** One flush for all that one turn of the event loop brings; rejects when it fails. */
  #flushSoon(): Promise<void> {
    if (this.#flushing !== undefined) return this.#flushing;
    const flushing = new Promise<void>((resolve, reject) => {
      setImmediate(() => {
        this.#flushing = undefined;
        try {
          this.flush();
          resolve();
        } catch (error) {
          this.#held.fail(error);
          reject(error);
        }
      });
    });
    // Who does not wait for it learns of a failure from `failure`.
    flushing.catch(() => undefined);
    this.#flushing = flushing;
    return flushing;
  }

  /** Flushes, saves and closes everything and gives the lock back. `keepInflight`: open calls are still to be told. */
  close(options: { keepInflight?: boolean } = {}): void {
    clearInterval(this.#syncTimer);
    // Whoever follows `failure` has been told of a loss already.
    const wasTold = this.#held.failure.aborted;
    try {
      this.#held.demandOurs();
      this.#logs.close();
      // After a failed write, the ledger may lack calls that only these notes tell of.
      if (options.keepInflight !== true && !wasTold) this.#remove('inflight');
    } catch (error) {
      if (this.#held.lost === undefined) throw error;
      this.#logs.abandon();
      if (!wasTold) throw error;
    } finally {
      this.#held.release();
    }
  }

  #remove(name: 'inflight' | 'retrying' | 'answered' | 'checkpoint'): void {
    this.#held.demandOurs();
    try {
      rmSync(this.file(name), { force: true });
    } catch (error) {
      throw new StoreError('remove', this.file(name), error);
    }
  }

  async #sync(): Promise<void> {
    try {
      this.checkPlaces();
      await this.#logs.sync();
    } catch (error) {
      this.#held.fail(error);
    }
  }
}
