import type { Completion } from '../completion/response.ts';

export type Finish = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'unexpected';

/**
 * The leading word decides: the service has sent such strings as "content_filter: RECITATION" and
 * "function_call_filter: MALFORMED_FUNCTION_CALL". The upper-case names are Gemini's own; `eos_token`, `stop_sequence` and
 * `end_turn` come from self-deployed servers and from gateways.
 */
const FINISH_BY_WORD: ReadonlyMap<string, Finish> = new Map([
  ['stop', 'stop'],
  ['eos', 'stop'],
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop'],
  ['end_turn', 'stop'],
  ['complete', 'stop'],
  ['tool_calls', 'tool_calls'],
  ['tool_use', 'tool_calls'],
  ['function_call', 'tool_calls'],
  ['length', 'length'],
  ['max_tokens', 'length'],
  ['content_filter', 'content_filter'],
  ['safety', 'content_filter'],
  ['recitation', 'content_filter'],
  ['blocklist', 'content_filter'],
  ['prohibited_content', 'content_filter'],
  ['spii', 'content_filter'],
  ['refusal', 'refusal'],
]);

/** Gemini ends so now and then, and another try is answered; the words of "function_call_filter: OTHER" count each. */
const PASSING_WORDS: ReadonlySet<string> = new Set([
  'malformed_function_call',
  'malformed_response',
  'unexpected_tool_call',
  'other',
  'finish_reason_unspecified',
  'error',
]);

/** Sorts a finish reason, an open string. An absent one counts as `stop`: the text then decides. */
export function readFinish(reason: string | undefined): Finish {
  if (reason === undefined || reason === 'stop') return 'stop';
  const word = /^\w{1,40}/.exec(reason)?.[0].toLowerCase() ?? '';
  return FINISH_BY_WORD.get(word) ?? 'unexpected';
}

/**
 * Whether the service ended a call in a way that says nothing of the question, so that the same question may be answered
 * next time: for one of its passing reasons, or with neither choices nor usage.
 */
export function isPassingEnd(completion: Completion): boolean {
  const { finishReason, usage } = completion;
  if (finishReason === undefined) return usage === undefined && !hasChoices(completion);
  if (finishReason === 'stop') return false;
  const words = finishReason.slice(0, 100).toLowerCase().match(/\w+/g) ?? [];
  return words.some((word) => PASSING_WORDS.has(word)) && readFinish(finishReason) === 'unexpected';
}

export function hasChoices({ raw }: Completion): boolean {
  const choices = raw['choices'];
  return Array.isArray(choices) && choices.length > 0;
}
