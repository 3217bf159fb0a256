import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DirectoryPlace } from '../files/directory-place.ts';
import { RunLock } from './lock/run-lock.ts';
import type { LockTimings } from './lock/watch-holder.ts';
import { StoreError } from '../files/store-error.ts';

export interface HoldOptions {
  /** Ends the wait for a sign of life of another process that may hold the directory. */
  signal?: AbortSignal | undefined;
  /** Told, in a sentence, what the wait is for. */
  onWait?: ((notice: string) => void) | undefined;
  timings?: Partial<LockTimings> | undefined;
  /** Whether the lock file is enough, since nobody else is given the directory: the lock of the system takes a process. Default false. */
  skipsOsLock?: boolean | undefined;
}

/**
 * A directory that this process alone writes in. It can be lost: to another process that took it over, or because the path leads
 * to another directory. Whoever asks before writing learns of it; nothing may be written or removed any more then.
 */
export class HeldDirectory {
  /** Where the directory is in truth: a link that is pointed elsewhere later changes nothing. */
  readonly root: string;
  readonly #lock: RunLock;
  readonly #place: DirectoryPlace;
  readonly #failed: AbortController;
  #lost: StoreError | undefined;

  private constructor(root: string, lock: RunLock, place: DirectoryPlace, failed: AbortController) {
    this.root = root;
    this.#lock = lock;
    this.#place = place;
    this.#failed = failed;
  }

  /**
   * @throws {GleanerError} when another process holds it
   * @throws {StoreError} when it cannot be locked
   */
  static async take(
    path: string,
    { lockName, signal, onWait, timings = {}, skipsOsLock }: HoldOptions & { lockName: string },
  ): Promise<HeldDirectory> {
    const real = realpathSync(path);
    const root = real === resolve(path) ? path : real;
    const failed = new AbortController();
    const place = new DirectoryPlace(root);
    try {
      const onLost = (error: StoreError): void => failed.abort(error);
      const lock = await RunLock.take(join(root, lockName), { signal, onWait, onLost, timings, skipsOsLock });
      return new HeldDirectory(root, lock, place, failed);
    } catch (error) {
      place.close();
      throw error;
    }
  }

  /** Aborts with the error when the directory was lost, or `fail` was told of one. */
  get failure(): AbortSignal {
    return this.#failed.signal;
  }

  /** Why the directory is no longer ours; undefined while it is, as far as was looked. */
  get lost(): StoreError | undefined {
    return this.#lost ?? this.#lock.lost;
  }

  /** Takes note of an error after which nothing more can be written down, though the directory is still ours. */
  fail(error: unknown): void {
    this.#failed.abort(error);
  }

  /** Takes note that what is written goes where nobody will find it. */
  lose(error: StoreError): StoreError {
    this.#lost ??= error;
    this.#failed.abort(error);
    return error;
  }

  /** @throws {StoreError} when the directory is another one, or another process's, by now */
  demandOurs(): void {
    if (this.lost !== undefined) throw this.lost;
    if (this.#place.isThere()) {
      this.#lock.demandHeld();
      return;
    }
    const reason = new Error('the directory was moved, removed or replaced while the run was writing to it');
    throw this.lose(new StoreError('write to', this.root, reason));
  }

  /**
   * As `demandOurs`, but costs nothing while the process has not stood still for long enough to be robbed.
   *
   * @throws {StoreError} when another process has the directory by now
   */
  demandOursAfterPause(): void {
    if (this.#lost !== undefined) throw this.#lost;
    this.#lock.demandHeldAfterPause();
  }

  release(): void {
    this.#lock.release({ isElsewhere: !this.#place.isThere() });
    this.#place.close();
  }
}
