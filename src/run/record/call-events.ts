import type { AttemptEntry } from '../../store/entries.ts';
import type { EventListener } from '../events.ts';
import type { Outcome } from './outcome.ts';

/** Tells of a call that has ended, and of its record where the call ended that too. */
export function tellCallEnd(emit: EventListener, entry: AttemptEntry, safeMessage: string | undefined): void {
  const { id, index, attempt, outcome, status, code, tokens, latencyMs = 0 } = entry;
  emit({
    type: 'call-end',
    id,
    index,
    attempt,
    outcome,
    status,
    tokens,
    latencyMs,
    ...(code === undefined ? {} : { code }),
    ...(safeMessage === undefined ? {} : { message: safeMessage }),
  });
}

/** Tells how a record ended. */
export function tellRecordEnd(emit: EventListener, outcome: Outcome): void {
  const { recordId: id, index, status } = outcome;
  emit(
    outcome.status === 'extracted'
      ? { type: 'record-end', id, index, status, isReused: outcome.isReused }
      : { type: 'record-end', id, index, status, code: outcome.reason.code, isReused: false },
  );
}
