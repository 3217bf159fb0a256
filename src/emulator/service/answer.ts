import type { TokenUsage } from '../../completion/usage.ts';
import type { JsonObject } from '../../json/value.ts';
import type { AnswerFault } from './faults.ts';
import { logprobsOf } from './token-logprobs.ts';
import { countTokens } from './token-count.ts';

/** What an answer is made of, before anything goes wrong with it. */
export interface AnswerDraft {
  id: string;
  /** Unix seconds. */
  created: number;
  model: string;
  trafficType: string;
  content: string;
  /** Put before the content where the request wants to see the thoughts; they count as reasoning, not as completion. */
  thoughts: string;
  /** What the message holds instead of content, with its tokens: tool calls, or a picture. */
  special: { message: JsonObject; tokens: number; finishReason: string } | undefined;
  finishReason: string;
  /** How many choices to give. */
  count: number;
  promptTokens: number;
  /** Part of the prompt that comes from a cache; undefined where the usage says nothing of caches. */
  cachedTokens: number | undefined;
  reasoningTokens: number;
  /** The completion's tokens, where they are not to be counted. */
  completionTokens: number | undefined;
  maxTokens: number | undefined;
  /** Whether the tokens of the answer are told with their log probabilities. */
  hasLogprobs: boolean;
  /** Texts before which the answer ends. */
  stop: readonly string[];
}

export interface Answer {
  /** Absent where the prompt was blocked. */
  choices: readonly Choice[] | undefined;
  /** What the answer costs. */
  usage: TokenUsage;
  /** How the body says so; undefined where it does not. */
  reported: JsonObject | undefined;
}

/** A choice in the documented shape; a degenerate one lacks its message. */
export interface Choice {
  finish_reason: string;
  index: number;
  logprobs: JsonObject | null;
  message?: JsonObject | null;
}

/**
 * Decides what an answer says and costs. Thinking counts against `max_tokens`: an answer that does not fit
 * beside it is cut, and thinking that fills the cap leaves no message at all.
 *
 * @param violate turns the content into one that breaks the schema, for the fault of that name
 */
export function composeAnswer(draft: AnswerDraft, fault: AnswerFault | undefined, violate: () => string): Answer {
  const { maxTokens } = draft;
  if (fault === 'thinking-ate-cap' || (maxTokens !== undefined && draft.reasoningTokens >= maxTokens)) {
    const reasoning = maxTokens ?? Math.max(draft.reasoningTokens, 1024);
    return finish(draft, [choice('length')], undefined, reasoning);
  }
  if (fault === 'no-choices') return finish(draft, undefined, undefined, 0);
  const { special, completionTokens } = draft;
  if (special !== undefined && fault === undefined) {
    return finish(
      draft,
      [choice(special.finishReason, special.message)],
      completionTokens ?? special.tokens,
      draft.reasoningTokens,
    );
  }
  const room = (maxTokens ?? Infinity) - draft.reasoningTokens;
  const whole = cutBefore(draft.content, draft.stop);
  let content = fault === undefined ? whole : faultyContent(whole, fault, violate);
  let tokens = countTokens(content);
  let finishReason = fault === undefined ? draft.finishReason : 'stop';
  if (tokens > room) {
    content = content.slice(0, Math.floor((content.length * room) / tokens));
    tokens = room;
    finishReason = 'length';
  } else if (fault === 'length' || fault === 'length-loop' || fault === 'length-whitespace') {
    // The service stops at the cap only, so the whole cap was used.
    if (Number.isFinite(room)) tokens = room;
    finishReason = 'length';
  }
  content = draft.thoughts + content;
  const answered = (message: JsonObject | null, reason = finishReason, counted = tokens) => {
    const completion = completionTokens ?? counted;
    const choices = Array.from({ length: draft.count }, (_, index) => ({
      ...choice(reason, message),
      index,
      logprobs: draft.hasLogprobs && typeof message?.['content'] === 'string' ? logprobsOf(message['content']) : null,
    }));
    return finish(draft, choices, completion * draft.count, draft.reasoningTokens);
  };
  switch (fault) {
    case 'no-message':
      return finish(draft, [choice(finishReason)], 0, draft.reasoningTokens);
    case 'content-filter':
      return answered(null, 'content_filter', 0);
    case 'content-filter-null-content':
      return answered({ content: null, role: 'assistant' }, 'content_filter', 0);
    case 'refusal':
      return answered(
        { content: null, refusal: 'I am unable to help with this request.', role: 'assistant' },
        'stop',
        12,
      );
    case 'odd-finish-reason':
      return answered({ role: 'assistant' }, 'function_call_filter: MALFORMED_FUNCTION_CALL');
    case 'array-content':
      return answered({ content: [{ text: content, type: 'text' }], role: 'assistant' });
    case 'missing-usage':
      return { ...answered({ content, role: 'assistant' }), reported: undefined };
    default:
      return answered({ content, role: 'assistant' });
  }
}

/** The text up to the first of the stop sequences, which is left out. */
function cutBefore(content: string, stop: readonly string[]): string {
  const ends = stop.map((text) => content.indexOf(text)).filter((index) => index >= 0);
  return ends.length === 0 ? content : content.slice(0, Math.min(...ends));
}

function faultyContent(content: string, fault: AnswerFault, violate: () => string): string {
  switch (fault) {
    case 'empty-content':
      return '';
    case 'invalid-json':
      // A colon lost early and the end missing: no repair brings back what was there.
      return content.slice(0, Math.max(1, Math.floor(content.length * 0.6))).replace(/":/, '" ') + ' ]';
    case 'fenced-json':
      return `\`\`\`json\n${content}\n\`\`\``;
    case 'json-in-prose':
      return `Here is the JSON you asked for:\n\n${content}\n\nLet me know if you need anything else.`;
    case 'schema-violation':
      return violate();
    case 'length':
      return content.slice(0, Math.ceil(content.length / 2));
    case 'length-loop':
      return content.slice(0, Math.ceil(content.length / 2)) + ' and the same again'.repeat(200);
    case 'length-whitespace':
      return content.slice(0, Math.ceil(content.length / 2)) + '\n'.repeat(4000);
    default:
      return content;
  }
}

function choice(finishReason: string, message?: JsonObject | null): Choice {
  return { finish_reason: finishReason, index: 0, logprobs: null, ...(message === undefined ? {} : { message }) };
}

function finish(
  draft: AnswerDraft,
  choices: Choice[] | undefined,
  completion: number | undefined,
  reasoning: number,
): Answer {
  const total = draft.promptTokens + (completion ?? 0) + reasoning;
  // Keys that have nothing to say are absent, as in Google's samples; JSON.stringify leaves them out.
  const reported: JsonObject = {
    completion_tokens: completion,
    completion_tokens_details: reasoning > 0 ? { reasoning_tokens: reasoning } : undefined,
    extra_properties: { google: { traffic_type: draft.trafficType } },
    prompt_tokens: draft.promptTokens,
    prompt_tokens_details: draft.cachedTokens === undefined ? undefined : { cached_tokens: draft.cachedTokens },
    total_tokens: total,
  };
  const usage = {
    prompt: draft.promptTokens,
    cached: draft.cachedTokens ?? 0,
    completion: completion ?? 0,
    reasoning,
    total,
  };
  return { choices, usage, reported };
}
