import { isJsonObject, type JsonValue } from '../json/value.ts';
import { readExtraContent, type ExtraContent } from './extra-content.ts';

/** A function that the model wants called. */
export interface ToolCall {
  /** Names the call in the tool message that answers it. Old models give several calls one id; their order tells them apart. */
  id: string;
  name: string;
  /** JSON text, as the model wrote it: it need not be valid, nor fit the function's parameters. */
  arguments: string;
  /** Holds the thought signature that must come back with the call. */
  extraContent: ExtraContent | undefined;
}

const none: readonly ToolCall[] = Object.freeze([]);

/** Reads `message.tool_calls`, in its order; entries that name no function are left out. */
export function readToolCalls(value: JsonValue | undefined): readonly ToolCall[] {
  if (!Array.isArray(value) || value.length === 0) return none;
  const calls: ToolCall[] = [];
  for (const entry of value as readonly JsonValue[]) {
    const called = isJsonObject(entry) ? entry['function'] : undefined;
    if (!isJsonObject(entry) || !isJsonObject(called) || typeof called['name'] !== 'string') continue;
    const { id, extra_content: extra } = entry;
    const { name, arguments: text } = called;
    calls.push({
      id: typeof id === 'string' ? id : '',
      name,
      arguments: typeof text === 'string' ? text : text === undefined ? '' : JSON.stringify(text),
      extraContent: readExtraContent(extra),
    });
  }
  return calls;
}
