import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { findPromptedSchema } from '../answers/prompted-schema.ts';
import { invalidArgument, unknownModel, type GoogleError } from './google-error.ts';
import { readExtra } from './extra-content.ts';
import type { ModelRegistry, ModelRules } from './models.ts';
import type { ChatRoute } from './routes.ts';
import { checkToolHistory, readToolUse, type ToolUse } from './tools.ts';
import { googleOptions, readThinking, type Thinking } from './thinking.ts';

/** A chat request that passed the service's checks, reduced to what an answer depends on. */
export interface ChatCall {
  /** As the answer names it. */
  model: string;
  rules: ModelRules;
  /** Roles and texts of all messages: what makes two prompts the same. */
  promptText: string;
  /** The text to take values from: the user's message. */
  recordText: string;
  /** Pictures and sounds in the prompt. */
  mediaParts: number;
  format: AnswerFormat;
  maxTokens: number | undefined;
  /** Texts before which the answer ends. */
  stop: readonly string[];
  thinking: Thinking;
  /** How many answers to give, `n`. */
  count: number;
  stream: boolean;
  fragmentArguments: boolean;
  toolUse: ToolUse;
  /** Whether the answer is to be a picture. */
  isImage: boolean;
}

export type AnswerFormat =
  | { kind: 'text' }
  | { kind: 'json-object' }
  | { kind: 'json-schema'; schema: JsonObject }
  /** The schema stands in the instructions, as text. */
  | { kind: 'prompted-schema'; schema: JsonObject };

export type ReadChatCall = { call: ChatCall } | { error: GoogleError };

/** Checks a request body as the service does: unknown keys are ignored, wrong values of known ones are refused. */
export function readChatCall(body: JsonValue, route: ChatRoute, models: ModelRegistry): ReadChatCall {
  if (!isJsonObject(body)) {
    return refused('Invalid JSON payload received. Unknown name "": Root element must be a message.');
  }
  const model = readModel(body['model'], route, models);
  if (typeof model !== 'string') return { error: model };
  const rules = models.rules(model);
  const messages = readMessages(body['messages'], rules);
  if ('problem' in messages) return refused(messages.problem);
  const format = readFormat(body['response_format'], messages.instructions);
  if (typeof format === 'string') return refused(format);
  const stop = readStop(body['stop']);
  if (typeof stop === 'string') return refused(stop);
  const maxTokens = body['max_completion_tokens'] ?? body['max_tokens'] ?? undefined;
  const problem =
    outOfRange('maxOutputTokens', maxTokens, 1, rules.maxOutputTokens, true) ??
    outOfRange('temperature', body['temperature'] ?? undefined, 0, 2) ??
    outOfRange('topP', body['top_p'] ?? undefined, 0, 1) ??
    outOfRange('candidateCount', body['n'] ?? undefined, 1, 8, true);
  if (problem !== undefined) return refused(problem);
  const refusedByModel = brokenRule(body, messages.lastRole, rules);
  if (refusedByModel !== undefined) return refused(refusedByModel);
  const toolUse = readToolUse(body, messages.lastRole);
  if (typeof toolUse === 'string') return refused(toolUse);
  const thinking: Thinking | GoogleError =
    route.endpoint === 'openapi' ? readThinking(rules, body) : { budget: 0, isRequested: false };
  if ('code' in thinking) return { error: thinking };
  return {
    call: {
      model,
      rules,
      promptText: messages.promptText,
      recordText: messages.recordText,
      mediaParts: messages.mediaParts,
      format,
      maxTokens: typeof maxTokens === 'number' ? maxTokens : undefined,
      stop,
      thinking,
      count: typeof body['n'] === 'number' ? body['n'] : 1,
      stream: body['stream'] === true,
      fragmentArguments: googleOptions(body)['stream_function_call_arguments'] === true,
      toolUse,
      isImage: Array.isArray(body['modalities']) && body['modalities'].includes('image'),
    },
  };
}

/** What the request's own model does not take, as its page says. */
function brokenRule(body: JsonObject, lastRole: string, rules: ModelRules): string | undefined {
  const count = body['n'];
  if (typeof count === 'number' && count > rules.maxCandidates) {
    return `Multiple candidates is not enabled for this model: n must be at most ${rules.maxCandidates}.`;
  }
  for (const penalty of ['frequency_penalty', 'presence_penalty']) {
    if (!rules.acceptsPenalties && (body[penalty] ?? 0) !== 0) return `${penalty} is not supported by this model.`;
  }
  if (!rules.acceptsPrefill && lastRole === 'assistant') {
    return 'Unable to submit request because the conversation must not end with a model turn.';
  }
  return undefined;
}

