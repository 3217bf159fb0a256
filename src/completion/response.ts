import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { readExtraContent, type ExtraContent } from './extra-content.ts';
import { readMedia, type Media } from './media.ts';
import { splitThoughts } from './split-thoughts.ts';
import { readToolCalls, type ToolCall } from './tool-call.ts';
import { readTrafficType, readUsage, type TokenUsage } from './usage.ts';

/** One answer of the service, read once at the door; `raw` is the body as it came. */
export interface Completion {
  id: string | undefined;
  /** The model that answered, as the service names it. */
  model: string | undefined;
  /** Answer text; undefined when the service sent none (blocked prompt, thinking used up the cap, image only). */
  content: string | undefined;
  /** The model's thoughts: marked by `thought_tag_marker` or by the service part by part, or in a member of their own. */
  thoughts: string | undefined;
  refusal: string | undefined;
  /** An open string: besides stop, length, tool_calls and content_filter the service has sent others. */
  finishReason: string | undefined;
  /** Functions the model wants called, in the order they came. */
  toolCalls: readonly ToolCall[];
  /** Pictures and sounds. */
  media: readonly Media[];
  /** Google's additions to the message, such as a thought signature. */
  extraContent: ExtraContent | undefined;
  usage: TokenUsage | undefined;
  trafficType: string | undefined;
  /** Set where bytes that came were no text, so that U+FFFD stands for some of what the model wrote. */
  hasBrokenText?: true;
  raw: JsonObject;
}

export interface ReadCompletionOptions {
  /** The request's `thought_tag_marker`: what stands between its tags is cut out of the content. */
  thoughtTagMarker?: string | undefined;
  /** Applied to the names that a service chooses freely: id, model, finish reason, traffic type. Default: as they came. */
  cleanName?: ((name: string) => string) | undefined;
}

/**
 * Reads a `chat.completion` body. Tolerant on purpose: `choices`, `message`, `content` and `usage` may each be absent
 * in a real answer. Undefined only when the value is no JSON object or says nothing of choices and usage, that is, when it
 * is no completion at all: `choices` that are no list of objects, or an `error` instead of choices, say something else.
 */
export function readCompletion(value: unknown, options: ReadCompletionOptions = {}): Completion | undefined {
  if (!isJsonObject(value)) return undefined;
  if (!('choices' in value) && !('usage' in value) && value['object'] !== 'chat.completion') return undefined;
  const choices = value['choices'] ?? [];
  if (!Array.isArray(choices) || !choices.every(isJsonObject)) return undefined;
  const [choice] = choices;
  if (choice === undefined && (value['error'] ?? null) !== null) return undefined;
  const { cleanName = (name: string) => name } = options;
  const name = (given: JsonValue | undefined): string | undefined => {
    const named = text(given);
    return named === undefined ? undefined : text(cleanName(named));
  };
  const message = isJsonObject(choice?.['message']) ? choice['message'] : undefined;
  const finishReason = name(choice?.['finish_reason']);
  const toolCalls = readToolCalls(message?.['tool_calls']);
  const parts = readContent(message?.['content'], options.thoughtTagMarker);
  // Cut off by the limit, or calling a function, the model has not come to its answer yet.
  const mayBeAnswer = finishReason === 'stop' && toolCalls.length === 0;
  const { content, thoughts } = withReasoning(parts, message, mayBeAnswer);
  return {
    id: name(value['id']),
    model: name(value['model']),
    content,
    thoughts,
    refusal: text(message?.['refusal']),
    finishReason,
    toolCalls,
    media: readMedia(message?.['audio']),
    extraContent: readExtraContent(message?.['extra_content']),
    usage: readUsage(value['usage']),
    trafficType: name(readTrafficType(value['usage'])),
    raw: value,
  };
}

interface ReadContent {
  content: string | undefined;
  thoughts: string | undefined;
}

/** Older models answer with an array of text parts where newer ones send a string. */
function readContent(content: JsonValue | undefined, marker: string | undefined): ReadContent {
  if (typeof content === 'string') return splitContent(content, marker);
  if (!Array.isArray(content)) return { content: undefined, thoughts: undefined };
  const texts: string[] = [];
  const thoughts: string[] = [];
  for (const part of content as readonly JsonValue[]) {
    const piece = isJsonObject(part) ? text(part['text']) : undefined;
    if (!isJsonObject(part) || piece === undefined) continue;
    const isThought = readExtraContent(part['extra_content'])?.google.thought === true;
    (isThought ? thoughts : texts).push(piece);
  }
  const split = splitContent(texts.join(''), marker);
  if (split.thoughts !== undefined) thoughts.push(split.thoughts);
  return { content: split.content, thoughts: thoughts.length === 0 ? undefined : thoughts.join('') };
}

/**
 * Other servers send thoughts apart from the answer. Some of them send the answer there as well, when the model writes nothing but
 * the JSON that a grammar forces on it.
 */
function withReasoning(parts: ReadContent, message: JsonObject | undefined, mayBeAnswer: boolean): ReadContent {
  const reasoning = text(message?.['reasoning_content']) ?? text(message?.['reasoning']);
  if (reasoning === undefined) return parts;
  if (
    parts.content === undefined &&
    parts.thoughts === undefined &&
    mayBeAnswer &&
    /^\s*\{[^]*\}\s*$/.test(reasoning)
  ) {
    return { content: reasoning, thoughts: undefined };
  }
  return { content: parts.content, thoughts: parts.thoughts ?? reasoning };
}

function splitContent(content: string, marker: string | undefined): ReadContent {
  return marker === undefined ? { content, thoughts: undefined } : splitThoughts(content, marker);
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
