import type { AnswerVerdict } from '../answer/judge-answer.ts';
import type { Budget } from '../accounting/budget.ts';
import type { ApiError } from '../completion/api-error.ts';
import type { ChatMessage, ChatRequest } from '../completion/request.ts';
import type { Completion } from '../completion/response.ts';
import type { ExtractionTool } from '../extraction/define-tool.ts';
import type { BackoffOptions } from '../pacing/backoff.ts';
import type { Pacer } from '../pacing/pacer.ts';
import type { RecordFields } from '../records/record.ts';
import type { AttemptEntry, CallEntry } from '../store/entries.ts';
import type { Outcome } from './record/outcome.ts';
import type { EarlyStop } from './record/stream-answer.ts';

/** A record that is ready to be asked for. */
export interface RecordTask {
  id: string;
  index: number;
  fields: RecordFields;
  messages: ChatMessage[];
  fingerprint: string;
}

/** Where calls and outcomes are written down. */
export interface Journal {
  /** Notes a call; it may be sent once its ordinal is returned. */
  open(call: Omit<CallEntry, 'call'>): Promise<number>;
  /** Enters an ended call, with the outcome of its record if the call decided it. */
  settle(attempt: AttemptEntry, outcome?: Outcome): void;
}

export interface CallObserver {
  onAnswer(): void;
  /**
   * `safeMessage` is the error's message without what it repeats of the record.
   *
   * @returns whether the pace must fall
   */
  onFailure(error: ApiError, safeMessage: string): boolean;
  /** A record begins, and ends, to wait for the retry of a call. */
  onWait(): void;
  onWaitEnd(): void;
  /** The budget has no room for one more call. */
  onBudgetExhausted(): void;
}

export interface RecordContext {
  /** Makes one call, streamed or not. */
  complete(
    request: ChatRequest,
    signal: AbortSignal,
  ): Promise<{ completion: Completion; earlyStop?: EarlyStop | undefined }>;
  pacer: Pacer;
  journal: Journal;
  buildRequest(messages: ChatMessage[]): ChatRequest;
  judge(completion: Completion, task: RecordTask): Promise<AnswerVerdict<unknown>>;
  /** Functions the model may call, and for how many rounds. */
  tools: readonly ExtractionTool[];
  maxToolRounds: number;
  /** Most failed calls for one question before the record is rejected. */
  maxAttempts: number;
  /** Most times an invalid answer is answered with what is wrong with it. */
  maxReasks: number;
  backoff: BackoffOptions;
  /** Whether the ledger may hold answers and thoughts. */
  logContent: boolean;
  /** Reserves what a call may cost; without one there are no caps. */
  budget: Budget | undefined;
  /** Told how every call fared; may stop the run or make it wait. */
  observer: CallObserver;
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
