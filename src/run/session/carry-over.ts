import { zeroUsage } from '../../completion/usage.ts';
import type { AnswerCache } from '../../store/answer-cache.ts';
import type { RejectEntry, ResultEntry } from '../../store/entries.ts';
import type { Superseded } from '../../store/superseded.ts';
import type { RecordTask } from '../ports.ts';
import type { Outcome, RejectReason } from '../record/outcome.ts';

/**
 * Finds how a record ended before: first in what the run itself set aside when changes were accepted, then in the cache of
 * answers. The fingerprint holds all that decides an answer, so the record is not asked for again.
 */
export function carryOver(
  task: RecordTask,
  sources: { superseded: Superseded | undefined; cache: AnswerCache | undefined },
): Outcome | undefined {
  const found = sources.superseded?.find(task.fingerprint);
  if (found?.kind === 'result') return extractedAgain(task, found.entry);
  if (found?.kind === 'reject') return rejectedAgain(task, found.entry);
  const cached = sources.cache?.get(task.fingerprint);
  return cached && extractedAgain(task, { data: cached.data, attempts: 0, tokens: { ...zeroUsage } });
}

function extractedAgain(
  { id, index, fingerprint }: RecordTask,
  { data, attempts, tokens }: Pick<ResultEntry, 'data' | 'attempts' | 'tokens'>,
): Outcome {
  return {
    status: 'extracted',
    recordId: id,
    index,
    data,
    json: data,
    attempts,
    usage: tokens,
    fingerprint,
    isReused: true,
  };
}

function rejectedAgain({ id, index, fields, fingerprint }: RecordTask, entry: RejectEntry): Outcome {
  return {
    status: 'rejected',
    recordId: id,
    index,
    attempts: entry.attempts,
    usage: entry.tokens,
    // The code is one of the closed set: an earlier session of this program wrote it.
    reason: entry.error as RejectReason,
    record: fields,
    fingerprint,
    ...(entry.answer === undefined ? {} : { answer: entry.answer }),
  };
}
