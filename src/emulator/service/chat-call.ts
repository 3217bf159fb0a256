import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { findPromptedSchema } from '../answers/prompted-schema.ts';
import { invalidArgument, unknownModel, type GoogleError } from './google-error.ts';
import type { ModelRegistry, ModelRules } from './models.ts';
import type { ChatRoute } from './routes.ts';
import { readMessages, type Conversation } from './read-messages.ts';
import { readToolUse, type ToolUse } from './tools.ts';
import { googleOptions, readThinking, type Thinking } from './thinking.ts';

/** A chat request that passed the service's checks, reduced to what an answer depends on. */
export interface ChatCall extends Pick<Conversation, 'promptText' | 'recordText' | 'mediaParts'> {
  /** As the answer names it. */
  model: string;
  rules: ModelRules;
  format: AnswerFormat;
  maxTokens: number | undefined;
  /** Texts before which the answer ends. */
  stop: readonly string[];
  thinking: Thinking;
  /** How many answers to give, `n`. */
  count: number;
  /** Whether the answer's log probabilities are wanted, of a model that gives them. */
  hasLogprobs: boolean;
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
      // Google's models answer null, whatever is asked for.
      hasLogprobs: body['logprobs'] === true && !model.startsWith('google/'),
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
  const hint =
    ' The emulator knows no such model; with the option any-model (anyModel in a program) it answers to every name.';
  return models.knows(model) ? error : { ...error, message: error.message + hint };
}

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
