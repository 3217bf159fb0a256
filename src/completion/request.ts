import type { JsonObject } from '../json/value.ts';

/**
 * The request side of the Chat Completions contract, in the exact shape that goes over the wire
 * (snake_case, as Google documents it for the OpenAI-compatible endpoint of Vertex AI).
 */
export interface ChatRequest {
  /** `publisher/model`, such as `google/gemini-3.5-flash-lite`; absent for a self-deployed endpoint. */
  model?: string;
  messages: ChatMessage[];
  temperature?: number;
  top_p?: number;
  /** Upper bound on answer tokens. Thinking consumes this budget too. */
  max_tokens?: number;
  seed?: number;
  stop?: string | string[];
  n?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  response_format?: ResponseFormat;
  stream?: boolean;
  /** Google's own options travel under a top-level key literally named `extra_body`. */
  extra_body?: { google: GoogleOptions };
}

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; json_schema: { name: string; schema: JsonObject; strict?: boolean } };

/** `extra_body.google`. Keys this version does not know pass through untouched. */
export interface GoogleOptions {
  thinking_config?: { include_thoughts?: boolean; thinking_budget?: number; thinking_level?: string };
  thought_tag_marker?: string;
  safety_settings?: { category: string; threshold: string }[];
  cached_content?: string;
  media_resolution?: string;
  [option: string]: unknown;
}

/** Google's additions to a message, a content part or a tool call, such as a thought signature. */
export interface ExtraContent {
  google: JsonObject;
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage;

export interface SystemMessage {
  role: 'system';
  content: string;
  extra_content?: ExtraContent;
}

export interface UserMessage {
  role: 'user';
  content: string | ContentPart[];
  extra_content?: ExtraContent;
}

export interface AssistantMessage {
  role: 'assistant';
  content: string | null;
  extra_content?: ExtraContent;
}

export type ContentPart = TextPart | ImagePart | AudioPart;

export interface TextPart {
  type: 'text';
  text: string;
  extra_content?: ExtraContent;
}

/** The URL is `gs://`, `https:` or `data:`; the plain string form is Google's shorthand. */
export interface ImagePart {
  type: 'image_url';
  image_url: string | { url: string; detail?: string };
  extra_content?: ExtraContent;
}

/** `data` is a URI or base64 of any media kind; `format` is a MIME type, or `wav` or `mp3`. */
export interface AudioPart {
  type: 'input_audio';
  input_audio: { format: string; data: string };
  extra_content?: ExtraContent;
}
