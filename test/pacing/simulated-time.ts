/** A clock that jumps from timer to timer, so that minutes of pacing pass in a fraction of a second. */
export interface SimulatedTime {
  /** Milliseconds since the clock was set up. */
  now(): number;
  /** Lets `ms` pass: every timer due fires in its order, and what it set going settles before the next. */
  advance(ms: number): Promise<void>;
  /** Timers that still wait. */
  readonly pending: number;
  /** Gives the real timers back. */
  restore(): void;
}

interface Timer {
  dueAt: number;
  order: number;
  everyMs: number | undefined;
  callback: () => void;
}

const EPOCH = Date.parse('2026-11-23T22:00:00Z');

/**
 * Replaces the timers and clocks of this process. Vitest's fake timers do the same, but spend a millisecond of real time on
 * every timer, which the thousands of timers of a paced minute turn into a slow test.
 *
 * `late` says by how many milliseconds the next timer fires late, as those of a busy process do. Default 0.
 */
export function simulateTime({ late = () => 0 }: { late?: () => number } = {}): SimulatedTime {
  const real = { setTimeout, clearTimeout, setInterval, clearInterval, dateNow: Date.now, perfNow: performance.now };
  const settle = setImmediate;
  const timers = new Set<Timer>();
  let elapsed = 0;
  let ordered = 0;

  function add(callback: () => void, ms: number | undefined, isRepeated: boolean): Timer {
    const delayMs = Math.max(1, Math.trunc(ms ?? 1) || 1);
    ordered += 1;
    const everyMs = isRepeated ? delayMs : undefined;
    const timer = { dueAt: elapsed + delayMs, order: ordered, everyMs, callback, unref: () => timer, ref: () => timer };
    timers.add(timer);
    return timer;
  }
  const start =
    (isRepeated: boolean) =>
    (callback: (...values: unknown[]) => void, ms?: number, ...values: unknown[]): Timer =>
      add(() => callback(...values), ms, isRepeated);
  const stop = (timer?: unknown): void => void timers.delete(timer as Timer);

  Object.assign(globalThis, {
    setTimeout: start(false),
    setInterval: start(true),
    clearTimeout: stop,
    clearInterval: stop,
  });
  Date.now = () => EPOCH + elapsed;
  performance.now = () => elapsed;

  /** What waits for a turn of the event loop itself, to gather what comes in it, settles, too. */
  async function settled(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) await new Promise<void>((resolve) => settle(resolve));
  }

  return {
    now: () => elapsed,
    get pending() {
      return timers.size;
    },
    async advance(ms) {
      const end = elapsed + ms;
      await settled();
      for (;;) {
        let next: Timer | undefined;
        for (const timer of timers) {
          if (timer.dueAt > end) continue;
          if (
            next === undefined ||
            timer.dueAt < next.dueAt ||
            (timer.dueAt === next.dueAt && timer.order < next.order)
          )
            next = timer;
        }
        if (next === undefined) break;
        elapsed = Math.max(elapsed, next.dueAt + late());
        if (next.everyMs === undefined) timers.delete(next);
        else next.dueAt = elapsed + next.everyMs;
        next.callback();
        await settled();
      }
      elapsed = Math.max(elapsed, end);
    },
    restore() {
      const { dateNow, perfNow, ...globals } = real;
      Object.assign(globalThis, globals);
      Date.now = dateNow;
      performance.now = perfNow;
    },
  };
}
