import type { ValidAnswer } from '../answer/judge-answer.ts';
import type { Coercion } from '../answer/coerce/coercion.ts';
import type { AnswerRepair } from '../answer/parse-answer.ts';
import type { EarlyEnd } from '../answer/early-stop/early-stopper.ts';
import type { ApiError } from '../completion/api-error.ts';
import type { ChatMessage, ChatRequest } from '../completion/request.ts';
import type { Completion } from '../completion/response.ts';
import type { TokenUsage } from '../completion/usage.ts';
import type { RequestChanges } from '../extraction/request.ts';
import type { CallSignal } from '../pacing/capacity.ts';
import type { BackoffOptions } from '../pacing/backoff.ts';
import type { RecordFields } from '../records/record.ts';
import type { AnsweredEntry, AttemptEntry, AttemptKind, CallEntry, Spending } from '../store/entries.ts';
import type { Trial } from '../cascade/threshold.ts';
import type { Conflict } from '../chunks/merge-parts.ts';
import type { EventListener } from './events.ts';
import type { Outcome, RejectReason } from './record/outcome.ts';

/** A record that is ready to be asked for. */
export interface RecordTask {
  id: string;
  index: number;
  fields: RecordFields;
  messages: ChatMessage[];
  /** The messages as JSON, where they are texts that have been written so already. */
  messagesJson?: string;
  fingerprint: string;
}

export interface OpenedCall {
  ordinal: number;
  /** Resolves when the note will outlive this process; several calls may share it. */
  isNoted: Promise<void>;
}

/** Where calls and outcomes are written down. */
export interface Journal {
  /** Notes a call under the next ordinal; it may be sent once it `isNoted`. */
  open(call: Omit<CallEntry, 'call'>): OpenedCall;
  /**
   * Enters an ended call, with the outcome of its record if the call decided it, or its answer where the record takes further calls and
   * the answer is to be kept for them. Called once for every opened call.
   */
  settle(attempt: AttemptEntry, outcome?: Outcome, answered?: AnsweredEntry): void;
  /** Enters an outcome that no further call decided. */
  end(outcome: Outcome): void;
}

/** Answers that an earlier session paid for, of records that it did not complete. Only where records take several calls. */
export interface KeptAnswers {
  /** An answer to this request of the record; each is given once. */
  take(task: RecordTask, requestKey: string): Answered | undefined;
}

/** An answer as it came. */
export type Answered = Pick<Exchange, 'completion'> & Partial<Pick<Exchange, 'earlyStop'>>;

