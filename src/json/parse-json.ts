import { isJsonObject, type JsonObject, type JsonValue } from './value.ts';

/** Undefined for what is no JSON. The parser's own message is left out on purpose: it quotes the text, which may hold anything. */
export function parseJson(text: string): JsonValue | undefined {
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON, and for JSON that is no object. */
export function parseJsonObject(text: string): JsonObject | undefined {
  const value = parseJson(text);
  return isJsonObject(value) ? value : undefined;
}
