import { zeroUsage } from '../completion/usage.ts';
import type { AttemptEntry, CallEntry } from './entries.ts';

/** The ledger line of a call that was noted, and of which nobody ever learns what came of it: it counts with the most it can cost. */
export function unsettledCall({ call, id, index, attempt, kind, at, mayCost }: CallEntry): AttemptEntry {
  return {
    call,
    id,
    index,
    attempt,
    kind,
    status: null,
    outcome: 'unsettled',
    code: 'process_ended',
    tokens: { ...zeroUsage },
    at,
    ...(mayCost === undefined ? {} : { mayCost }),
  };
}
