import { isJsonObject, type JsonValue } from '../json/value.ts';
import type { ChatRequest } from './request.ts';

/**
 * Takes a request from JSON. What a request cannot do without is checked; the rest is the service's to judge.
 *
 * @returns what is wrong, where it is no request
 */
export function parseRequest(value: unknown): { request: ChatRequest } | { problem: string } {
  if (!isJsonObject(value)) return { problem: 'it must be a JSON object' };
  const { messages, model, extra_body: extra } = value;
  if (!Array.isArray(messages) || messages.length === 0) return { problem: '"messages" must be a list of messages' };
  for (const [index, message] of (messages as readonly JsonValue[]).entries()) {
    if (isJsonObject(message) && typeof message['role'] === 'string' && isCallList(message['tool_calls'])) continue;
    return { problem: `messages[${index}] must be an object with a "role", and its "tool_calls" a list of objects` };
  }
  if (model !== undefined && typeof model !== 'string') return { problem: '"model" must be text' };
  if (extra !== undefined) {
    const google = isJsonObject(extra) ? extra['google'] : undefined;
    const thinking = isJsonObject(google) ? google['thinking_config'] : undefined;
    if (!isJsonObject(google) || (thinking !== undefined && !isJsonObject(thinking))) {
      return { problem: '"extra_body" must be an object with Google\'s options below "google"' };
    }
  }
  return { request: value as unknown as ChatRequest };
}

function isCallList(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (Array.isArray(value) && value.every(isJsonObject));
}