/** Tells the time and waits. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Milliseconds since any moment, for durations: setting the clock does not move it. */
  elapsed(): number;
  /** Resolves after `ms` milliseconds; rejects at once with the signal's reason when it aborts. */
  delay(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Leave to make one call, known to the pacer that gave it only. */
export type Permit = object;

/** Decides when a call may go. `test/pacing/pacer-conformance.ts` holds what each implementation must do. */
export interface Pacer {
  /** Calls now allowed in flight, for those who look on. */
  readonly concurrencyLimit: number;
  /** How many calls at once the service was found to bear. */
  readonly callsBorne?: number | undefined;
  /** The quota that calls wait for now, where there is one. */
  readonly quotaWait?: 'requests' | 'tokens' | undefined;
  /** What else all calls wait for now, in words. */
  readonly waitsFor?: string | undefined;
  /** Rejects with the signal's reason when it aborts, and with a `RunStop` where waiting longer is of no use. */
  acquire(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<Permit>;
  /** A permit where one is free and nothing else is to be waited for: it costs no promise, which a call of most runs need not have. */
  tryAcquire?(): Permit | undefined;
  /** Called once for every permit, whatever became of the call; `usage` is what the service reported. */
  release(permit: Permit, signal: CallSignal, usage?: TokenUsage): void;
  /** Holds back all new calls for `ms`: the service asked for it, or so many calls have failed in this run. */
  pause(ms: number, reason?: 'retry-after' | 'outage'): void;
  /** Is told of calls that failed in a way that speaks of the service. */
  noteFailure?(): void;
}

/** Keeps a run within its caps. */
export interface Budget {
  /** Reserves the worst case of a call, waiting for others to give room back; undefined when there will not be enough. */
  reserve(request: ChatRequest, signal: AbortSignal): Promise<Spending | undefined>;
  /** As `reserve`, without waiting: undefined where there is no room now. */
  tryReserve?(request: ChatRequest): Spending | undefined;
  /**
   * Reserves the worst case of several calls at once, or of none of them. Where it is absent, the calls of a record are reserved one by
   * one.
   */
  reserveAll?(requests: readonly ChatRequest[], signal: AbortSignal): Promise<Spending[] | undefined>;
  /** Gives a reservation back for what the call has cost. */
  settle(reservation: Spending, entry: AttemptEntry): void;
  /** Gives back the reservation of a call that was not sent. */
  cancel(reservation: Spending): void;
  /** Whether calls wait for room now, for those who look on. */
  readonly isWaiting?: boolean;
  /** Whether a cap is too small for a single call, and nothing was spent yet. */
  readonly isBelowOneCall: boolean;
  /** Says what of the caps is used up, as the reason why a run ends. */
  describe(): string;
}

/** One question to a model. */
export interface Ask {
  /** Names the part of a strategy that asks; stands in the ledger. Not named where there is one part only. */
  stage?: string;
  /** What of a record it asks for, where a record takes several calls; stands in the ledger. */
  part?: AskedPart;
  messages: ChatMessage[];
  kind: Exclude<AttemptKind, 'retry'>;
  /** Another model or other settings than the extraction's. */
  changes?: RequestChanges;
}

export type AskedPart = Pick<AttemptEntry, 'sample' | 'samples' | 'chunk'>;

/** How a strategy ends a record. */
export type Verdict =
  | {
      kind: 'extracted';
      valid: ValidAnswer<unknown>;
      stage?: string;
      /** By JSON pointer, the share of the readings that agree. */
      confidence?: Readonly<Record<string, number>>;
      conflicts?: readonly Conflict[];
      trial?: Trial;
    }
  | { kind: 'rejected'; reason: RejectReason; answer?: string; trial?: Trial };

/** A question and the answer that came. */
export interface Exchange {
  ask: Ask;
  completion: Completion;
  /** Why the answer was stopped on its way, where it was. */
  earlyStop: EarlyEnd | undefined;
}

/** How the ledger enters a call that was answered. */
export interface AnswerUse {
  outcome: 'extracted' | 'part' | 'escalated' | 'tool_calls' | 'invalid';
  code?: string;
  repaired?: AnswerRepair;
  coerced?: readonly Coercion[];
}

/** What a strategy makes of an answer: what the call was good for, and what comes next. */
export interface Step {
  use: AnswerUse;
  next: { ask: Ask } | { verdict: Verdict };
}

/**
 * Decides what is asked for a record, and when it is done. It has no state of its own: one serves all records of a run. What of it
 * decides answers, beside the extraction, belongs to the fingerprint (`extraction/fingerprint.ts`).
 */
export interface Strategy {
  begin(task: RecordTask): Ask;
  /**
   * The questions that a record may take beside re-asks and tools, where they are several: a budget has room for all of them before the
   * first is asked. Where it is there, answers are kept until their record is done.
   */
  allOf?(task: RecordTask): readonly Ask[];
  /**
   * Judges the last of the exchanges, oldest first; at once where nothing is to be waited for.
   *
   * @throws the signal's reason when the signal aborts
   */
  next(task: RecordTask, exchanges: readonly Exchange[], signal: AbortSignal): Step | Promise<Step>;
}

/** What a question was answered with another way than by a call of this session. */
export interface EarlierAnswer {
  end: { completion: Completion } | { error: ApiError };
  /** What the ledger says of the call besides. */
  entry: Pick<AttemptEntry, 'at' | 'via' | 'job' | 'round' | 'line'>;
  /** Enters the call, with the outcome of its record if it decided that, or with the answer where it is to be kept. */
  enter(entry: AttemptEntry, outcome: Outcome | undefined, answered: AnsweredEntry | undefined): void;
}

/** Hands out the records that are to be asked for. */
export interface TaskFeed {
  /** Undefined at the end. */
  next(): Promise<RecordTask | undefined>;
}

export interface CallObserver {
  onAnswer(): void;
  /**
   * `safeMessage` is the error's message without what it repeats of the record.
   *
   * @returns whether the pace must fall
   */
  onFailure(error: ApiError, safeMessage: string): boolean;
  /** The service asked for a wait: no call goes out for `pauseMs`. */
  onPause(pauseMs: number): void;
  /** A record begins, and ends, to wait for the retry of a call. */
  onWait(): void;
  onWaitEnd(): void;
  /** Whether a record whose calls all failed says something of the service first: it has not answered a single call. */
  isUnanswered?(): boolean;
  /** The budget has no room for one more call. */
  onBudgetExhausted(): void;
}

export interface RecordContext {
  /** Makes one call, streamed or not. */
  complete(
    request: ChatRequest,
    signal: AbortSignal,
  ): Promise<{ completion: Completion; earlyStop?: EarlyEnd | undefined }>;
  /**
   * Finds what a question was answered with another way: nothing where it is to be asked, `later` where it is to be left for another
   * session.
   */
  answerFor?:
    | ((task: RecordTask, request: ChatRequest, kind: AttemptKind) => Promise<EarlierAnswer | 'later' | undefined>)
    | undefined;
  strategy: Strategy;
  clock: Clock;
  pacer: Pacer;
  journal: Journal;
  buildRequest(messages: ChatMessage[], changes?: RequestChanges, messagesJson?: string): ChatRequest;
  /** Most failed calls for one question before the record is rejected. */
  maxAttempts: number;
  backoff: BackoffOptions;
  /** Whether the ledger may hold answers and thoughts. */
  logContent: boolean;
  /** Answers of an earlier session, where they are kept: then those that do not end their record are kept, too. */
  answers?: KeptAnswers | undefined;
  /** Reserves what a call may cost; without one there are no caps. */
  budget: Budget | undefined;
  /** Told how every call fared; may stop the run or make it wait. */
  observer: CallObserver;
  /**
   * Takes `call-start`, `call-end` and `retry-wait` of every call, and `record-end` of the records whose last call ends them. Ends
   * that no call decides are the run's to tell.
   */
  emit?: EventListener | undefined;
  /** Aborts when no further call may be started. */
  stopping: AbortSignal;
  /** Aborts when calls in flight are to be given up. */
  aborting: AbortSignal;
}

/**
 * How the work on a record ended:
 * - `settled`: with an outcome, which the journal has;
 * - `refused`: the service or the credentials refuse the request. The journal does not have the outcome yet, because whether it speaks of
 *   this record or of the whole run is for the run to judge;
 * - `unfinished`: the run stops; the record is left for the next session.
 */
export type RecordEnd =
  | { kind: 'settled'; outcome: Outcome }
  | { kind: 'refused'; outcome: Outcome; error: ApiError; safeMessage: string }
  | { kind: 'unfinished' };
