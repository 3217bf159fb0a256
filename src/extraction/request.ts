import type { ChatMessage, ChatRequest, GoogleOptions, Tool } from '../completion/request.ts';
import { KNOWN_JSON, knownJson } from '../completion/request-json.ts';
import { THOUGHT_TAG } from '../completion/thought-tag.ts';
import type { JsonObject } from '../json/value.ts';
import type { Extraction, RequestSettings } from './definition.ts';

export interface RequestParts {
  extraction: Extraction;
  /** Undefined for a self-deployed endpoint, which serves one model and wants none named. */
  model: string | undefined;
  providerSchema: JsonObject;
  /** The definition's tools, in the form of the wire. */
  tools?: readonly Tool[];
}

/** What one question of an extraction has different from the others. */
export interface RequestChanges {
  model?: string;
  /** Set over the extraction's own. */
  settings?: RequestSettings;
  /** How many answers are wanted at once. */
  n?: number;
}

/** Makes the request for some messages. `messagesJson`: how they are written as JSON, where that is known. */
export type BuildRequest = (messages: ChatMessage[], changes?: RequestChanges, messagesJson?: string) => ChatRequest;

/** Stands around thoughts that are asked for, so that they can be told from the answer. */
const THOUGHT_TAG_MARKER = 'thought';

/**
 * Prepares the request of an extraction; a record adds its messages only.
 *
 * `strict` is not sent: the service documents no meaning for it, and where it has OpenAI's, schemas with optional
 * properties are refused. Thoughts are asked for with a marker only: without one they would come untagged inside the answer.
 * A request for pictures carries no schema: the models that paint do not write JSON.
 */
export function compileRequest(parts: RequestParts): BuildRequest {
  const { model, extraction } = parts;
  const constant = constantPart(parts, extraction.request ?? {});
  const compose = composer(parts, extraction.request ?? {});
  const known = knownJson(constant);
  return (given, changes, messagesJson) => {
    if (changes === undefined) {
      const messages = compose(given);
      const request: ChatRequest = model === undefined ? { messages, ...constant } : { model, messages, ...constant };
      const { sharedJson } = known;
      // Written out: a copy with members added costs forty times as much, and every record passes here.
      request[KNOWN_JSON] =
        messagesJson === undefined ? known : { shared: constant, sharedJson, messages: given, messagesJson };
      return request;
    }
    const { model: another = model, settings, n } = changes;
    const all = { ...extraction.request, ...settings };
    const part = settings === undefined ? constant : constantPart(parts, all);
    const messages = settings === undefined ? compose(given) : composer(parts, all)(given);
    const request: ChatRequest = another === undefined ? { messages, ...part } : { model: another, messages, ...part };
    if (n !== undefined) request.n = n;
    return request;
  };
}

/** Puts the schema into the instructions where the server is not given it to enforce. */
function composer(
  { providerSchema }: RequestParts,
  { responseFormat = 'json_schema', modalities }: RequestSettings,
): (messages: ChatMessage[]) => ChatMessage[] {
  if (responseFormat === 'json_schema' || modalities?.includes('image') === true) return (messages) => messages;
  const demand = `Answer with one JSON object and nothing else. It must be valid against this JSON Schema:\n${JSON.stringify(providerSchema)}`;
  return (messages) => {
    const [first, ...rest] = messages;
    if (first?.role !== 'system') return [{ role: 'system', content: demand }, ...messages];
    return [{ ...first, content: `${first.content}\n\n${demand}` }, ...rest];
  };
}

/** All of a request that its messages and its model leave over. */
function constantPart(
  { extraction, providerSchema, tools = [] }: RequestParts,
  settings: RequestSettings,
): Omit<ChatRequest, 'messages' | 'model'> {
  const part: Omit<ChatRequest, 'messages' | 'model'> = wireSettings(settings);
  const format =
    settings.modalities?.includes('image') === true ? 'prompt' : (settings.responseFormat ?? 'json_schema');
  if (format === 'json_schema') {
    part.response_format = { type: format, json_schema: { name: extraction.name, schema: providerSchema } };
  } else if (format === 'json_object') {
    part.response_format = { type: format };
  }
  if (tools.length > 0) part.tools = [...tools];
  if (settings.thoughtTag !== undefined) part[THOUGHT_TAG] = settings.thoughtTag;
  return settings.extraBody === undefined ? part : { ...part, ...settings.extraBody };
}

/** The settings under the names they have on the wire. */
function wireSettings(settings: RequestSettings): Omit<ChatRequest, 'messages' | 'model'> {
  const { temperature, topP, maxTokens, seed, logprobs, stop, reasoningEffort } = settings;
  const wire: Omit<ChatRequest, 'messages' | 'model'> = {};
  if (temperature !== undefined) wire.temperature = temperature;
  if (topP !== undefined) wire.top_p = topP;
  if (maxTokens !== undefined) wire.max_tokens = maxTokens;
  if (seed !== undefined) wire.seed = seed;
  if (logprobs === true) wire.logprobs = true;
  if (stop !== undefined) wire.stop = [...stop];
  if (reasoningEffort !== undefined) wire.reasoning_effort = reasoningEffort;
  if (settings.modalities !== undefined) wire.modalities = [...settings.modalities];
  if (settings.labels !== undefined) wire.labels = settings.labels;
  const google = googleOptions(settings);
  if (Object.keys(google).length > 0) wire.extra_body = { google };
  return wire;
}

function googleOptions({ thinking, safetySettings, cachedContent, mediaResolution }: RequestSettings): GoogleOptions {
  const google: GoogleOptions = {};
  if (safetySettings !== undefined) google.safety_settings = safetySettings.map((setting) => ({ ...setting }));
  if (cachedContent !== undefined) google.cached_content = cachedContent;
  if (mediaResolution !== undefined) google.media_resolution = mediaResolution;
  if (thinking === undefined) return google;
  google.thinking_config =
    'budget' in thinking ? { thinking_budget: thinking.budget } : { thinking_level: thinking.level };
  if (thinking.includeThoughts === true) {
    google.thinking_config.include_thoughts = true;
    google.thought_tag_marker = THOUGHT_TAG_MARKER;
  }
  return google;
}
