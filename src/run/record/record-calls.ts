import { ApiError } from '../../completion/api-error.ts';
import type { ChatRequest } from '../../completion/request.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { AttemptEntry, AttemptKind, AttemptOutcome, CallEntry, Spending } from '../../store/entries.ts';
import type { AnswerUse, Exchange, Permit, RecordContext, RecordTask } from '../ports.ts';
import { tellCallEnd, tellRecordEnd } from './call-events.ts';
import type { Outcome } from './outcome.ts';
import { redactRecordText } from './redact-record-text.ts';

export interface Call {
  request: ChatRequest;
  kind: AttemptKind;
  /** The part of a strategy that asks, where it has a name. */
  stage?: string | undefined;
}

type Answer = Pick<Exchange, 'completion' | 'earlyStop'>;

/** What came of a call that was sent. */
export type CallEnd =
  | ({ kind: 'answered' } & Answer)
  | {
      kind: 'failed';
      error: ApiError;
      /** The error's message without what it repeats of the record. */
      safeMessage: string;
    };

/** How the ledger enters a call, and what comes next. */
export interface Decision<Next> {
  use: AnswerUse | { outcome: 'failed' };
  /** The record's outcome, where this call decides it. */
  record?: Outcome;
  next: Next;
}

/** What is known of an ended call beyond its identity. */
type AttemptFacts = Partial<AttemptEntry> & { status: number | null; outcome: AttemptOutcome };

/** What came of sending; `thrown` is something that no call is expected to come to. */
type Sent = { facts: AttemptFacts; mayBeBilled: boolean } & ({ end: CallEnd } | { thrown: unknown });

/** All that the ledger needs of an ended call. */
interface Settlement<Next> {
  facts: AttemptFacts;
  record?: Outcome | undefined;
  next: { value: Next } | { thrown: unknown };
}

/** Makes the calls of one record and enters each of them into the ledger. */
export class RecordCalls {
  readonly #task: RecordTask;
  readonly #context: RecordContext;
  #attempts = 0;
  #usage: TokenUsage = zeroUsage;

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

