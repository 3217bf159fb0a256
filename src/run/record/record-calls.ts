import { ApiError } from '../../completion/api-error.ts';
import type { ChatMessage, ChatRequest } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import { delay } from '../../pacing/delay.ts';
import type { Permit } from '../../pacing/pacer.ts';
import { decideRetry } from '../../pacing/retry-policy.ts';
import type { AttemptEntry, AttemptKind, AttemptOutcome, Spending } from '../../store/entries.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { boundOf } from '../../accounting/call-bound.ts';
import type { RecordContext, RecordTask } from '../ports.ts';
import { redactRecordText } from './redact-record-text.ts';
import type { Outcome } from './outcome.ts';
import type { EarlyStop } from './stream-answer.ts';

/** What one question came to, its last call not entered into the ledger yet: the outcome of the record goes with it. */
export type QuestionEnd =
  | {
      kind: 'answered';
      completion: Completion;
      /** Why the answer was stopped on its way, where it was. */
      earlyStop: EarlyStop | undefined;
      settle(outcome: AttemptOutcome, code?: string, recordOutcome?: Outcome): void;
    }
  | {
      kind: 'failed';
      error: ApiError;
      /** The error's message without what it repeats of the record. */
      safeMessage: string;
      failures: number;
      settle(recordOutcome?: Outcome): void;
    }
  | { kind: 'unfinished' };

/** What is known of an ended call beyond its identity. */
type AttemptFacts = Partial<AttemptEntry> & Pick<AttemptEntry, 'status'>;

const unfinished: QuestionEnd = { kind: 'unfinished' };

/** Makes the calls of one record and enters them into the ledger: each question until an answer comes or none will. */
export class RecordCalls {
  readonly #task: RecordTask;
  readonly #context: RecordContext;
  #attempts = 0;
  #usage: TokenUsage = zeroUsage;
  #tokenRefreshed = false;

  constructor(task: RecordTask, context: RecordContext) {
    this.#task = task;
    this.#context = context;
  }

  /** Calls made so far. */
  get attempts(): number {
    return this.#attempts;
  }

  /** Tokens of these calls, as far as they were reported. */
  get usage(): TokenUsage {
    return this.#usage;
  }

