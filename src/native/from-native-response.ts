import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Ends for which the chat API says `content_filter`. */
const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
]);

/**
 * Writes a native answer as the chat completion that `readCompletion` reads. What is absent there is absent here: a blocked prompt has no
 * choices, an answer whose cap went into thinking has no content. Of several candidates all are kept.
 */
export function toCompletionBody(response: JsonObject): JsonObject {
  const { candidates, modelVersion, responseId, createTime, promptFeedback, usageMetadata: usage } = response;
  const choices = Array.isArray(candidates) ? candidates.filter(isObject).map(choiceOf) : [];
  const created = typeof createTime === 'string' ? Math.floor(Date.parse(createTime) / 1000) : Number.NaN;
  // Written out here and below, as every line of a job passes.
  const body: Record<string, JsonValue> = { object: 'chat.completion' };
  if (typeof responseId === 'string') body['id'] = responseId;
  if (Number.isFinite(created)) body['created'] = created;
  if (typeof modelVersion === 'string') body['model'] = modelName(modelVersion);
  body['choices'] = choices;
  if (isJsonObject(usage)) body['usage'] = usageOf(usage);
  if (choices.length === 0 && isJsonObject(promptFeedback)) body['prompt_feedback'] = promptFeedback;
  return body;
}

function choiceOf(candidate: JsonObject, position: number): JsonObject {
  const { content, finishReason, index } = candidate;
  const given: readonly JsonValue[] =
    isJsonObject(content) && Array.isArray(content['parts']) ? (content['parts'] as readonly JsonValue[]) : [];
  const message = messageOf(given.filter(isObject));
  const choice: Record<string, JsonValue> = { index: typeof index === 'number' ? index : position, message };
  if (typeof finishReason === 'string') {
    const called = message['tool_calls'] !== undefined;
    choice['finish_reason'] = called && finishReason === 'STOP' ? 'tool_calls' : finishName(finishReason);
  }
  return choice;
}

function messageOf(parts: readonly JsonObject[]): JsonObject {
  const texts: string[] = [];
  const thoughts: string[] = [];
  const calls: JsonObject[] = [];
  const message: Record<string, JsonValue> = { role: 'assistant' };
  let signature: string | undefined;
  for (const part of parts) {
    const { text, thought, inlineData, functionCall, thoughtSignature } = part;
    if (typeof text === 'string') (thought === true ? thoughts : texts).push(text);
    if (isJsonObject(functionCall)) calls.push(callOf(functionCall, thoughtSignature));
    else if (typeof thoughtSignature === 'string') signature = thoughtSignature;
    if (isJsonObject(inlineData) && typeof inlineData['data'] === 'string') {
      const { data, mimeType } = inlineData;
      message['audio'] = {
        data,
        ...(typeof mimeType === 'string' ? { extra_content: { google: { mime_type: mimeType } } } : {}),
      };
    }
  }
  if (thoughts.length === 0 && texts.length > 0) message['content'] = texts.join('');
  else if (thoughts.length > 0) message['content'] = [...thoughts.map(thoughtPart), ...texts.map(textPart)];
  if (calls.length > 0) message['tool_calls'] = calls;
  if (signature !== undefined) message['extra_content'] = { google: { thought_signature: signature } };
  return message;
}

const textPart = (text: string): JsonObject => ({ type: 'text', text });
/** As the service marks thoughts part by part, which goes before any tag. */
const thoughtPart = (text: string): JsonObject => ({ ...textPart(text), extra_content: { google: { thought: true } } });

function callOf({ id, name, args }: JsonObject, signature: JsonValue | undefined): JsonObject {
  return {
    type: 'function',
    ...(typeof id === 'string' ? { id } : {}),
    function: { name: typeof name === 'string' ? name : '', arguments: JSON.stringify(args ?? {}) },
    ...(typeof signature === 'string' ? { extra_content: { google: { thought_signature: signature } } } : {}),
  };
}

/** Reasons that the chat API has no name for are passed on as they are. */
function finishName(reason: string): string {
  if (reason === 'STOP') return 'stop';
  if (reason === 'MAX_TOKENS') return 'length';
  return FILTERED.has(reason) ? 'content_filter' : reason;
}

/** Tokens that tools added to the prompt are billed as such. */
function usageOf(usage: JsonObject): JsonObject {
  const prompt = sum(usage['promptTokenCount'], usage['toolUsePromptTokenCount']);
  const { candidatesTokenCount, thoughtsTokenCount, cachedContentTokenCount, totalTokenCount, trafficType } = usage;
  const written: Record<string, JsonValue> = {};
  if (prompt !== undefined) written['prompt_tokens'] = prompt;
  if (candidatesTokenCount !== undefined) written['completion_tokens'] = candidatesTokenCount;
  if (totalTokenCount !== undefined) written['total_tokens'] = totalTokenCount;
  if (thoughtsTokenCount !== undefined) {
    written['completion_tokens_details'] = { reasoning_tokens: thoughtsTokenCount };
  }
  if (cachedContentTokenCount !== undefined) {
    written['prompt_tokens_details'] = { cached_tokens: cachedContentTokenCount };
  }
  if (typeof trafficType === 'string') written['extra_properties'] = { google: { traffic_type: trafficType } };
  return written;
}

function sum(left: JsonValue | undefined, right: JsonValue | undefined): number | undefined {
  if (typeof left !== 'number') return typeof right === 'number' ? right : undefined;
  return typeof right === 'number' ? left + right : left;
}

/** As the ledger and the price table name models. */
function modelName(version: string): string {
  const name = version.replace(/@default$/, '').replace(/^publishers\/google\/models\//, '');
  return name.includes('/') ? name : `google/${name}`;
}

function isObject(value: JsonValue): value is JsonObject {
  return isJsonObject(value);
}
