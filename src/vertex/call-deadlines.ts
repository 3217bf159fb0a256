/** A call under way, as the watch sees it. */
export interface WatchedCall {
  readonly signal: AbortSignal | undefined;
  /** Set by the watch, on the clock of `performance.now()`. */
  deadline: number;
  /** The watch's own: where it keeps the call; -1 when it does not. */
  slot: number;
  /** Called once, after the deadline. The call must end itself and tell the watch. */
  expire(): void;
  /** Called when the call's signal aborts. The call must end itself and tell the watch. */
  abandon(reason: unknown): void;
}

export interface CallDeadlines {
  start(call: WatchedCall): void;
  finish(call: WatchedCall): void;
  /** Resolves when no call is under way. */
  idle(): Promise<void>;
}

/**
 * Ends calls that outlive their time or whose signal aborts.
 *
 * A timer and an abort listener for each call would cost more than half of the call itself. So one timer stands for all
 * calls, set to the nearest deadline of those under way when it was set; as all have the same time limit, a later call's
 * deadline is never nearer. Calls that share a signal, as those of a run do, share one listener.
 */
export function createCallDeadlines(timeoutMs: number): CallDeadlines {
  // An array with slots, not a Set: a Set that changes this often survives in the old generation and drags dead calls
  // along, which made a call a third dearer.
  const calls: WatchedCall[] = [];
  const listeners = new Map<AbortSignal, { count: number; onAbort: () => void }>();
  let waiting: (() => void)[] = [];
  let timer: NodeJS.Timeout | undefined;

  function sweep(): void {
    timer = undefined;
    const now = performance.now();
    let nearest = Infinity;
    // A copy, for calls that end leave the array.
    for (const call of calls.slice()) {
      if (call.deadline <= now) call.expire();
      else nearest = Math.min(nearest, call.deadline);
    }
    if (nearest !== Infinity) arm(nearest - now);
  }

  function arm(delayMs: number): void {
    // Not cleared when the last call ends, for the next one will want it; it must not keep the process alive then.
    timer = setTimeout(sweep, Math.ceil(delayMs)).unref();
  }

  function listen(signal: AbortSignal): void {
    const entry = listeners.get(signal);
    if (entry !== undefined) {
      entry.count++;
      return;
    }
    function onAbort(): void {
      for (const call of calls.slice()) if (call.signal === signal) call.abandon(signal.reason);
    }
    signal.addEventListener('abort', onAbort, { once: true });
    listeners.set(signal, { count: 1, onAbort });
  }

  function unlisten(signal: AbortSignal): void {
    const entry = listeners.get(signal);
    if (entry === undefined || --entry.count > 0) return;
    signal.removeEventListener('abort', entry.onAbort);
    listeners.delete(signal);
  }

  return {
    start(call) {
      call.deadline = performance.now() + timeoutMs;
      call.slot = calls.length;
      calls.push(call);
      if (call.signal !== undefined) listen(call.signal);
      if (timer === undefined) arm(timeoutMs);
    },
    finish(call) {
      const last = calls[calls.length - 1];
      if (call.slot < 0 || last === undefined) return;
      calls.pop();
      if (last !== call) {
        calls[call.slot] = last;
        last.slot = call.slot;
      }
      call.slot = -1;
      if (call.signal !== undefined) unlisten(call.signal);
      if (calls.length > 0) return;
      for (const resume of waiting) resume();
      waiting = [];
    },
    async idle() {
      if (calls.length > 0) await new Promise<void>((resolve) => waiting.push(resolve));
    },
  };
}
