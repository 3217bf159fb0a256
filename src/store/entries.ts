import type { Coercion } from '../answer/coerce/coercion.ts';
import type { EarlyEnd } from '../answer/early-stop/early-stopper.ts';
import type { Trial } from '../cascade/threshold.ts';
import type { Conflict } from '../chunks/merge-parts.ts';
import type { AnswerRepair } from '../answer/parse-answer.ts';
import type { ValueLogprobs } from '../answer/value-logprobs.ts';
import type { Completion } from '../completion/response.ts';
import type { TokenUsage } from '../completion/usage.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';

/** A line of results.jsonl: one record's validated answer. */
export interface ResultEntry {
  id: string;
  index: number;
  data: JsonValue;
  /** What the model answered, where the schema made something else of it. */
  answer?: JsonValue;
  /** Calls made for the record. */
  attempts: number;
  /** Tokens of all of these calls. */
  tokens: TokenUsage;
  fingerprint: string;
  /** Set where the answer was carried over and not asked for in this run. */
  reused?: true;
  /** How the answer was mended before it could be read, where it was. */
  repaired?: AnswerRepair;
  /** Where the answer was read in another form than it was written in, and by which rules. */
  coerced?: readonly Coercion[];
  /** The part of a strategy that the answer is of, where it has a name. */
  stage?: string;
  /**
   * By JSON pointer, the share of the readings of the record that agree in a value, from 0 to 1; only where there were several. It is a
   * signal, no probability: `gleaner eval` makes one of it.
   */
  confidence?: Readonly<Record<string, number>>;
  /** By JSON pointer, the mean log probability of a value's tokens, where a server tells: a signal, as `confidence` is. */
  logprobs?: ValueLogprobs;
  /** Where the parts of a long record differ. */
  conflicts?: readonly Conflict[];
  /** Where a cheap answer was held against the strong model's: how sure it looked, and whether they agree. */
  trial?: Trial;
  /** Who said what of it when, where labels were applied: `data` is as people said, `answer` as the model did. */
  labels?: readonly { path: string; by: string; at: string }[];
  /** `data` before labels were applied, where the schema had made it of another `answer`. */
  unlabelled?: JsonValue;
}

/** A line of rejects.jsonl: a record that ended without a result, with all that is needed to look into it or replay it. */
export interface RejectEntry {
  /** Null for a row that could not be read far enough to have an id. */
  id: string | null;
  index: number;
  error: {
    code: string;
    message: string;
    line?: number;
    status?: number;
    issues?: readonly { path: string; message: string }[];
  };
  attempts: number;
  tokens: TokenUsage;
  /** The record's fields; the row's text where it could not be read. */
  record: JsonObject | string;
  /** The model's last answer, where there was one. */
  answer?: string;
  fingerprint?: string;
  /** Where a cheap answer was held against the strong model's, which gave none. */
  trial?: Trial;
}

/**
 * - `first`: a record's first call;
 * - `retry`: the same again, after a failure in transport;
 * - `re-ask`: an invalid answer is sent back with what is wrong;
 * - `tool`: goes on with a conversation in which functions were called;
 * - `sample`: a further reading of the same record;
 * - `escalation`: the stronger model of a cascade is asked;
 * - `chunk`: a further part of a long record, or a further pass over it;
 * - `decision`: the model is asked which of the values holds that the parts of a record gave.
 */
export type AttemptKind = 'first' | 'retry' | 're-ask' | 'tool' | 'sample' | 'escalation' | 'chunk' | 'decision';

/**
 * - `extracted`: the answer became the record's result;
 * - `part`: the answer is one of several that the record's result is made of;
 * - `escalated`: the answer was not sure enough, and a stronger model was asked;
 * - `tool_calls`: the answer called functions, and the conversation went on;
 * - `invalid`: an answer came, was billed and could not be used; `code` says why;
 * - `failed`: no usable response;
 * - `unsettled`: the process ended, or gave up, before the response was known; it may have been billed.
 */
export type AttemptOutcome = 'extracted' | 'part' | 'escalated' | 'tool_calls' | 'invalid' | 'failed' | 'unsettled';

/** A line of attempts.jsonl, the ledger: one call. */
export interface AttemptEntry {
  /** Ordinal of the call in this run directory, from 1. */
  call: number;
  id: string;
  index: number;
  /** Ordinal of the call among its record's calls in one session, from 1. */
  attempt: number;
  kind: AttemptKind;
  /** The part of a strategy that asked, where it has a name. */
  stage?: string;
  /** Which reading of the record it asked for, from 1, where there are several. */
  sample?: number;
  /** How many readings it asked for at once, where there were several. */
  samples?: number;
  /** Which part of a long record it asked about, from 1. */
  chunk?: number;
  /** HTTP status; null when no response came. */
  status: number | null;
  outcome: AttemptOutcome;
  /** Why the attempt did not end in a result: a reject code, or the service's or system's error code. */
  code?: string;
  tokens: TokenUsage;
  model?: string;
  trafficType?: string;
  finishReason?: string;
  /** Set where the answer was left before its end, so that the tokens are an estimate of ours. */
  isEstimated?: true;
  /** How the answer was mended before it could be read, where it was. */
  repaired?: AnswerRepair;
  /** Where the answer was read in another form than it was written in, and by which rules. */
  coerced?: readonly Coercion[];
  /** The answer's text and the model's thoughts, only where the run was told to log content. */
  content?: string;
  thoughts?: string;
  /** Milliseconds from sending to the end of the response. */
  latencyMs?: number;
  /** When the call was sent, ISO 8601. */
  at: string;
  /** Set where a batch job made the call: it has another price. */
  via?: 'batch';
  /** The job, its round, and the line of its output, from 0. */
  job?: string;
  round?: number;
  line?: number;
  /** Set where the call's cost is not or not all known: the most it can be, which counts as spent under a budget. */
  mayCost?: Spending;
}

/**
 * A line of answered.jsonl: an answer of a record that takes several calls and is not done yet, so that the next session need not pay
 * for it again. Without `completion`: what stands before of this record does not count any more.
 */
export interface AnsweredEntry {
  id: string;
  fingerprint: string;
  /** Tells one request from another. */
  request?: string;
  completion?: Completion;
  /** Why the answer was left on its way, where it was. */
  earlyStop?: EarlyEnd;
}

/** What calls cost, in both currencies of a budget. */
export interface Spending {
  tokens: number;
  /** Billionths of a US dollar; absent where the price is not known. */
  nanoUsd?: number;
}

/** A line of inflight.jsonl: a call about to be sent. The file lasts as long as a session. */
export interface CallEntry {
  call: number;
  id: string;
  index: number;
  attempt: number;
  kind: AttemptKind;
  at: string;
  /** The most the call can cost. */
  mayCost?: Spending;
}
