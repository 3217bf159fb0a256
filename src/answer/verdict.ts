import type { JsonObject, JsonValue } from '../json/value.ts';
import type { Coercion } from './coerce/coercion.ts';
import type { AnswerRepair } from './parse-answer.ts';
import type { AnswerProblemCode } from './problem.ts';
import type { ValueLogprobs } from './value-logprobs.ts';

/** One thing that is wrong with an answer. */
export interface AnswerIssue {
  /** JSON pointer into the answer, such as `/items/0/price`; empty for the whole answer. */
  path: string;
  /** As the schema words it; may quote the answer. */
  message: string;
}

export interface ValidAnswer<Output> {
  status: 'valid';
  /** What the schema made of the answer, after its transforms and defaults. */
  data: Output;
  /** `data` as it is written: plain JSON, taken from it once. */
  json: JsonValue;
  /** What the model answered, where that is not what `json` says. */
  answer?: JsonValue;
  /** How the answer had to be mended before its JSON could be read, where it had to. */
  repaired?: AnswerRepair;
  /** Where the answer was read in another form than it was written in, and by which rules. */
  coerced?: readonly Coercion[];
  /** How probable the model held the tokens of each value, where a server tells. */
  logprobs?: ValueLogprobs;
}

export interface InvalidAnswer {
  status: 'invalid';
  code: AnswerProblemCode;
  /** For people: what is wrong, with paths and expected types, and what to do; bounded, quotes no values. */
  message: string;
  /** The message's particulars alone, without meaning and advice. */
  reason: string;
  /** What the schema refused, at most 100 issues; empty for every other code. */
  issues: readonly AnswerIssue[];
  /** The answer as it came; undefined when the service sent no text. */
  text: string | undefined;
  /** Set where asking again would be paid for nothing, though it may help with other problems of this code. */
  isFinal?: true;
}

export type AnswerVerdict<Output> = ValidAnswer<Output> | InvalidAnswer;

/** What an answer is held against beside the zod schema. */
export interface AnswerShape {
  /** JSON Schema of what the model should write. Without one nothing is coerced, and unknown keys are dropped in silence. */
  schema?: JsonObject | undefined;
  /** Whether a value may be read in another form that says the same. Default true. */
  coerce?: boolean | undefined;
}
