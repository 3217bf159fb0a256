import type { ChatRequest, GoogleOptions, Tool, ToolChoice } from '../completion/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import { toNativeContents } from './native-contents.ts';
import type { NativeRequest, SchemaField } from './native-request.ts';
import { toThinkingConfig } from './native-thinking.ts';
import { toResponseSchema } from './response-schema.ts';

export interface NativeOptions {
  /**
   * The field that carries the schema. Default `responseSchema`: the other one is known to be mishandled in silence by one of Google's
   * batch services.
   */
  schemaField?: SchemaField | undefined;
}

/** Google's options that have a place in a native request. */
const MAPPED_OPTIONS: ReadonlySet<string> = new Set([
  'thinking_config',
  'thought_tag_marker',
  'safety_settings',
  'cached_content',
  'media_resolution',
  'stream_function_call_arguments',
  'tools',
]);

/**
 * Writes a chat request as Gemini's native API takes it. The model is not part of it: it stands in the URL, or in the batch job. Thoughts
 * are parts of their own there, so the marker around them is not sent.
 *
 * @throws {GleanerError} for what has no place in a native request
 */
export function toNativeRequest(
  request: ChatRequest,
  { schemaField = 'responseSchema' }: NativeOptions = {},
): NativeRequest {
  const google = request.extra_body?.google ?? {};
  for (const option of Object.keys(google)) {
    if (MAPPED_OPTIONS.has(option)) continue;
    throw new GleanerError(
      'request-invalid',
      `Cannot send the option ${option} by the native API: its place there is not known`,
    );
  }
  const native: NativeRequest = toNativeContents(request.messages);
  const config = generationConfig(request, google, schemaField);
  if (Object.keys(config).length > 0) native.generationConfig = config;
  if (google.safety_settings !== undefined) native.safetySettings = google.safety_settings;
  if (google.cached_content !== undefined) native.cachedContent = google.cached_content;
  if (request.labels !== undefined) native.labels = request.labels;
  const tools = toolsOf(request, google);
  if (tools.length > 0) native.tools = tools;
  if (request.tool_choice !== undefined)
    native.toolConfig = { functionCallingConfig: callingConfig(request.tool_choice) };
  return native;
}

function generationConfig(
  request: ChatRequest,
  google: GoogleOptions,
  schemaField: SchemaField,
): { [setting: string]: unknown } {
  const { temperature, top_p: topP, seed, stop, n, modalities } = request;
  const config: { [setting: string]: unknown } = {};
  const set = (name: string, value: unknown): void => {
    if (value !== undefined) config[name] = value;
  };
  set('temperature', temperature);
  set('topP', topP);
  set('seed', seed);
  set('maxOutputTokens', request.max_completion_tokens ?? request.max_tokens);
  set('stopSequences', stop === undefined ? undefined : [stop].flat());
  set('candidateCount', n);
  set('presencePenalty', request.presence_penalty);
  set('frequencyPenalty', request.frequency_penalty);
  set(
    'responseModalities',
    modalities?.map((modality) => modality.toUpperCase()),
  );
  set('mediaResolution', google.media_resolution);
  set('thinkingConfig', toThinkingConfig(request));
  const { response_format: format } = request;
  if (format === undefined || format.type === 'text') return config;
  config['responseMimeType'] = 'application/json';
  if (format.type === 'json_schema') config[schemaField] = schemaFor(schemaField, format.json_schema.schema);
  return config;
}

/** A schema stays the same object from record to record, so it is written once. */
const written = new WeakMap<JsonObject, JsonObject>();

function schemaFor(field: SchemaField, schema: JsonObject): JsonObject {
  if (field === 'responseJsonSchema') return schema;
  let native = written.get(schema);
  if (native === undefined) written.set(schema, (native = toResponseSchema(schema)));
  return native;
}

function toolsOf({ tools = [], web_search_options: search }: ChatRequest, google: GoogleOptions): JsonObject[] {
  return [
    ...(tools.length === 0 ? [] : [{ functionDeclarations: tools.map(declaration) }]),
    ...(search === undefined ? [] : [{ googleSearch: {} }]),
    ...(google.tools ?? []),
  ];
}

function declaration({ function: { name, description, parameters } }: Tool): JsonObject {
  return {
    name,
    ...(description === undefined ? {} : { description }),
    ...(parameters === undefined ? {} : { parametersJsonSchema: parameters }),
  };
}

const CALLING_MODES = { none: 'NONE', auto: 'AUTO', required: 'ANY', validated: 'VALIDATED' } as const;

function callingConfig(choice: ToolChoice): JsonObject {
  if (typeof choice === 'string') return { mode: CALLING_MODES[choice] };
  return { mode: 'ANY', allowedFunctionNames: [choice.function.name] };
}
