import type { JsonObject } from '../json/value.ts';

/** The calls that are waited for. */
export interface OpenCalls {
  count: number;
  /** When the oldest of them was sent, ISO 8601. */
  oldestAt: string | null;
}

/** Files of a run that grows while it is read. */
export interface CallFiles {
  /** Reads what has come into the ledger since the last time. */
  readLedger(): void;
  /** Hands over the notes of all calls of the session. */
  readNotes(take: (entry: JsonObject) => void): void;
  /** Whether the ledger, as far as it was read, has the call. */
  isSettled(call: number): boolean;
}

/**
 * Finds the calls that are open. A fast run settles dozens of calls between one file and the next, so the ledger is read before the notes,
 * which keeps those few that are left, and once more after them: a call that is noted by then and not settled is open.
 */
export function readOpenCalls({ readLedger, readNotes, isSettled }: CallFiles): OpenCalls {
  readLedger();
  const noted: { call: number; at: string }[] = [];
  readNotes(({ call, at }) => {
    if (typeof call === 'number' && typeof at === 'string' && !isSettled(call)) noted.push({ call, at });
  });
  readLedger();
  const open = noted.filter(({ call }) => !isSettled(call));
  return { count: open.length, oldestAt: open[0]?.at ?? null };
}
