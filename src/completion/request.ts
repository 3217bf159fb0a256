import type { JsonObject } from '../json/value.ts';
import type { ExtraContent } from './extra-content.ts';
import type { KNOWN_JSON } from './request-json.ts';
import type { THOUGHT_TAG } from './thought-tag.ts';

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
  /** Another name of `max_tokens`. */
  max_completion_tokens?: number;
  seed?: number;
  /** Of servers of one's own: how probable each token was. Google's models ignore it. */
  logprobs?: boolean;
  stop?: string | string[];
  n?: number;
  frequency_penalty?: number;
  presence_penalty?: number;
  reasoning_effort?: 'none' | 'minimal' | 'low' | 'medium' | 'high';
  response_format?: ResponseFormat;
  tools?: Tool[];
  tool_choice?: ToolChoice;
  /** What the answer may consist of; `image` for models that paint. */
  modalities?: ('text' | 'audio' | 'image')[];
  /** Turns on grounding with Google Search; what stands inside has no effect. */
  web_search_options?: JsonObject;
  /** Set by `stream` and unset by `complete`. */
  stream?: boolean;
  /** OpenAI's: whether a stream reports its tokens at the end. Google's do so unasked. */
  stream_options?: { include_usage?: boolean };
  /** For billing reports. Documented for Gemini's native API; this one ignores keys that it does not know. */
  labels?: Readonly<Record<string, string>>;
  /** The tag that the model writes around its thoughts; for the client, and never sent. */
  [THOUGHT_TAG]?: string;
  /** A `KnownJson`, where the maker of the request knows how parts of it are written; never sent. */
  [KNOWN_JSON]?: object;
  /** Google's own options travel under a top-level key literally named `extra_body`. */
  extra_body?: { google: GoogleOptions };
}

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | { type: 'json_schema'; json_schema: { name: string; schema: JsonObject; strict?: boolean } };

export interface Tool {
  type: 'function';
  /** The service documents `parameters` as an OpenAPI schema; its own samples use JSON Schema's lower-case types. */
  function: { name: string; description?: string; parameters?: JsonObject; strict?: boolean };
}

/** `validated` is Google's: the model may answer or call, and calls keep to their schema. */
export type ToolChoice = 'none' | 'auto' | 'required' | 'validated' | { type: 'function'; function: { name: string } };

/** `extra_body.google`. Keys this version does not know pass through untouched. */
export interface GoogleOptions {
  /** Not together with `reasoning_effort`. */
  thinking_config?: { include_thoughts?: boolean; thinking_budget?: number; thinking_level?: string };
  /** With `think`, thoughts come as `<think>…</think>` inside the content; without a marker they come bare. */
  thought_tag_marker?: string;
  safety_settings?: SafetySetting[];
  /** Resource name of a context cache: `projects/…/locations/…/cachedContents/…`. */
  cached_content?: string;
  /** Such as `MEDIA_RESOLUTION_LOW`. */
  media_resolution?: string;
  /** Lets the arguments of a call arrive in fragments. Only for `stream`. */
  stream_function_call_arguments?: boolean;
  /** Tools in the form of Gemini's native API. */
  tools?: JsonObject[];
  [option: string]: unknown;
}

export interface SafetySetting {
  /** Such as `HARM_CATEGORY_HARASSMENT`. */
  category: string;
  /** BLOCK_LOW_AND_ABOVE, BLOCK_MEDIUM_AND_ABOVE, BLOCK_ONLY_HIGH, BLOCK_NONE or OFF. */
  threshold: string;
}

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage;

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
  content?: string | null;
  /** As they came, thought signatures included. */
  tool_calls?: AssistantToolCall[];
  extra_content?: ExtraContent;
}

export interface AssistantToolCall {
  id: string;
  type: 'function';
  /** The arguments are JSON text. */
  function: { name: string; arguments: string };
  extra_content?: ExtraContent;
}

/** The answer to a call; files that belong to it stand in `extra_content.google.parts`. */
export interface ToolMessage {
  role: 'tool';
  tool_call_id: string;
  content: string;
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
