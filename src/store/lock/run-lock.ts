import { dirname } from 'node:path';
import { takeOsLock, type OsLock } from '../../files/os-lock.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { StoreError } from '../../files/store-error.ts';
import { describeOwnProcess, livenessOf, type Holder } from './holder.ts';
import {
  beatIfOwn,
  claimPath,
  clearClaim,
  clearLeftovers,
  createLock,
  lookAt,
  removeLock,
  succeed,
  type SeenLock,
} from './lock-file.ts';
import { judgeLock, nameOf, staysSilent, type LockTimings } from './watch-holder.ts';

export interface TakeLockOptions {
  /** Ends the wait for a sign of life of another holder. */
  signal?: AbortSignal | undefined;
  /** Told, in a sentence, why it takes a while. */
  onWait?: ((notice: string) => void) | undefined;
  /** Told when the lock was lost; nothing may be written any more. */
  onLost(error: StoreError): void;
  timings?: Partial<LockTimings>;
  /** Whether the lock file is enough. Default false. */
  skipsOsLock?: boolean | undefined;
}

const TIMINGS: LockTimings = { beatMs: 5000, silentMs: 30_000, watchMs: 12_000, unreadableMs: 2000, pauseMs: 2000 };

/**
 * The lock on a run directory. Three things keep two processes from writing in it:
 * - the lock file names one holder. It is made, and replaced, by steps that one process alone can do;
 * - whoever finds a lock takes over only from a holder that has surely ended (its process is gone, or the operating system gave
 *   its lock on the directory back), or that shows no sign of life while it is watched. Clocks of two machines are never compared;
 * - a holder that was taken for dead and is not, because it was stopped, suspended or kept waiting by a disk, finds another token
 *   in the lock before it writes again, and stops.
 */
export class RunLock {
  readonly #path: string;
  readonly #own: Holder;
  readonly #osLock: OsLock;
  readonly #options: TakeLockOptions;
  readonly #pauseMs: number;
  readonly #heartbeat: NodeJS.Timeout;
  #lost: StoreError | undefined;
  #isReleased = false;
  /** When the lock was last seen to be ours, by a clock that goes evenly and one that also counts a machine's sleep. */
  #seenAt = performance.now();
  #seenOn = Date.now();

  private constructor(path: string, own: Holder, osLock: OsLock, options: TakeLockOptions & { timings: LockTimings }) {
    this.#path = path;
    this.#own = own;
    this.#osLock = osLock;
    this.#options = options;
    this.#pauseMs = options.timings.pauseMs;
    this.#heartbeat = setInterval(() => this.#beat(), options.timings.beatMs);
    this.#heartbeat.unref();
  }

  /**
   * Takes the lock, from a holder that is gone if need be.
   *
   * @throws {GleanerError} naming the holder, when there is one
   * @throws the reason of `signal` when that aborts during the wait
   */
  static async take(path: string, options: TakeLockOptions): Promise<RunLock> {
    const timings = { ...TIMINGS, ...options.timings };
    const takeSystemLock = (): OsLock =>
      options.skipsOsLock === true ? { state: 'unavailable' } : takeOsLock(dirname(path));
    let osLock = takeSystemLock();
    try {
      for (;;) {
        options.signal?.throwIfAborted();
        if (osLock.state !== 'held') osLock = takeSystemLock();
        const own = describeOwnProcess(osLock.state === 'held');
        const seen = lookAt(path);
        if (
          seen === undefined ? createLock(path, own) : await takeOver(path, seen, own, osLock, { ...options, timings })
        ) {
          clearLeftovers(path);
          return new RunLock(path, own, osLock, { ...options, timings });
        }
      }
    } catch (error) {
      release(osLock);
      throw error;
    }
  }

  /** Why the lock is no longer ours; undefined while it is, as far as was looked. */
  get lost(): StoreError | undefined {
    return this.#lost;
  }

  /**
   * Looks whether the lock is still ours, unless that was just seen.
   *
   * @throws {StoreError} when it is not
   */
  demandHeldAfterPause(): void {
    if (this.#lost !== undefined) throw this.#lost;
    const pauseMs = Math.max(performance.now() - this.#seenAt, Math.abs(Date.now() - this.#seenOn));
    if (pauseMs > this.#pauseMs) this.demandHeld();
  }

  /** @throws {StoreError} when the lock is another process's, or gone */
  demandHeld(): void {
    this.#look(lookAt(this.#path));
    if (this.#lost !== undefined) throw this.#lost;
  }

  /** Gives the lock back, unless it is another process's by now. With `isElsewhere`, its path no longer leads to it. */
  release({ isElsewhere = false } = {}): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    clearInterval(this.#heartbeat);
    if (this.#lost === undefined && !isElsewhere) removeLock(this.#path, this.#own);
    release(this.#osLock);
  }

  #beat(): void {
    try {
      this.#look(beatIfOwn(this.#path, this.#own));
    } catch {
      // The directory cannot be reached: writing the results will say so, with more to say than the lock has.
    }
  }

  #look(seen: SeenLock | undefined): void {
    if (this.#lost !== undefined) return;
    const isOwn = seen?.key === this.#own.token;
    // Whoever claims to be our successor replaces the lock in the same breath.
    const successor = isOwn ? lookAt(claimPath(this.#path, seen)) : seen;
    if (isOwn && successor === undefined) {
      this.#seenAt = performance.now();
      this.#seenOn = Date.now();
      return;
    }
    this.#lost = new StoreError('hold', this.#path, new Error(describeLoss(successor)));
    clearInterval(this.#heartbeat);
    this.#options.onLost(this.#lost);
  }
}

function describeLoss(successor: SeenLock | undefined): string {
  if (successor === undefined) {
    return 'it was removed while this process was at work in the directory; nothing more is written, repeat the command to go on';
  }
  const { holder } = successor;
  const who = holder === undefined ? 'another process' : nameOf(holder);
  return `${who} took over, because this process had shown no sign of life for a while (it was stopped, its machine slept, or its disk kept it waiting); it writes nothing more`;
}

/** False when another look is needed: something changed, or another process was faster. */
async function takeOver(
  path: string,
  seen: SeenLock,
  own: Holder,
  osLock: OsLock,
  options: TakeLockOptions & { timings: LockTimings },
): Promise<boolean> {
  const claim = claimPath(path, seen);
  const claimed = lookAt(claim);
  if (claimed !== undefined) {
    // Another process is taking over, which takes it a moment, unless it died over it.
    const isGone = claimed.holder !== undefined && livenessOf(claimed.holder, own, osLock.state) === 'dead';
    if (isGone || (await staysSilent(claim, claimed, options.timings.watchMs, options)) === 'silent') {
      clearClaim(claim, own);
    }
    return false;
  }
  switch (await judgeLock(path, seen, own, osLock, options)) {
    case 'held':
      throw heldBy(seen, path);
    case 'changed':
      return false;
    case 'abandoned':
      return succeed(path, seen, own);
  }
}

function heldBy({ holder }: SeenLock, path: string): GleanerError {
  const who = holder === undefined ? 'another process' : nameOf(holder);
  const since = holder === undefined ? '' : ` since ${holder.since}`;
  return new GleanerError(
    'run-locked',
    `Cannot use the run directory: ${who} has held it${since}. Wait for it to end; if it is surely gone, remove ${path}`,
  );
}

function release(osLock: OsLock): void {
  if (osLock.state === 'held') osLock.release();
}
