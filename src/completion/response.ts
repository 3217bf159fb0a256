import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { readTrafficType, readUsage, type TokenUsage } from './usage.ts';

/** One answer of the service, read once at the door; `raw` is the body as it came. */
export interface Completion {
  id: string | undefined;
  /** The model that answered, as the service names it. */
  model: string | undefined;
  /** Answer text; undefined when the service sent none (blocked prompt, thinking used up the cap, image only). */
  content: string | undefined;
  refusal: string | undefined;
  /** An open string: besides stop, length, tool_calls and content_filter the service has sent others. */
  finishReason: string | undefined;
  usage: TokenUsage | undefined;
  trafficType: string | undefined;
  raw: JsonObject;
}

/**
 * Reads a `chat.completion` body. Tolerant on purpose: `choices`, `message`, `content` and `usage` may each be absent
 * in a real answer. Undefined only when the value is no JSON object or says nothing of choices and usage, that is, when it
 * is no completion at all.
 */
export function readCompletion(value: unknown): Completion | undefined {
  if (!isJsonObject(value)) return undefined;
  if (!('choices' in value) && !('usage' in value) && value['object'] !== 'chat.completion') return undefined;
  const choices = value['choices'];
  const choice: JsonValue | undefined = Array.isArray(choices) ? choices[0] : undefined;
  const message = isJsonObject(choice) && isJsonObject(choice['message']) ? choice['message'] : undefined;
  return {
    id: text(value['id']),
    model: text(value['model']),
    content: readContent(message?.['content']),
    refusal: text(message?.['refusal']),
    finishReason: isJsonObject(choice) ? text(choice['finish_reason']) : undefined,
    usage: readUsage(value['usage']),
    trafficType: readTrafficType(value['usage']),
    raw: value,
  };
}

/** Older models answer with an array of text parts where newer ones send a string. */
function readContent(content: JsonValue | undefined): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  const texts = content.map((part: JsonValue) => (isJsonObject(part) ? text(part['text']) : undefined) ?? '');
  return texts.join('');
}

function text(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