function refused(message: string): ReadChatCall {
  return { error: invalidArgument(message) };
}

function readModel(
  model: JsonValue | undefined,
  { project, location, endpoint }: ChatRoute,
  models: ModelRegistry,
): string | GoogleError {
  // A self-deployed endpoint holds one model: Google's samples send no name, SDKs an empty string or the endpoint's id.
  if (endpoint !== 'openapi') return typeof model === 'string' && model !== '' ? model : endpoint;
  if (typeof model !== 'string' || !/^[^/\s]+\/[^/\s]+$/.test(model)) {
    const given = typeof model === 'string' ? `\`${model}\`` : 'none';
    return invalidArgument(
      `Malformed publisher model: expected \`publisher/model\`, such as \`google/gemini-3.5-flash\`, got ${given}.`,
    );
  }
  if (models.rules(model).isServed) return model;
  const error = unknownModel(project, location, model);
  const hint = ' The emulator knows no such model; with --any-model, or anyModel, it answers to every name.';
  return models.knows(model) ? error : { ...error, message: error.message + hint };
}

type ReadMessages =
  | (Pick<ChatCall, 'promptText' | 'recordText' | 'mediaParts'> & { instructions: string; lastRole: string })
  | { problem: string };

function readMessages(messages: JsonValue | undefined, rules: ModelRules): ReadMessages {
  if (!Array.isArray(messages)) return { problem: "Invalid value at 'messages': expected a list of messages." };
  let promptText = '';
  let instructions = '';
  let mediaParts = 0;
  let lastRole = '';
  const details = new Set<JsonValue>();
  const userTexts: string[] = [];
  for (const [index, message] of (messages as readonly JsonValue[]).entries()) {
    const role = isJsonObject(message) ? message['role'] : undefined;
    if (!isJsonObject(message) || typeof role !== 'string' || !roles.has(role)) {
      return { problem: `Invalid value at 'messages[${index}].role': expected one of ${[...roles].join(', ')}.` };
    }
    const path = `messages[${index}]`;
    const extra = readExtra(message, path);
    if (typeof extra === 'string') return { problem: extra };
    const content = readContent(message['content'], role, path, details);
    if (typeof content === 'string') return { problem: content };
    promptText += `${role}\n${content.text}\n`;
    mediaParts += content.mediaParts + extra.fileParts;
    if (role === 'user' && !extra.isThought) userTexts.push(content.text);
    if (role === 'system' || role === 'developer') instructions += `${content.text}\n`;
    else lastRole = role;
  }
  if (lastRole === '') {
    return {
      problem:
        'Unable to submit request because at least one contents field is required. Learn more: ' +
        'https://cloud.google.com/vertex-ai/generative-ai/docs/model-reference/gemini',
    };
  }
  if (details.size > 1 && !rules.acceptsMixedDetail) {
    return { problem: 'Unable to submit request because all images must have the same detail for this model.' };
  }
  const problem = checkToolHistory(messages, rules);
  if (problem !== undefined) return { problem };
  return { promptText, recordText: chooseRecordText(userTexts), instructions, mediaParts, lastRole };
}

const roles: ReadonlySet<string> = new Set(['system', 'developer', 'user', 'assistant', 'tool', 'function']);

/** @returns a message where the content is malformed */
function readContent(
  content: JsonValue | undefined,
  role: string,
  path: string,
  details: Set<JsonValue>,
): { text: string; mediaParts: number } | string {
  if (typeof content === 'string') return { text: content, mediaParts: 0 };
  // An assistant's turn may hold tool calls only.
  if ((content === undefined || content === null) && role === 'assistant') return { text: '', mediaParts: 0 };
  if (!Array.isArray(content) || content.length === 0) {
    return `Invalid value at '${path}.content': expected a string or a list of content parts.`;
  }
  const texts: string[] = [];
  let mediaParts = 0;
  for (const [index, part] of (content as readonly JsonValue[]).entries()) {
    const partPath = `${path}.content[${index}]`;
    if (!isJsonObject(part)) return `Invalid value at '${partPath}': expected a content part.`;
    const extra = readExtra(part, partPath);
    if (typeof extra === 'string') return extra;
    if (part['type'] === 'text' && typeof part['text'] === 'string') {
      if (!extra.isThought) texts.push(part['text']);
      continue;
    }
    const problem = mediaProblem(part, details);
    if (problem !== undefined) return `Invalid value at '${partPath}': ${problem}.`;
    mediaParts += 1;
  }
  return { text: texts.join('\n'), mediaParts };
}

