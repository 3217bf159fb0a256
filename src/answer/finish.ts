export type Finish = 'stop' | 'length' | 'content_filter' | 'refusal' | 'unexpected';

/**
 * The leading word decides: the service has sent such strings as "content_filter: RECITATION" and
 * "function_call_filter: MALFORMED_FUNCTION_CALL". The upper-case names are Gemini's own; `eos_token` and
 * `stop_sequence` come from self-deployed Text Generation Inference containers.
 */
const finishByWord: ReadonlyMap<string, Finish> = new Map([
  ['stop', 'stop'],
  ['eos_token', 'stop'],
  ['stop_sequence', 'stop'],
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

/** Sorts a finish reason, an open string. An absent one counts as `stop`: the text then decides. */
export function readFinish(reason: string | undefined): Finish {
  if (reason === undefined || reason === 'stop') return 'stop';
  const word = /^\w{1,40}/.exec(reason)?.[0].toLowerCase() ?? '';
  return finishByWord.get(word) ?? 'unexpected';
}
