import type { RunState } from './run-follower.ts';
import type { RunTotal } from './run-total.ts';

/** How far a run is, and how long the rest takes. */
export interface RunRest {
  /** Null where the total is not known. */
  remaining: number | null;
  /** At the pace of the session so far; null where that says nothing: nobody is at work, nothing has ended yet, or batch jobs are open. */
  etaSeconds: number | null;
}

/** Reckons what is left of a run and how long it takes. */
export function reckonRest(state: RunState, total: RunTotal | null, now = Date.now()): RunRest {
  const { usage, session, pace, batch } = state;
  const { extracted, rejected } = usage.records;
  const ended = extracted + rejected;
  const remaining = total === null ? null : Math.max(0, total.records - ended);
  const isAtWork = session.state === 'at work' || session.state === 'unknown';
  const seconds = (now - Date.parse(pace.since)) / 1000;
  if (remaining === null || !isAtWork || pace.records === 0 || !(seconds > 0) || (batch?.open ?? 0) > 0)
    return { remaining, etaSeconds: null };
  return { remaining, etaSeconds: Math.round((remaining * seconds) / pace.records) };
}
