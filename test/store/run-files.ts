import { zeroUsage } from '../../src/completion/usage.ts';
import type { AttemptEntry, CallEntry, RejectEntry, ResultEntry } from '../../src/store/entries.ts';

const at = '2026-11-23T10:00:00.000Z';

export function callEntry(call: number, index: number): CallEntry {
  return { call, id: `r${index}`, index, attempt: 1, kind: 'first', at };
}

export function attemptEntry(call: number, index: number, outcome: AttemptEntry['outcome']): AttemptEntry {
  return { ...callEntry(call, index), status: outcome === 'failed' ? 503 : 200, outcome, tokens: { ...zeroUsage } };
}

export function resultEntry(index: number): ResultEntry {
  const tokens = { ...zeroUsage };
  return { id: `r${index}`, index, data: { name: 'Größe' }, attempts: 1, tokens, fingerprint: `f${index}` };
}

export function rejectEntry(index: number): RejectEntry {
  return {
    id: `r${index}`,
    index,
    error: { code: 'rate_limited', message: 'still throttled' },
    attempts: 1,
    tokens: { ...zeroUsage },
    record: { name: 'a' },
    fingerprint: `f${index}`,
  };
}
