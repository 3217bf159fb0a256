import { setTimeout as wait } from 'node:timers/promises';
import type { OsLock } from '../../files/os-lock.ts';
import { livenessOf, sharesClock, type Holder } from './holder.ts';
import { lookAt, type SeenLock } from './lock-file.ts';

export interface LockTimings {
  /** Between two beats of a holder. */
  beatMs: number;
  /** A holder that has not shown itself for so long is taken for gone. */
  silentMs: number;
  /** How long a holder that lives, and has been silent on its own machine's clock, is watched before it is robbed. */
  watchMs: number;
  /** What says nothing readable is left alone for so long: an older version may be writing it. */
  unreadableMs: number;
  /** After so long without a look, the lock is looked at before anything is written. */
  pauseMs: number;
}

export interface WatchOptions {
  timings: LockTimings;
  /** Ends the watch. */
  signal?: AbortSignal | undefined;
  /** Told, in a sentence, why it takes a while. */
  onWait?: ((notice: string) => void) | undefined;
}

const LOOK_AGAIN_MS = 100;
const MOST_BETWEEN_LOOKS_MS = 1000;
/** A watch shorter than this is nothing to tell of. */
const WORTH_TELLING_MS = 5000;

/** Whether a lock that was found is held, from what can be asked of its holder, and else from what it does while it is watched. */
export async function judgeLock(
  path: string,
  seen: SeenLock,
  own: Holder,
  osLock: OsLock,
  options: WatchOptions,
): Promise<'held' | 'abandoned' | 'changed'> {
  const { silentMs, watchMs, unreadableMs } = options.timings;
  const { holder } = seen;
  let patienceMs = unreadableMs;
  if (holder !== undefined) {
    const liveness = livenessOf(holder, own, osLock.state);
    if (liveness === 'dead') return 'abandoned';
    if (liveness === 'alive' && sharesClock(holder, own) && Date.now() - seen.beatMs < silentMs) return 'held';
    patienceMs = liveness === 'alive' ? watchMs : silentMs;
  }
  const end = await staysSilent(path, seen, patienceMs, options);
  return end === 'silent' ? 'abandoned' : end === 'beat' ? 'held' : 'changed';
}

/** Watches a lock until its holder shows itself, something takes its place, or the time is over. */
export async function staysSilent(
  path: string,
  seen: SeenLock,
  patienceMs: number,
  { signal, onWait }: WatchOptions,
): Promise<'silent' | 'beat' | 'changed'> {
  if (patienceMs >= WORTH_TELLING_MS) {
    const who = seen.holder === undefined ? 'a process' : nameOf(seen.holder);
    onWait?.(
      `The run directory is locked by ${who}: watching ${path} for a sign of life, for ${Math.round(patienceMs / 1000)} s at most`,
    );
  }
  let lookedAt = performance.now();
  let silentMs = 0;
  while (silentMs < patienceMs) {
    await wait(LOOK_AGAIN_MS, undefined, signal === undefined ? {} : { signal }).catch(() => signal?.throwIfAborted());
    const now = lookAt(path);
    if (now?.key !== seen.key) return 'changed';
    if (now.beatMs !== seen.beatMs) return 'beat';
    // While this process stood still, the whole machine may have: that is no silence of the holder.
    silentMs += Math.min(performance.now() - lookedAt, MOST_BETWEEN_LOOKS_MS);
    lookedAt = performance.now();
  }
  return 'silent';
}

export function nameOf({ pid, host }: Holder): string {
  return `process ${pid} on host ${host}`;
}
