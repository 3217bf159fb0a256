/** Why an answer of the model cannot be used. A closed set: these codes are also the reject codes of such records. */
export type AnswerProblemCode =
  | 'invalid_json'
  | 'schema_violation'
  | 'not_grounded'
  | 'empty_answer'
  | 'refusal'
  | 'content_filter'
  | 'truncated_thinking'
  | 'truncated_answer'
  | 'truncated_loop'
  | 'unexpected_finish';

export interface AnswerProblem {
  /** What happened, in words for a report. */
  meaning: string;
  /** Whether asking again with the reasons may give a usable answer. The others would be paid twice for nothing. */
  canReask: boolean;
  /** What the user can do about it; ends the message of a reject. */
  advice: string;
}

export const PROBLEM_TABLE: Readonly<Record<AnswerProblemCode, Readonly<AnswerProblem>>> = {
  invalid_json: {
    meaning: 'The answer is not one JSON value',
    canReask: true,
    advice: 'ask for JSON only in the instructions, or use a model that follows the response format',
  },
  schema_violation: {
    meaning: 'The answer is JSON but the schema refuses it',
    canReask: true,
    advice: 'state the rule in the instructions or in the description of the field, or relax the schema',
  },
  not_grounded: {
    meaning: 'A value of the answer does not stand in the record',
    canReask: true,
    advice: 'look at the record; make the field nullable, or take it from requireEvidence if it need not stand there',
  },
  empty_answer: {
    meaning: 'The model ended without writing anything',
    canReask: true,
    advice: 'simplify the schema: features the model does not support can give an empty answer',
  },
  refusal: {
    meaning: 'The model declined to answer',
    canReask: false,
    advice: 'check whether the record and the instructions are acceptable to the model',
  },
  content_filter: {
    meaning: 'The service blocked the prompt or the answer',
    canReask: false,
    advice: 'check the record for blocked content',
  },
  truncated_thinking: {
    meaning: 'Thinking used up the output tokens before the answer was written',
    canReask: false,
    advice: 'raise request.maxTokens or lower the thinking budget',
  },
  truncated_answer: {
    meaning: 'The answer is longer than the output tokens allow',
    canReask: false,
    advice: 'raise request.maxTokens, ask for less, or split the record',
  },
  truncated_loop: {
    meaning: 'The model repeated itself until the output tokens were used up',
    canReask: false,
    advice:
      'bound the field in its description or the schema, or use another temperature or model; more tokens do not help',
  },
  unexpected_finish: {
    meaning: 'The model ended for a reason that gives no usable answer',
    canReask: false,
    advice:
      'ends such as OTHER and MALFORMED_FUNCTION_CALL pass: gleaner retry asks again; look others up in the documentation of the model',
  },
};
