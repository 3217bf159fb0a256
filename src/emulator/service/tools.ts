import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { readExtra } from './extra-content.ts';
import { generateEach } from '../answers/generate.ts';
import { keywordScore } from '../answers/keywords.ts';
import type { ModelRules } from './models.ts';
import { hashText } from '../answers/random.ts';
import { compileSchema } from '../answers/compile-schema.ts';
import { gateFunction } from './schema-gate.ts';
import { countTokens } from './token-count.ts';

/** A function the request offers. */
interface Tool {
  name: string;
  description: string;
  parameters: JsonObject;
}

/** The functions of a request, and whether the answer is to call one. */
export interface ToolUse {
  tools: readonly Tool[];
  /** What the definitions add to the prompt. */
  promptTokens: number;
  isCalling: boolean;
}

const NONE: ToolUse = { tools: [], promptTokens: 0, isCalling: false };

/**
 * Reads `tools` and `tool_choice`. Left to itself the emulator calls a function once for each user message, and answers when
 * the result is there.
 *
 * @returns a message where the tools are malformed
 */
export function readToolUse(body: JsonObject, lastRole: string): ToolUse | string {
  const list = body['tools'];
  if (list === undefined || list === null) return NONE;
  if (!Array.isArray(list)) return "Invalid value at 'tools': expected a list of functions.";
  const tools: Tool[] = [];
  for (const [index, entry] of (list as readonly JsonValue[]).entries()) {
    const definition = isJsonObject(entry) ? entry['function'] : undefined;
    const name = isJsonObject(definition) ? definition['name'] : undefined;
    if (!isJsonObject(definition) || typeof name !== 'string' || !/^[A-Za-z_][\w.:-]{0,127}$/.test(name)) {
      return `Invalid value at 'tools[${index}].function.name': expected a function name.`;
    }
    const { description, parameters } = definition;
    const isForGemini = String(body['model']).startsWith('google/');
    const refusal = isForGemini && isJsonObject(parameters) ? gateFunction(name, parameters) : undefined;
    if (refusal !== undefined) return refusal;
    tools.push({
      name,
      description: typeof description === 'string' ? description : '',
      parameters: isJsonObject(parameters) ? parameters : { type: 'object' },
    });
  }
  const choice = body['tool_choice'];
  const chosen = isJsonObject(choice) && isJsonObject(choice['function']) ? choice['function']['name'] : undefined;
  const offered = chosen === undefined ? tools : tools.filter(({ name }) => name === chosen);
  if (tools.length > 0 && offered.length === 0) return "Invalid value at 'tool_choice': there is no such function.";
  const isForced = choice === 'required' || chosen !== undefined;
  return {
    tools: offered,
    promptTokens: countTokens(JSON.stringify(list)),
    isCalling: offered.length > 0 && choice !== 'none' && (isForced || lastRole === 'user'),
  };
}

/** What is to be called, before it is put into the documented shape. */
export interface PlannedCall {
  name: string;
  /** JSON text. */
  arguments: string;
}

/**
 * The functions that suit the text, best first: at least one, and as many more as are allowed and suit it at all. One is
 * called for each of several places that the text asks about.
 */
export function planToolCalls({ tools }: ToolUse, text: string, seed: number, most: number): PlannedCall[] {
  const lowerCase = text.toLowerCase();
  const scored = tools.map((tool) => {
    const words = `${tool.name} ${tool.description}`.toLowerCase().match(/\p{L}{3,}/gu) ?? [];
    return { tool, score: words.reduce((sum, word) => sum + keywordScore(lowerCase, word), 0) };
  });
  return scored
    .sort((one, other) => other.score - one.score)
    .filter(({ score }, index) => index === 0 || (index < most && score > 0))
    .flatMap(({ tool: { name, parameters } }) =>
      generateEach(compileSchema(parameters), text, seed).map((value) => ({ name, arguments: JSON.stringify(value) })),
    );
}

/** Puts calls into the documented shape: models that sign do so on the first call of an answer only. */
export function toolCallMessage(calls: readonly PlannedCall[], seed: number, isSigned: boolean): JsonObject[] {
  return calls.map(({ name, arguments: text }, index) => {
    const signature = Buffer.from(`signature ${hashText(name, seed)}`).toString('base64');
    return {
      ...(isSigned && index === 0 ? { extra_content: { google: { thought_signature: signature } } } : {}),
      function: { arguments: text, name },
      id: `function-call-${uuid(hashText(String(index), seed))}`,
      type: 'function',
    };
  });
}

function uuid(seed: number): string {
  const digits = [1, 2, 3].map((salt) => hashText(String(seed), salt).toString(16).padStart(14, '0')).join('');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(12, 15)}-a${digits.slice(15, 18)}-${digits.slice(18, 30)}`;
}

/**
 * Checks the calls and results of a conversation: a result must answer a call, and models that sign calls want the signature
 * back on the first call of each turn.
 *
 * @returns a message where one is missing
 */
export function checkToolHistory(messages: readonly JsonValue[], rules: ModelRules): string | undefined {
  const callIds = new Set<unknown>();
  for (const [index, message] of messages.entries()) {
    if (!isJsonObject(message)) continue;
    if (message['role'] === 'tool' && !callIds.has(message['tool_call_id'])) {
      return 'Request contains an invalid argument.';
    }
    const calls = message['tool_calls'];
    if (message['role'] !== 'assistant' || !Array.isArray(calls)) continue;
    for (const [position, call] of (calls as readonly JsonValue[]).entries()) {
      if (!isJsonObject(call)) continue;
      const extra = readExtra(call, `messages[${index}].tool_calls[${position}]`);
      if (typeof extra === 'string') return extra;
      callIds.add(call['id']);
    }
    if (
      !rules.acceptsTextWithCalls &&
      calls.length > 0 &&
      typeof message['content'] === 'string' &&
      message['content'] !== ''
    ) {
      return 'Request contains an invalid argument.';
    }
    const first = (calls as readonly JsonValue[])[0];
    if (rules.wantsSignatures && isJsonObject(first) && !hasSignature(first)) {
      const called = first['function'];
      const name = isJsonObject(called) ? String(called['name']) : '';
      return (
        `Unable to submit request because function call \`default_api:${name}\` in the ${index + 1}. content block is ` +
        'missing a `thought_signature`. Learn more: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures'
      );
    }
  }
  return undefined;
}

function hasSignature(call: JsonObject): boolean {
  const extra = call['extra_content'];
  const google = isJsonObject(extra) ? extra['google'] : undefined;
  const signature = isJsonObject(google) ? google['thought_signature'] : undefined;
  return typeof signature === 'string' && signature !== '';
}
