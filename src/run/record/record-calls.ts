import { ApiError } from '../../completion/api-error.ts';
import type { ChatRequest } from '../../completion/request.ts';
import { addUsage, zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { Completion } from '../../completion/response.ts';
import type { AnsweredEntry, AttemptEntry, CallEntry, Spending } from '../../store/entries.ts';
import type { Answered, EarlierAnswer, Permit, RecordContext, RecordTask } from '../ports.ts';
import { isoTime } from '../../text/iso-time.ts';
import type { Billing, Call, CallEnd, Decision, Sent } from './call.ts';
import { tellCallEnd, tellRecordEnd } from './call-events.ts';
import { giveBack, takeLeave, type Leave } from './call-leave.ts';
import { answeredEntry, billingOf } from './ledger-line.ts';
import type { Outcome } from './outcome.ts';
import { redactRecordText } from './redact-record-text.ts';

/** What follows a call that was sent. */
type Conclusion<Next> =
  { record?: Outcome | undefined; isKept?: boolean | undefined; next: Next } | { thrown: unknown };

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
    const { answerFor } = this.#context;
    const earlier = answerFor && (await answerFor(this.#task, call.request, call.kind));
    if (earlier === 'later') return undefined;
    if (earlier !== undefined) return this.#takeEarlier(call, earlier, decide);
    const leave = this.#takeLeaveAtOnce(call.request) ?? (await takeLeave(this.#context, call.request));
    if (leave === undefined) return undefined;
    const entry = this.#entryOf(call);
    try {
      await this.#note(entry, leave.reservation);
    } catch (error) {
      giveBack(this.#context, leave);
      throw error;
    }
    this.#tellStart(entry);
    const startedAt = this.#context.clock.elapsed();
    const sent = await this.#send(call.request, leave.permit, entry);
    entry.latencyMs = Math.round(this.#context.clock.elapsed() - startedAt);
    const concluding = this.#conclude(sent, entry, decide);
    const conclusion = concluding instanceof Promise ? await concluding : concluding;
    const record = 'thrown' in conclusion ? undefined : conclusion.record;
    const isKept = 'next' in conclusion && conclusion.isKept === true;
    const answered = isKept ? answeredEntry(this.#task, call.request, sent) : undefined;
    this.#settle(entry, leave.reservation, sent.billing, { record, answered });
    this.#tell(entry, sent, record);
    if (!('thrown' in conclusion)) return conclusion.next;
    if (this.#context.aborting.aborted) return undefined;
    throw conclusion.thrown;
  }

  /**
   * Takes an answer that an earlier session paid for in place of a call; the ledger has it already. Where it ends the record, that is
   * entered.
   */
  async repeat<Next>(
    answered: Answered,
    decide: (end: CallEnd) => Decision<Next> | Promise<Decision<Next>>,
  ): Promise<Next | undefined> {
    const { aborting, journal } = this.#context;
    const { completion, earlyStop } = answered;
    const { usage } = completion;
    this.#attempts += 1;
    if (usage !== undefined) this.#usage = addUsage(this.#usage, usage);
    try {
      const { record, next } = await decide({ kind: 'answered', completion, earlyStop });
      if (record !== undefined) journal.end(record);
      return next;
    } catch (error) {
      if (aborting.aborted) return undefined;
      throw error;
    }
  }

  /** Settles a call that was answered before: nothing is sent, reserved or waited for. */
  async #takeEarlier<Next>(
    { kind, stage, request }: Call,
    { end, entry: known, enter }: EarlierAnswer,
    decide: (end: CallEnd) => Decision<Next> | Promise<Decision<Next>>,
  ): Promise<Next | undefined> {
    const { emit, aborting } = this.#context;
    this.#attempts += 1;
    const { id, index } = this.#task;
    const entry: AttemptEntry = {
      call: 0,
      id,
      index,
      attempt: this.#attempts,
      kind,
      status: null,
      outcome: 'failed',
      tokens: zeroUsage,
      ...known,
    };
    if (stage !== undefined) entry.stage = stage;
    const sent =
      'error' in end ? this.#earlierFailure(end.error, request, entry) : this.#earlierAnswer(end.completion, entry);
    const conclusion = await this.#conclude({ end: sent, billing: 'reported' }, entry, decide);
    const record = 'thrown' in conclusion ? undefined : conclusion.record;
    const isKept = 'next' in conclusion && conclusion.isKept === true;
    enter(entry, record, isKept ? answeredEntry(this.#task, request, { end: sent, billing: 'reported' }) : undefined);
    if (emit !== undefined && record !== undefined) tellRecordEnd(emit, record);
    if (!('thrown' in conclusion)) return conclusion.next;
    if (aborting.aborted) return undefined;
    throw conclusion.thrown;
  }

  #earlierAnswer(completion: Completion, entry: AttemptEntry): CallEnd {
    if (completion.usage !== undefined) this.#usage = addUsage(this.#usage, completion.usage);
    this.#enterAnswer({ completion }, entry);
    return { kind: 'answered', completion, earlyStop: undefined };
  }

  #earlierFailure(error: ApiError, request: ChatRequest, entry: AttemptEntry): CallEnd {
    entry.status = error.status ?? null;
    entry.code = error.code ?? error.kind;
    return { kind: 'failed', error, safeMessage: redactRecordText(error.message, request.messages, this.#task.fields) };
  }

  /** As `takeLeave`, which most calls need not wait for; undefined where this one may have to. */
  #takeLeaveAtOnce(request: ChatRequest): Leave | undefined {
    const { budget, pacer, stopping } = this.#context;
    if (stopping.aborted || pacer.tryAcquire === undefined) return undefined;
    const reservation = budget?.tryReserve?.(request);
    if (budget !== undefined && reservation === undefined) return undefined;
    const permit = pacer.tryAcquire();
    if (permit !== undefined) return { permit, reservation };
    if (reservation !== undefined) budget?.cancel(reservation);
    return undefined;
  }

  /** What is known of a call that is about to be made. The entry is filled in place until the call is settled: every call passes here. */
  #entryOf({ kind, stage, part }: Call): AttemptEntry {
    this.#attempts += 1;
    const { id, index } = this.#task;
    const attempt = this.#attempts;
    const at = isoTime(this.#context.clock.now());
    const unknown = { status: null, outcome: 'unsettled', tokens: zeroUsage, latencyMs: 0 } as const;
    if (stage === undefined && part === undefined) return { call: 0, id, index, attempt, kind, at, ...unknown };
    const named = stage === undefined ? part : { stage, ...part };
    return { call: 0, id, index, attempt, kind, ...named, at, ...unknown };
  }

  /** Resolves when the call may be sent. */
  #note(entry: AttemptEntry, reservation: Spending | undefined): Promise<void> {
    const { id, index, attempt, kind, at } = entry;
    const call: Omit<CallEntry, 'call'> = { id, index, attempt, kind, at };
    if (reservation !== undefined) call.mayCost = reservation;
    const { ordinal, isNoted } = this.#context.journal.open(call);
    entry.call = ordinal;
    return isNoted;
  }

  async #send(request: ChatRequest, permit: Permit, entry: AttemptEntry): Promise<Sent> {
    const { aborting, complete, pacer } = this.#context;
    let answer: Answered;
    try {
      answer = await complete(request, aborting);
    } catch (error) {
      if (error instanceof ApiError) return this.#failed(error, { request, permit, entry });
      pacer.release(permit, 'failed');
      const isRefused = error instanceof GleanerError;
      entry.outcome = isRefused ? 'failed' : 'unsettled';
      entry.code = isRefused ? 'refused_by_client' : aborting.aborted ? 'aborted' : 'client_error';
      // A client that refuses a request has not sent it.
      return { thrown: error, billing: isRefused ? 'none' : 'unknown' };
    }
    const { completion, earlyStop } = answer;
    const { usage } = completion;
    pacer.release(permit, 'ok', usage);
    if (usage !== undefined) this.#usage = addUsage(this.#usage, usage);
    this.#enterAnswer(answer, entry);
    const isReported = usage !== undefined && usage.total > 0 && earlyStop === undefined;
    return { end: { kind: 'answered', completion, earlyStop }, billing: isReported ? 'reported' : 'unknown' };
  }

  #failed(
    error: ApiError,
    { request, permit, entry }: { request: ChatRequest; permit: Permit; entry: AttemptEntry },
  ): Sent {
    const { observer, pacer } = this.#context;
    const safeMessage = redactRecordText(error.message, request.messages, this.#task.fields);
    // A connection that the server had closed while it was idle says nothing of how the service fares.
    const mustSlowDown = !error.isStaleConnection && observer.onFailure(error, safeMessage);
    pacer.release(permit, mustSlowDown || error.status === 429 ? 'throttled' : 'failed');
    if (error.status === 429 && error.retryAfterMs !== undefined) {
      pacer.pause(error.retryAfterMs);
      observer.onPause(error.retryAfterMs);
    }
    entry.status = error.status ?? null;
    entry.outcome = 'failed';
    entry.code = error.code ?? error.kind;
    if (error.usage !== undefined) {
      this.#usage = addUsage(this.#usage, error.usage);
      entry.tokens = error.usage;
    }
    return { end: { kind: 'failed', error, safeMessage }, billing: billingOf(error) };
  }

  /** What is known of a call that was answered; good for nothing until somebody has decided what for. */
  #enterAnswer({ completion, earlyStop }: Answered, entry: AttemptEntry): void {
    const { usage, model, trafficType, finishReason, content, thoughts } = completion;
    entry.status = 200;
    entry.outcome = 'invalid';
    if (usage !== undefined) entry.tokens = usage;
    if (earlyStop !== undefined) entry.isEstimated = true;
    if (model !== undefined) entry.model = model;
    if (trafficType !== undefined) entry.trafficType = trafficType;
    if (finishReason !== undefined) entry.finishReason = finishReason;
    if (!this.#context.logContent) return;
    if (content !== undefined) entry.content = content;
    if (thoughts !== undefined) entry.thoughts = thoughts;
  }

  /** Never throws or rejects: a call that was sent is settled, whatever goes wrong with its answer afterwards. */
  #conclude<Next>(
    sent: Sent,
    entry: AttemptEntry,
    decide: (end: CallEnd) => Decision<Next> | Promise<Decision<Next>>,
  ): Conclusion<Next> | Promise<Conclusion<Next>> {
    if ('thrown' in sent) return sent;
    const take = ({ use, record, isKept, next }: Decision<Next>): Conclusion<Next> => {
      Object.assign(entry, use);
      return { record, isKept, next };
    };
    const fail = (thrown: unknown): Conclusion<Next> => {
      entry.code = this.#context.aborting.aborted ? 'aborted' : 'internal_error';
      return { thrown };
    };
    try {
      if (sent.end.kind === 'answered') this.#context.observer.onAnswer();
      const deciding = decide(sent.end);
      return deciding instanceof Promise ? deciding.then(take).catch(fail) : take(deciding);
    } catch (thrown) {
      return fail(thrown);
    }
  }

  /** The one place where calls are entered into the ledger. */
  #settle(
    entry: AttemptEntry,
    reservation: Spending | undefined,
    billing: Billing,
    { record, answered }: { record: Outcome | undefined; answered: AnsweredEntry | undefined },
  ): void {
    const { journal, budget } = this.#context;
    if (reservation === undefined) return journal.settle(entry, record, answered);
    // What a call really cost is not known without a report at the end of its answer: the most it can be counts.
    const settled = billing === 'unknown' ? { ...entry, mayCost: reservation } : entry;
    budget?.settle(reservation, settled);
    journal.settle(settled, record, answered);
  }

  #tellStart({ id, index, attempt, kind }: AttemptEntry): void {
    this.#context.emit?.({ type: 'call-start', id, index, attempt, kind });
  }

  #tell(entry: AttemptEntry, sent: Sent, record: Outcome | undefined): void {
    const { emit } = this.#context;
    if (emit === undefined) return;
    const end = 'end' in sent ? sent.end : undefined;
    tellCallEnd(emit, entry, end?.kind === 'failed' ? end.safeMessage : undefined);
    if (record !== undefined) tellRecordEnd(emit, record);
  }
}
