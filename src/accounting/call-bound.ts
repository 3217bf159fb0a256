import type { CallAdditions } from '../completion/client.ts';
import type { ChatMessage, ChatRequest, GoogleOptions } from '../completion/request.ts';
import { limitsOf } from '../models/registry.ts';

/** The most tokens that one call can be billed, and the model that is asked. */
export interface CallBound {
  model: string | undefined;
  promptTokens: number;
  outputTokens: number;
}

/** Google's options that add nothing to a prompt beyond their own text; any other may refer to a context of any size. */
const SELF_CONTAINED: ReadonlySet<string> = new Set([
  'thinking_config',
  'thought_tag_marker',
  'safety_settings',
  'media_resolution',
  'stream_function_call_arguments',
]);

/** What each message costs beside its text: its role, and what a chat template puts around it. */
const BYTES_AROUND = 32;

/**
 * Bounds what a call can be billed. No text has more tokens than bytes, and thinking counts against the cap of the answer.
 * Media, cached contents and searches that a prompt only refers to can be of any size, so the model's own limit counts.
 */
export function boundOf(request: ChatRequest, { google }: CallAdditions = {}): CallBound {
  const { model, messages, max_tokens: cap, max_completion_tokens: otherCap, n = 1 } = request;
  const { promptLimit, outputLimit } = limitsOf(model);
  const isSelfContained =
    request.web_search_options === undefined &&
    isSelfContainedOption(google) &&
    isSelfContainedOption(request.extra_body?.google) &&
    messages.every(isText);
  const ownCap = cap === undefined ? otherCap : Math.max(cap, otherCap ?? 0);
  return {
    model,
    promptTokens: isSelfContained ? bytesOf(request) : promptLimit,
    outputTokens: (ownCap ?? outputLimit) * Math.max(1, n),
  };
}

function isSelfContainedOption(google: Readonly<GoogleOptions> | undefined): boolean {
  if (google === undefined) return true;
  for (const name in google) if (google[name] !== undefined && !SELF_CONTAINED.has(name)) return false;
  return true;
}

function isText({ content, extra_content: extra }: ChatMessage): boolean {
  if (extra?.google.parts !== undefined) return false;
  return !Array.isArray(content) || content.every((part: { type: string }) => part.type === 'text');
}

/** At least as many bytes as the request has of text. Its settings are the same objects in every request, so they are measured once. */
function bytesOf(request: ChatRequest): number {
  let bytes = BYTES_AROUND;
  for (const message of request.messages) bytes += BYTES_AROUND + bytesOfMessage(message);
  for (const name in request) {
    if (name === 'messages') continue;
    const value: unknown = request[name as keyof ChatRequest];
    if (typeof value === 'object' && value !== null) bytes += bytesOfSetting(value);
    else if (typeof value === 'string') bytes += Buffer.byteLength(value);
  }
  return bytes;
}

function bytesOfMessage(message: ChatMessage): number {
  let members = 0;
  for (const _ in message) members += 1;
  const isPlain = typeof message.content === 'string' && members === 2;
  return Buffer.byteLength(isPlain ? (message.content as string) : JSON.stringify(message));
}

const measured = new WeakMap<object, number>();

function bytesOfSetting(value: object): number {
  let bytes = measured.get(value);
  if (bytes === undefined) {
    bytes = Buffer.byteLength(JSON.stringify(value));
    measured.set(value, bytes);
  }
  return bytes;
}
