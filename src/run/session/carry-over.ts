import type { AnswerVerdict } from '../../answer/judge-answer.ts';
import type { ChatMessage } from '../../completion/request.ts';
import { zeroUsage } from '../../completion/usage.ts';
import type { JsonValue } from '../../json/value.ts';
import type { AnswerCache } from '../../store/answer-cache.ts';
import type { RejectEntry, ResultEntry } from '../../store/entries.ts';
import type { Superseded } from '../../store/superseded.ts';
import type { RecordTask } from '../ports.ts';
import type { Outcome, RejectReason } from '../record/outcome.ts';

export interface CarryOverSources {
  /** What the run itself set aside when changes were accepted. */
  superseded: Superseded | undefined;
  cache: AnswerCache | undefined;
  /** Whether lines of the run may be of a version that did not keep what the model answered where the schema made something else of it. */
  isFormer: boolean;
  /** Judges by the definition as it is today what a model answered on another day. */
  judgeAgain(answer: { value: JsonValue } | { text: string }, task: RecordTask): Promise<AnswerVerdict<unknown>>;
  /** What gleaner 0.1 had for the same record; asked for where nothing else was found. */
  earlierFingerprints?: (messages: ChatMessage[]) => readonly string[];
}

/** What is known of an answer of another day. */
type KeptAnswer = Pick<
  ResultEntry,
  'data' | 'attempts' | 'tokens' | 'repaired' | 'coerced' | 'stage' | 'confidence' | 'logprobs' | 'conflicts' | 'trial'
> & {
  /** What the model answered; undefined where that was not kept. */
  answer: JsonValue | undefined;
};

/**
 * Finds how a record ended before. The fingerprint holds all that decides what a model answers, so the record is not asked for
 * again. What the schema's checks and transforms make of the answer is found out anew, which costs nothing: they may have been edited
 * since. An answer that they refuse now is none, and the record is asked for.
 *
 * @returns at once undefined where nothing is known of the record, as of most
 */
export function carryOver(task: RecordTask, sources: CarryOverSources): Promise<Outcome | undefined> | undefined {
  const { superseded, cache, earlierFingerprints } = sources;
  if (superseded === undefined && cache === undefined) return undefined;
  const found = find(task.fingerprint, task, sources);
  if (found !== undefined || earlierFingerprints === undefined) return found;
  for (const fingerprint of earlierFingerprints(task.messages)) {
    const earlier = find(fingerprint, task, sources);
    if (earlier !== undefined) return earlier;
  }
  return undefined;
}

function find(
  fingerprint: string,
  task: RecordTask,
  sources: CarryOverSources,
): Promise<Outcome | undefined> | undefined {
  const found = sources.superseded?.find(fingerprint);
  if (found?.kind === 'result') {
    const { entry } = found;
    const answer = entry.answer ?? (sources.isFormer ? undefined : entry.data);
    return extractedAgain(task, { ...entry, answer }, sources);
  }
  if (found?.kind === 'reject') return rejectedAgain(task, found.entry, sources);
  const cached = sources.cache?.get(fingerprint);
  if (cached === undefined) return undefined;
  const { data, answer } = cached;
  return extractedAgain(task, { data, answer, attempts: 0, tokens: { ...zeroUsage } }, sources);
}

async function extractedAgain(
  task: RecordTask,
  kept: KeptAnswer,
  { judgeAgain }: CarryOverSources,
): Promise<Outcome | undefined> {
  const { id, index, fingerprint } = task;
  const { data, answer, attempts, tokens: usage, ...signals } = kept;
  const { repaired, coerced, stage, confidence, logprobs, conflicts, trial } = signals;
  const outcome = {
    status: 'extracted' as const,
    recordId: id,
    index,
    attempts,
    usage,
    fingerprint,
    isReused: true,
    ...(repaired === undefined ? {} : { repaired }),
    ...(coerced === undefined ? {} : { coerced }),
    ...(stage === undefined ? {} : { stage }),
    ...(confidence === undefined ? {} : { confidence }),
    ...(logprobs === undefined ? {} : { logprobs }),
    ...(conflicts === undefined ? {} : { conflicts }),
    ...(trial === undefined ? {} : { trial }),
  };
  // What the schema of that day made of it is all there is.
  if (answer === undefined) return { ...outcome, data, json: data };
  const verdict = await judgeAgain({ value: answer }, task);
  if (verdict.status === 'invalid') return undefined;
  return {
    ...outcome,
    data: verdict.data,
    json: verdict.json,
    ...(verdict.answer === undefined ? {} : { answer: verdict.answer }),
  };
}

/** Rejects for what the definition checks, and the fingerprint does not show. */
const CHECKED_BY_CODE: ReadonlySet<string> = new Set(['schema_violation', 'not_grounded']);

/** A check that was edited may let pass what it refused. */
async function rejectedAgain(task: RecordTask, entry: RejectEntry, { judgeAgain }: CarryOverSources): Promise<Outcome> {
  const { id, index, fields, fingerprint } = task;
  const { attempts, tokens: usage, answer } = entry;
  if (CHECKED_BY_CODE.has(entry.error.code) && answer !== undefined) {
    const verdict = await judgeAgain({ text: answer }, task);
    if (verdict.status === 'valid') {
      const { status: _, ...extracted } = verdict;
      return { status: 'extracted', recordId: id, index, attempts, usage, fingerprint, isReused: true, ...extracted };
    }
  }
  return {
    status: 'rejected',
    recordId: id,
    index,
    attempts,
    usage,
    // The code is one of the closed set: an earlier session of this program wrote it.
    reason: entry.error as RejectReason,
    record: fields,
    fingerprint,
    ...(answer === undefined ? {} : { answer }),
  };
}