/** What is wrong with a part that is no text; notes the `detail` of an image. */
function mediaProblem(part: JsonObject, details: Set<JsonValue>): string | undefined {
  switch (part['type']) {
    case 'image_url': {
      const image = part['image_url'];
      const url = isJsonObject(image) ? image['url'] : image;
      if (typeof url !== 'string' || !mediaUrl.test(url)) {
        return 'expected image_url to be a gs://, https: or data: URL, or an object with such a url';
      }
      if (isJsonObject(image) && image['detail'] !== undefined) details.add(image['detail']);
      return undefined;
    }
    case 'input_audio': {
      const audio = part['input_audio'];
      if (!isJsonObject(audio) || typeof audio['data'] !== 'string' || typeof audio['format'] !== 'string') {
        return 'expected input_audio to have data and format';
      }
      return undefined;
    }
    default:
      return 'expected a part of type text, image_url or input_audio';
  }
}

/** The kinds of URLs that are documented, of which `data:` must be in Base64. */
const mediaUrl = /^(?:gs:\/\/[^/]|https?:\/\/[^/]|data:[^,]*;base64,)/i;

/**
 * The record stands in the last user message (earlier ones are examples), unless that one asks for a correction of an
 * answer, as a re-ask does; then it stands before.
 */
function chooseRecordText(userTexts: readonly string[]): string {
  for (let index = userTexts.length - 1; index > 0; index--) {
    const text = userTexts[index];
    if (text !== undefined && !correction.test(`${text.slice(0, 500)}\n${text.slice(-200)}`)) return text;
  }
  return userTexts[0] ?? '';
}

const correction =
  /\b(?:invalid|not valid|validation|(?:does|did) not (?:match|conform|pass|fit)|not conform|previous (?:answer|response|reply)|(?:try|answer) again|cannot be used|correct(?:ed|ing)? (?:the |your )?(?:json|answer|response))\b/i;

function readFormat(format: JsonValue | undefined, instructions: string): AnswerFormat | string {
  if (format === undefined || format === null) return promptedFormat(instructions) ?? { kind: 'text' };
  if (!isJsonObject(format) || typeof format['type'] !== 'string') {
    return "Invalid value at 'response_format.type': expected json_schema, json_object or text.";
  }
  if (format['type'] === 'json_object' || format['type'] === 'application/json') {
    return promptedFormat(instructions) ?? { kind: 'json-object' };
  }
  if (format['type'] !== 'json_schema') return promptedFormat(instructions) ?? { kind: 'text' };
  const jsonSchema = format['json_schema'];
  const schema = isJsonObject(jsonSchema) ? jsonSchema['schema'] : undefined;
  if (!isJsonObject(schema))
    return "Invalid value at 'response_format.json_schema.schema': expected a JSON Schema object.";
  return { kind: 'json-schema', schema };
}

/** Clients that know no `json_schema` tell the model in words. */
function promptedFormat(instructions: string): AnswerFormat | undefined {
  const schema = findPromptedSchema(instructions);
  return schema === undefined ? undefined : { kind: 'prompted-schema', schema };
}

/** @returns a message where it is neither a text nor a list of texts */
function readStop(stop: JsonValue | undefined): readonly string[] | string {
  const list: readonly JsonValue[] = stop === undefined || stop === null ? [] : Array.isArray(stop) ? stop : [stop];
  const isRight = list.every((text): text is string => typeof text === 'string' && text !== '');
  return isRight ? (list as readonly string[]) : "Invalid value at 'stop': expected a string or a list of strings.";
}

/** The service's own wording for a number outside its range. */
function outOfRange(
  name: string,
  value: JsonValue | undefined,
  minimum: number,
  maximum: number,
  isInteger = false,
): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== 'number') return `Invalid value at '${name}': expected a number.`;
  if (value >= minimum && value <= maximum && (!isInteger || Number.isInteger(value))) return undefined;
  const range = isInteger
    ? `from ${minimum} (inclusive) to ${maximum + 1} (exclusive)`
    : `from ${minimum} (inclusive) to ${maximum} (inclusive)`;
  return `Unable to submit request because it has a ${name} value of ${value} but the supported range is ${range}. Update the value and try again.`;
}