  /**
   * Makes one call, from its note to its line in the ledger: what is noted here is settled here, once, whatever is thrown on
   * the way. `decide` says what the call was good for.
   *
   * @returns what `decide` has come next; undefined when the run is stopping
   */
  async make<Next>(
    call: Call,
    decide: (end: CallEnd) => Decision<Next> | Promise<Decision<Next>>,
  ): Promise<Next | undefined> {
    const leave = await this.#takeLeave(call.request);
    if (leave === undefined) return undefined;
    const note = await this.#open(call, leave);
    const startedAt = this.#context.clock.elapsed();
    const sent = await this.#send(call.request, leave.permit);
    const latencyMs = Math.round(this.#context.clock.elapsed() - startedAt);
    const { facts, record, next } = await this.#conclude(sent, decide);
    const entry: AttemptEntry = { ...note, tokens: zeroUsage, latencyMs, ...facts };
    this.#settle(entry, leave.reservation, sent.mayBeBilled, record);
    this.#tell(entry, sent, record);
    if ('value' in next) return next.value;
    if (this.#context.aborting.aborted) return undefined;
    throw next.thrown;
  }

  /** Reserves budget, then waits for a permit. Undefined when the run is stopping. */
  async #takeLeave(request: ChatRequest): Promise<{ permit: Permit; reservation: Spending | undefined } | undefined> {
    const { budget, pacer, observer, stopping } = this.#context;
    let reservation: Spending | undefined;
    try {
      if (budget !== undefined) {
        reservation = await budget.reserve(request, stopping);
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

  /** Notes a call that is about to be sent. */
  async #open(
    { kind, stage }: Call,
    { permit, reservation }: { permit: Permit; reservation: Spending | undefined },
  ): Promise<Omit<CallEntry, 'mayCost'> & { stage?: string }> {
    const { journal, clock, pacer, budget, emit } = this.#context;
    this.#attempts += 1;
    const { id, index } = this.#task;
    const attempt = this.#attempts;
    const call = { id, index, attempt, kind, at: new Date(clock.now()).toISOString() };
    let ordinal: number;
    try {
      ordinal = await journal.open(reservation === undefined ? call : { ...call, mayCost: reservation });
    } catch (error) {
      pacer.release(permit, 'failed');
      if (reservation !== undefined) budget?.cancel(reservation);
      throw error;
    }
    emit?.({ type: 'call-start', id, index, attempt, kind });
    return stage === undefined ? { call: ordinal, ...call } : { call: ordinal, ...call, stage };
  }

  async #send(request: ChatRequest, permit: Permit): Promise<Sent> {
    const { aborting, complete, logContent, pacer } = this.#context;
    let answer: Answer;
    try {
      const { completion, earlyStop } = await complete(request, aborting);
      answer = { completion, earlyStop };
    } catch (error) {
      if (error instanceof ApiError) return this.#failed(error, request, permit);
      pacer.release(permit, 'failed');
      const outcome = error instanceof GleanerError ? 'failed' : 'unsettled';
      const code = outcome === 'failed' ? 'refused_by_client' : aborting.aborted ? 'aborted' : 'client_error';
      // A client that refuses a request has not sent it.
      return { thrown: error, facts: { status: null, outcome, code }, mayBeBilled: outcome === 'unsettled' };
    }
    const { usage } = answer.completion;
    pacer.release(permit, 'ok', usage);
    if (usage !== undefined) this.#usage = addUsage(this.#usage, usage);
    return { end: { kind: 'answered', ...answer }, facts: factsOf(answer, logContent), mayBeBilled: true };
  }

  #failed(error: ApiError, request: ChatRequest, permit: Permit): Sent {
    const { observer, pacer } = this.#context;
    const safeMessage = redactRecordText(error.message, request.messages, this.#task.fields);
    // A connection that the server had closed while it was idle says nothing of how the service fares.
    const mustSlowDown = !error.isStaleConnection && observer.onFailure(error, safeMessage);
    pacer.release(permit, mustSlowDown || error.status === 429 ? 'throttled' : 'failed');
    if (error.status === 429 && error.retryAfterMs !== undefined) {
      pacer.pause(error.retryAfterMs);
      observer.onPause(error.retryAfterMs);
    }
    const { usage } = error;
    if (usage !== undefined) this.#usage = addUsage(this.#usage, usage);
    const facts = { status: error.status ?? null, outcome: 'failed', code: error.code ?? error.kind } as const;
    return {
      end: { kind: 'failed', error, safeMessage },
      facts: usage === undefined ? facts : { ...facts, tokens: usage },
      mayBeBilled: error.mayBeBilled,
    };
  }

  /** Never throws: a call that was sent is settled, whatever goes wrong with its answer afterwards. */
  async #conclude<Next>(
    sent: Sent,
    decide: (end: CallEnd) => Decision<Next> | Promise<Decision<Next>>,
  ): Promise<Settlement<Next>> {
    if ('thrown' in sent) return { facts: sent.facts, next: { thrown: sent.thrown } };
    const { observer, aborting } = this.#context;
    try {
      if (sent.end.kind === 'answered') observer.onAnswer();
      const { use, record, next } = await decide(sent.end);
      return { facts: { ...sent.facts, ...use }, record, next: { value: next } };
    } catch (thrown) {
      const code = aborting.aborted ? 'aborted' : 'internal_error';
      return { facts: { ...sent.facts, code }, next: { thrown } };
    }
  }

  /** The one place where calls are entered into the ledger. */
  #settle(
    entry: AttemptEntry,
    reservation: Spending | undefined,
    mayBeBilled: boolean,
    record: Outcome | undefined,
  ): void {
    const { journal, budget } = this.#context;
    if (reservation === undefined) return journal.settle(entry, record);
    // What a call really cost is not known without a report of a whole answer: the most it can be counts.
    const isWhole = entry.tokens.total > 0 && entry.isEstimated !== true && entry.outcome !== 'failed';
    const isDoubtful = mayBeBilled && !isWhole;
    const settled = isDoubtful ? { ...entry, mayCost: reservation } : entry;
    budget?.settle(reservation, settled);
    journal.settle(settled, record);
  }

  #tell(entry: AttemptEntry, sent: Sent, record: Outcome | undefined): void {
    const { emit } = this.#context;
    if (emit === undefined) return;
    const end = 'end' in sent ? sent.end : undefined;
    tellCallEnd(emit, entry, end?.kind === 'failed' ? end.safeMessage : undefined);
    if (record !== undefined) tellRecordEnd(emit, record);
  }
}

/** What is known of a call that was answered; good for nothing until somebody has decided what for. */
function factsOf({ completion, earlyStop }: Answer, logContent: boolean): AttemptFacts {
  const { usage, model, trafficType, finishReason, content, thoughts } = completion;
  const facts: AttemptFacts = { status: 200, outcome: 'invalid' };
  if (usage !== undefined) facts.tokens = usage;
  if (earlyStop !== undefined) facts.isEstimated = true;
  if (model !== undefined) facts.model = model;
  if (trafficType !== undefined) facts.trafficType = trafficType;
  if (finishReason !== undefined) facts.finishReason = finishReason;
  if (!logContent) return facts;
  if (content !== undefined) facts.content = content;
  if (thoughts !== undefined) facts.thoughts = thoughts;
  return facts;
}