  /** Asks one question, and again after failures in transport. */
  async ask(messages: ChatMessage[], firstKind: AttemptKind): Promise<QuestionEnd> {
    const { maxAttempts, backoff, observer, stopping } = this.#context;
    const request = this.#context.buildRequest(messages);
    for (let failures = 1, kind = firstKind; ; failures += 1, kind = 'retry') {
      const end = await this.#call(request, kind, failures);
      if (end.kind !== 'failed') return end;
      const state = { failures, maxAttempts, tokenRefreshed: this.#tokenRefreshed };
      const decision = decideRetry(end.error, state, backoff);
      if (!decision.retry) return end;
      end.settle();
      this.#tokenRefreshed ||= end.error.status === 401;
      observer.onWait();
      try {
        await delay(decision.delayMs, stopping);
      } catch {
        return unfinished;
      } finally {
        observer.onWaitEnd();
      }
    }
  }

  /** Makes one call. */
  async #call(request: ChatRequest, kind: AttemptKind, failures: number): Promise<QuestionEnd> {
    const { journal, aborting, observer, pacer } = this.#context;
    const leave = await this.#takeLeave(request);
    if (leave === undefined) return unfinished;
    const { permit, reservation } = leave;
    this.#attempts += 1;
    const { id, index } = this.#task;
    const call = { id, index, attempt: this.#attempts, kind, at: new Date().toISOString() };
    const ordinal = await journal.open(reservation === undefined ? call : { ...call, mayCost: reservation });
    const startedAt = performance.now();
    let latencyMs = 0;
    const settle = (outcome: AttemptOutcome, facts: AttemptFacts, mayBeBilled: boolean, end?: Outcome): void => {
      const entry: AttemptEntry = { call: ordinal, ...call, tokens: zeroUsage, latencyMs, ...facts, outcome };
      this.#settle(entry, reservation, mayBeBilled, end);
    };
    try {
      const { completion, earlyStop } = await this.#context.complete(request, aborting);
      latencyMs = Math.round(performance.now() - startedAt);
      observer.onAnswer();
      pacer.release(permit, 'ok', completion.usage);
      if (completion.usage !== undefined) this.#usage = addUsage(this.#usage, completion.usage);
      const facts = this.#factsOf(completion, earlyStop);
      return {
        kind: 'answered',
        completion,
        earlyStop,
        settle: (outcome, code, end) => settle(outcome, code === undefined ? facts : { ...facts, code }, true, end),
      };
    } catch (error) {
      latencyMs = Math.round(performance.now() - startedAt);
      if (!(error instanceof ApiError)) {
        pacer.release(permit, 'failed');
        // A client that refuses a request has not sent it.
        if (error instanceof GleanerError) settle('failed', { status: null, code: 'refused_by_client' }, false);
        else settle('unsettled', { status: null, code: aborting.aborted ? 'aborted' : 'client_error' }, true);
        if (aborting.aborted) return unfinished;
        throw error;
      }
      const safeMessage = redactRecordText(error.message, request.messages);
      const mustSlowDown = observer.onFailure(error, safeMessage);
      pacer.release(permit, mustSlowDown || error.status === 429 ? 'throttled' : 'failed');
      if (error.status === 429 && error.retryAfterMs !== undefined) pacer.pause(error.retryAfterMs);
      const facts = { status: error.status ?? null, code: error.code ?? error.kind };
      return {
        kind: 'failed',
        error,
        safeMessage,
        failures,
        settle: (end) => settle('failed', facts, error.mayBeBilled, end),
      };
    }
  }

  #factsOf(
    { usage, model, trafficType, finishReason, content, thoughts }: Completion,
    earlyStop: EarlyStop | undefined,
  ): AttemptFacts {
    const facts: AttemptFacts = { status: 200 };
    if (usage !== undefined) facts.tokens = usage;
    if (earlyStop !== undefined) facts.isEstimated = true;
    if (model !== undefined) facts.model = model;
    if (trafficType !== undefined) facts.trafficType = trafficType;
    if (finishReason !== undefined) facts.finishReason = finishReason;
    if (!this.#context.logContent) return facts;
    if (content !== undefined) facts.content = content;
    if (thoughts !== undefined) facts.thoughts = thoughts;
    return facts;
  }

  #settle(
    entry: AttemptEntry,
    reservation: Spending | undefined,
    mayBeBilled: boolean,
    end: Outcome | undefined,
  ): void {
    const { journal, budget } = this.#context;
    if (reservation === undefined) return journal.settle(entry, end);
    // What a call really cost is not known without a report of the service: the most it can be counts.
    const isDoubtful = mayBeBilled && (entry.tokens.total === 0 || entry.isEstimated === true);
    const settled = isDoubtful ? { ...entry, mayCost: reservation } : entry;
    budget?.settle(reservation, settled);
    journal.settle(settled, end);
  }

  /** Leave to make one call: room in the budget, then a turn in the pace. Undefined when the run is stopping. */
  async #takeLeave(request: ChatRequest): Promise<{ permit: Permit; reservation: Spending | undefined } | undefined> {
    const { budget, pacer, observer, stopping } = this.#context;
    let reservation: Spending | undefined;
    try {
      if (budget !== undefined) {
        reservation = await budget.reserve(boundOf(request), stopping);
        if (reservation === undefined) {
          observer.onBudgetExhausted();
          return undefined;
        }
      }
      return { permit: await pacer.acquire(request.messages, stopping), reservation };
    } catch (reason) {
      if (reservation !== undefined) budget?.cancel(reservation);
      if (stopping.aborted) return undefined;
      throw reason;
    }
  }
}
