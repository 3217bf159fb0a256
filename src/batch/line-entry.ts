import { zeroUsage } from '../completion/usage.ts';
import type { EarlierAnswer } from '../run/ports.ts';
import type { AttemptEntry } from '../store/entries.ts';
import type { Shard } from './batch-state.ts';
import type { LineAnswer } from './read-line.ts';

/** What the ledger says of a line, whatever it holds. */
export function placeOf({ createdAt, job = '', round }: Shard, line: number): EarlierAnswer['entry'] {
  return { at: createdAt, via: 'batch', job, round, line };
}

/** What the ledger says of a line that no record takes. */
export function entryOfLine(shard: Shard, line: number, answer: LineAnswer): AttemptEntry {
  const { question } = shard;
  const base: AttemptEntry = {
    call: 0,
    id: '',
    index: -1,
    attempt: question + 1,
    kind: question === 0 ? 'first' : 're-ask',
    status: null,
    outcome: 'invalid',
    tokens: { ...zeroUsage },
    ...placeOf(shard, line),
  };
  if ('error' in answer) {
    const { status = null, code, kind } = answer.error;
    return { ...base, status, outcome: 'failed', code: code ?? kind };
  }
  const { usage, model, trafficType, finishReason } = answer.completion;
  return {
    ...base,
    status: 200,
    ...(usage === undefined ? {} : { tokens: usage }),
    ...(model === undefined ? {} : { model }),
    ...(trafficType === undefined ? {} : { trafficType }),
    ...(finishReason === undefined ? {} : { finishReason }),
  };
}
