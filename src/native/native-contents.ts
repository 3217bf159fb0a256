import type { AssistantMessage, ChatMessage, ToolMessage } from '../completion/request.ts';
import type { ExtraContent } from '../completion/extra-content.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { NativeContent, NativePart, NativeRequest } from './native-request.ts';
import { toNativePart } from './native-parts.ts';

/**
 * Writes a conversation as native turns; system messages stand apart from them.
 *
 * @throws {GleanerError} for media whose kind nobody tells, and for answers to calls that nobody made
 */
export function toNativeContents(
  messages: readonly ChatMessage[],
): Pick<NativeRequest, 'contents' | 'systemInstruction'> {
  const system: NativePart[] = [];
  const contents: NativeContent[] = [];
  /** Names of the functions called so far: their answers give ids only. */
  const names = new Map<string, string>();
  for (const message of messages) {
    switch (message.role) {
      case 'system':
        system.push({ text: message.content });
        break;
      case 'user':
        contents.push({ role: 'user', parts: userParts(message.content) });
        break;
      case 'assistant':
        for (const call of message.tool_calls ?? []) names.set(call.id, call.function.name);
        contents.push({ role: 'model', parts: modelParts(message) });
        break;
      case 'tool':
        addAnswer(contents, message, names);
        break;
      default:
        message satisfies never;
    }
  }
  return system.length === 0 ? { contents } : { systemInstruction: { parts: system }, contents };
}

function userParts(content: (ChatMessage & { role: 'user' })['content']): NativePart[] {
  return typeof content === 'string' ? [{ text: content }] : content.map(toNativePart);
}

function modelParts({ content, tool_calls: calls = [], extra_content: extra }: AssistantMessage): NativePart[] {
  const parts: NativePart[] = [];
  if (typeof content === 'string' && content !== '') parts.push(signed({ text: content }, extra));
  for (const { function: called, extra_content: callExtra } of calls) {
    const args = parsed(called.arguments);
    parts.push(signed({ functionCall: { name: called.name, args } }, callExtra));
  }
  return parts;
}

/** A thought signature stands on the part that it came with. */
function signed(part: NativePart, extra: ExtraContent | undefined): NativePart {
  const signature = extra?.google.thought_signature;
  return signature === undefined ? part : { ...part, thoughtSignature: signature };
}

/** Answers to calls of one turn stand together in the next. */
function addAnswer(contents: NativeContent[], message: ToolMessage, names: ReadonlyMap<string, string>): void {
  const name = names.get(message.tool_call_id);
  if (name === undefined) {
    throw new GleanerError(
      'request-invalid',
      'Cannot send a tool message by the native API: no function was called under its id',
    );
  }
  const part: NativePart = { functionResponse: { name, response: responseOf(message.content) } };
  const last = contents.at(-1);
  if (last?.role === 'user' && last.parts.every((one) => 'functionResponse' in one)) last.parts.push(part);
  else contents.push({ role: 'user', parts: [part] });
}

/** The native API takes an object only. */
function responseOf(content: string): JsonObject {
  const value = parsed(content);
  return isJsonObject(value) ? value : { output: value };
}

function parsed(text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}
