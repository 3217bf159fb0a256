import type { ChatRequest } from '../../completion/request.ts';
import type { AttemptKind } from '../../store/entries.ts';
import { requestKey } from '../../store/kept-answers.ts';
import type { Answered, Ask, Budget, Exchange, RecordContext, RecordEnd, RecordTask, Step, Verdict } from '../ports.ts';
import type { Outcome, RejectReason } from './outcome.ts';
import type { CallEnd, Decision } from './call.ts';
import { RecordCalls } from './record-calls.ts';
import { HeldBudget } from './held-budget.ts';
import { isRefusalOfTheRun, reasonOfFailure } from './reject-reason.ts';
import { Retries } from './retries.ts';

/** What follows a call. */
type Next = { kind: 'ask'; ask: Ask } | { kind: 'retry'; delayMs: number } | { kind: 'end'; end: RecordEnd };

/**
 * One record's life: asks what the strategy wants to know, each question again after failures in transport, until the
 * strategy has a verdict, a question cannot be asked, or the run stops.
 */
export function extractRecord(task: RecordTask, context: RecordContext): Promise<RecordEnd> {
  // Most strategies make one call for a record, and pay for no more than that.
  const { budget, strategy } = context;
  return strategy.allOf === undefined || budget === undefined ? live(task, context) : liveWithin(budget, task, context);
}

/** Has the budget hold room for all calls that the record takes. */
async function liveWithin(budget: Budget, task: RecordTask, context: RecordContext): Promise<RecordEnd> {
  const held = new HeldBudget(budget, () => plannedRequests(task, context));
  try {
    return await live(task, { ...context, budget: held });
  } finally {
    held.giveBack();
  }
}

function plannedRequests(task: RecordTask, { strategy, buildRequest }: RecordContext): ChatRequest[] {
  return (strategy.allOf?.(task) ?? []).map(({ messages, changes }) => buildRequest(messages, changes));
}

async function live(task: RecordTask, context: RecordContext): Promise<RecordEnd> {
  const { strategy, buildRequest, aborting } = context;
  const isKept = context.answers !== undefined;
  const calls = new RecordCalls(task, context);
  const exchanges: Exchange[] = [];
  const retries = new Retries(context);
  let ask = strategy.begin(task);
  let kind: AttemptKind = ask.kind;
  let request = buildRequest(ask.messages, ask.changes, ask.messages === task.messages ? task.messagesJson : undefined);

  const decide = (end: CallEnd): Decision<Next> | Promise<Decision<Next>> => {
    const delayMs = retries.delayAfter(end);
    if (end.kind === 'failed') {
      if (delayMs === undefined)
        return giveUp(
          end,
          { failures: retries.failures, isUnanswered: context.observer.isUnanswered?.() === true },
          task,
          calls,
        );
      return { use: { outcome: 'failed' }, next: { kind: 'retry', delayMs } };
    }
    if (delayMs !== undefined) {
      return { use: { outcome: 'invalid', code: 'unexpected_finish' }, next: { kind: 'retry', delayMs } };
    }
    exchanges.push({ ask, completion: end.completion, earlyStop: end.earlyStop });
    const step = strategy.next(task, exchanges, aborting);
    return step instanceof Promise ? step.then(follow) : follow(step);
  };
  const follow = (step: Step): Decision<Next> => {
    const decision = decisionAfter(step, task, calls);
    if (isKept && decision.record === undefined) decision.isKept = true;
    return decision;
  };

  for (;;) {
    const answered = keptAnswer(context, task, request);
    const next: Next | undefined = await (answered === undefined
      ? calls.make({ request, kind, stage: ask.stage, part: ask.part }, decide)
      : calls.repeat(answered, decide));
    if (next === undefined) return { kind: 'unfinished' };
    if (next.kind === 'end') return next.end;
    if (next.kind === 'retry') {
      kind = 'retry';
      if (!(await retries.wait(next.delayMs, task, calls.attempts))) return { kind: 'unfinished' };
    } else {
      retries.beginQuestion();
      ask = next.ask;
      kind = ask.kind;
      request = buildRequest(ask.messages, ask.changes);
    }
  }
}

/** What an earlier session was answered, where it did not come to the record's end. */
function keptAnswer({ answers }: RecordContext, task: RecordTask, request: ChatRequest): Answered | undefined {
  return answers?.take(task, requestKey(request));
}

function decisionAfter({ use, next }: Step, task: RecordTask, calls: RecordCalls): Decision<Next> {
  if ('ask' in next) return { use, next: { kind: 'ask', ask: next.ask } };
  const outcome = outcomeOf(next.verdict, task, calls);
  return { use, record: outcome, next: { kind: 'end', end: { kind: 'settled', outcome } } };
}

/** The failure of a question that is not repeated ends its record, or shows that something is wrong with the whole run. */
function giveUp(
  { error, safeMessage }: CallEnd & { kind: 'failed' },
  { failures, isUnanswered }: { failures: number; isUnanswered: boolean },
  task: RecordTask,
  calls: RecordCalls,
): Decision<Next> {
  const use = { outcome: 'failed' } as const;
  const outcome = rejected(task, calls, reasonOfFailure(error, failures));
  // An answer that could not be read came from somebody, and may have been billed.
  const isSilence = isUnanswered && error.isRetryable && error.kind !== 'unreadable';
  if (isRefusalOfTheRun(error) || isSilence) {
    return { use, next: { kind: 'end', end: { kind: 'refused', outcome, error, safeMessage } } };
  }
  return { use, record: outcome, next: { kind: 'end', end: { kind: 'settled', outcome } } };
}

function outcomeOf(verdict: Verdict, task: RecordTask, calls: RecordCalls): Outcome {
  if (verdict.kind === 'rejected') {
    const outcome = rejected(task, calls, verdict.reason, verdict.answer);
    if (verdict.trial !== undefined) outcome.trial = verdict.trial;
    return outcome;
  }
  const { data, json, answer, repaired, coerced, logprobs } = verdict.valid;
  // Written out, as a copy of some members costs more than all the rest here.
  const outcome: Outcome = {
    status: 'extracted',
    recordId: task.id,
    index: task.index,
    attempts: calls.attempts,
    usage: calls.usage,
    data,
    json,
    fingerprint: task.fingerprint,
    isReused: false,
  };
  if (answer !== undefined) outcome.answer = answer;
  if (repaired !== undefined) outcome.repaired = repaired;
  if (coerced !== undefined) outcome.coerced = coerced;
  if (logprobs !== undefined) outcome.logprobs = logprobs;
  if (verdict.stage !== undefined) outcome.stage = verdict.stage;
  if (verdict.confidence !== undefined) outcome.confidence = verdict.confidence;
  if (verdict.conflicts !== undefined) outcome.conflicts = verdict.conflicts;
  if (verdict.trial !== undefined) outcome.trial = verdict.trial;
  return outcome;
}

function rejected(task: RecordTask, calls: RecordCalls, reason: RejectReason, answer?: string): Outcome {
  const { id, index, fields, fingerprint } = task;
  const { attempts, usage } = calls;
  const outcome: Outcome = {
    status: 'rejected',
    recordId: id,
    index,
    attempts,
    usage,
    reason,
    record: fields,
    fingerprint,
  };
  return answer === undefined ? outcome : { ...outcome, answer };
}
