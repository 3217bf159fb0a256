import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { THOUGHT_TAG } from './read-native-request.ts';

const FINISH: Readonly<Record<string, string>> = { stop: 'STOP', length: 'MAX_TOKENS', content_filter: 'SAFETY' };
const THOUGHTS = new RegExp(`<${THOUGHT_TAG}>([^]*?)</${THOUGHT_TAG}>\\s*`);

/** Writes an answer of the chat service as the native API words it. */
export function writeNativeResponse(
  completion: JsonObject,
  { hasTrafficType }: { hasTrafficType: boolean },
): JsonObject {
  const { choices, created, id, model, usage } = completion;
  const list = Array.isArray(choices) ? (choices as readonly JsonValue[]).filter(isJsonObject) : [];
  const isBlocked = list.length === 0;
  return {
    ...(isBlocked ? { promptFeedback: { blockReason: 'SAFETY' } } : { candidates: list.map(candidateOf) }),
    createTime: new Date(Number(created) * 1000).toISOString(),
    modelVersion: `${String(model).replace(/^google\//, '')}@default`,
    responseId: String(id),
    ...(isJsonObject(usage) ? { usageMetadata: usageOf(usage, hasTrafficType) } : {}),
  };
}

function candidateOf(choice: JsonObject): JsonObject {
  const reason = String(choice['finish_reason'] ?? 'stop');
  const message = isJsonObject(choice['message']) ? choice['message'] : {};
  const parts = partsOf(message['content']);
  return {
    content: parts.length === 0 ? { role: 'model' } : { parts, role: 'model' },
    finishReason: FINISH[reason] ?? 'OTHER',
    avgLogprobs: -0.01,
  };
}

function partsOf(content: JsonValue | undefined): JsonObject[] {
  if (Array.isArray(content)) {
    return (content as readonly JsonValue[]).filter(isJsonObject).map(({ text }) => ({ text: String(text) }));
  }
  if (typeof content !== 'string') return [];
  const thoughts = THOUGHTS.exec(content)?.[1];
  const text = thoughts === undefined ? content : content.replace(THOUGHTS, '');
  return [...(thoughts === undefined ? [] : [{ text: thoughts, thought: true }]), { text }];
}

function usageOf(usage: JsonObject, hasTrafficType: boolean): JsonObject {
  const details = (name: string): JsonObject => (isJsonObject(usage[name]) ? (usage[name] as JsonObject) : {});
  const { cached_tokens: cached } = details('prompt_tokens_details');
  const { reasoning_tokens: reasoning } = details('completion_tokens_details');
  return {
    promptTokenCount: usage['prompt_tokens'] ?? 0,
    ...(usage['completion_tokens'] === undefined ? {} : { candidatesTokenCount: usage['completion_tokens'] }),
    ...(reasoning === undefined ? {} : { thoughtsTokenCount: reasoning }),
    ...(cached === undefined ? {} : { cachedContentTokenCount: cached }),
    totalTokenCount: usage['total_tokens'] ?? 0,
    ...(hasTrafficType ? { trafficType: 'ON_DEMAND' } : {}),
  };
}
