import type { JsonObject } from '../json/value.ts';

/** A part of a native turn. */
export type NativePart = JsonObject;

/** One turn of a native conversation. */
export interface NativeContent {
  role?: 'user' | 'model';
  parts: NativePart[];
}

/** What Gemini's own API takes as `GenerateContentRequest`, as far as a chat request leads to it. */
export interface NativeRequest {
  contents: NativeContent[];
  systemInstruction?: NativeContent;
  generationConfig?: { [setting: string]: unknown };
  safetySettings?: readonly { category: string; threshold: string }[];
  labels?: Readonly<Record<string, string>>;
  cachedContent?: string;
  tools?: JsonObject[];
  toolConfig?: JsonObject;
}

/** The field that carries the schema; never both. */
export type SchemaField = 'responseSchema' | 'responseJsonSchema';
