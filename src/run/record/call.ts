import type { ApiError } from '../../completion/api-error.ts';
import type { ChatRequest } from '../../completion/request.ts';
import type { AttemptKind } from '../../store/entries.ts';
import type { AnswerUse, AskedPart, Exchange } from '../ports.ts';
import type { Outcome } from './outcome.ts';

export interface Call {
  request: ChatRequest;
  kind: AttemptKind;
  /** The part of a strategy that asks, where it has a name. */
  stage?: string | undefined;
  /** What of the record it asks for, where it takes several calls. */
  part?: AskedPart | undefined;
}

/** What came of a call that was sent. */
export type CallEnd =
  | ({ kind: 'answered' } & Pick<Exchange, 'completion' | 'earlyStop'>)
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
  /** Set where the record goes on and its answers are kept until it is done. */
  isKept?: boolean;
  next: Next;
}

/** What came of sending; `thrown` is something that no call is expected to come to. */
export type Sent = { end: CallEnd; billing: Billing } | { thrown: unknown; billing: Billing };

/** What a call is billed: nothing, the tokens that were reported, or nobody knows. */
export type Billing = 'none' | 'reported' | 'unknown';
