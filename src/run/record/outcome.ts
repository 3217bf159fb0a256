import type { Coercion } from '../../answer/coerce/coercion.ts';
import type { Trial } from '../../cascade/threshold.ts';
import type { Conflict } from '../../chunks/merge-parts.ts';
import type { AnswerRepair } from '../../answer/parse-answer.ts';
import type { AnswerProblemCode } from '../../answer/problem.ts';
import type { ValueLogprobs } from '../../answer/value-logprobs.ts';
import type { TokenUsage } from '../../completion/usage.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';

/**
 * Why a record was rejected: a closed set. The codes of `AnswerProblemCode` speak of an answer that came; of the others,
 * - `bad_record`: the row cannot be read, has no id or one that another record has, or does not fit the prompt;
 * - `definition_error`: a function of the definition, its prompt or its id, threw for this record;
 * - `request_refused`: the service refuses this record's request (status 400, 401, 403, 404, 413 or the like);
 * - `rate_limited`: still refused for quota (429) after the last attempt;
 * - `service_error`: still a server error (5xx) after the last attempt;
 * - `timeout`: still no complete answer in time (or 408) after the last attempt;
 * - `network_error`: still no connection after the last attempt;
 * - `unreadable_response`: still a response that is no completion after the last attempt;
 * - `tool_error`: a handler of the definition's tools failed;
 * - `too_many_tool_rounds`: the model went on calling functions.
 */
export type RejectCode =
  | AnswerProblemCode
  | 'bad_record'
  | 'definition_error'
  | 'request_refused'
  | 'rate_limited'
  | 'service_error'
  | 'timeout'
  | 'network_error'
  | 'unreadable_response'
  | 'tool_error'
  | 'too_many_tool_rounds';

export interface RejectReason {
  code: RejectCode;
  message: string;
  /** 1-based line of the input, for a row that could not be read. */
  line?: number;
  /** HTTP status of the last response, where it decided. */
  status?: number;
  /** What the schema found wrong. */
  issues?: readonly { path: string; message: string }[];
}

export interface OutcomeBase {
  /** Null for a row that could not be read far enough to have an id. */
  recordId: string | null;
  index: number;
  /** Calls made for the record. */
  attempts: number;
  /** Tokens of all these calls, as the service reported them. */
  usage: TokenUsage;
  /** Where a cheap answer was held against the strong model's: how sure it looked, and whether they agree. */
  trial?: Trial;
}

/** A record's end. */
export type Outcome<Data = unknown> =
  | (OutcomeBase & {
      status: 'extracted';
      recordId: string;
      /** What the schema made of the answer. */
      data: Data;
      /** `data` as it is written: plain JSON, taken from it once. */
      json: JsonValue;
      /** What the model answered, where that is not what `json` says. */
      answer?: JsonValue;
      fingerprint: string;
      /** Whether the answer was carried over from an earlier run, or an earlier state of this one. */
      isReused: boolean;
      /** How the answer was mended before it could be read, where it was. */
      repaired?: AnswerRepair;
      /** Where the answer was read in another form than it was written in. */
      coerced?: readonly Coercion[];
      /** The part of a strategy that the answer is of, where it has a name. */
      stage?: string;
      /** By JSON pointer, the share of the readings of the record that agree in a value; only where there were several. */
      confidence?: Readonly<Record<string, number>>;
      /** By JSON pointer, the mean log probability of a value's tokens, where a server tells: a signal, as `confidence` is. */
      logprobs?: ValueLogprobs;
      /** Where the parts of a long record differ. */
      conflicts?: readonly Conflict[];
    })
  | (OutcomeBase & {
      status: 'rejected';
      reason: RejectReason;
      /** The record's fields; the row's text where it could not be read. */
      record: JsonObject | string;
      /** The model's last answer, where there was one. */
      answer?: string;
      fingerprint?: string;
    });
