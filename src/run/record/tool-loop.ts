import type { ChatMessage } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import type { ToolCall } from '../../completion/tool-call.ts';
import type { ExtractionTool, ToolResult } from '../../extraction/define-tool.ts';
import { findDroppedMember } from '../../answer/find-dropped-member.ts';
import { findLoss, type JsonLoss } from '../../json/find-loss.ts';
import { isSameJson } from '../../json/same-json.ts';
import { toPlainJson } from '../../json/to-plain-json.ts';
import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { RecordFields } from '../../records/record.ts';
import { deriveSchema } from '../../schema/derive.ts';

/** Thrown when a handler fails: the record is rejected, because an answer without the tool would be a guess. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/**
 * Answers the function calls of a completion. A call of an unknown function, or with arguments that do not fit, is answered
 * with what is wrong, so that the model can mend it.
 *
 * @returns the messages to add to the conversation: the model's turn, with its thought signatures, and the answers
 * @throws {ToolError} when a handler fails
 */
export async function answerToolCalls(
  completion: Completion,
  tools: readonly ExtractionTool[],
  context: { record: RecordFields; signal: AbortSignal },
): Promise<ChatMessage[]> {
  const { toolCalls, extraContent } = completion;
  const turn: ChatMessage = {
    role: 'assistant',
    // Some models refuse a turn that has both text and calls.
    content: null,
    tool_calls: toolCalls.map(({ id, name, arguments: text, extraContent: extra }) => ({
      id,
      type: 'function' as const,
      function: { name, arguments: text },
      ...(extra === undefined ? {} : { extra_content: extra }),
    })),
    ...(extraContent === undefined ? {} : { extra_content: extraContent }),
  };
  const answers = await Promise.all(
    toolCalls.map(async (call): Promise<ChatMessage> => {
      const { content, files } = withFiles(await answerCall(call, tools, context));
      const message: ChatMessage = { role: 'tool', tool_call_id: call.id, content: jsonOf(call.name, content) };
      if (files.length === 0) return message;
      return { ...message, extra_content: { google: { parts: files.map((file) => ({ file_data: file })) } } };
    }),
  );
  return [turn, ...answers];
}

function jsonOf(name: string, content: JsonValue): string {
  const plain = toPlainJson(content);
  if ('value' in plain) return JSON.stringify(plain.value);
  const { path, problem } = plain;
  throw new ToolError(
    `The handler of the tool ${name} gave back what JSON cannot hold: ${problem}${path === '' ? '' : ` at ${path}`}`,
  );
}

async function answerCall(
  { name, arguments: text }: ToolCall,
  tools: readonly ExtractionTool[],
  context: { record: RecordFields; signal: AbortSignal },
): Promise<ToolResult> {
  const tool = tools.find((candidate) => candidate.name === name);
  if (tool === undefined)
    return { error: `There is no function ${name}; there are ${tools.map((one) => one.name).join(', ')}` };
  let value: unknown;
  try {
    value = JSON.parse(text === '' ? '{}' : text);
  } catch {
    return { error: 'The arguments are not valid JSON' };
  }
  // What is looked up must be what the model asked for.
  const loss = findLoss(text, value);
  if (loss !== undefined)
    return { error: `The arguments cannot be taken as they are: ${LOSS_TEXTS[loss.kind]}`, path: loss.path };
  let checked: Awaited<ReturnType<(typeof tool.parameters)['~standard']['validate']>>;
  try {
    checked = await tool.parameters['~standard'].validate(value);
  } catch (error) {
    throw new ToolError(`The parameters' own check of the tool ${name} threw`, { cause: error });
  }
  if (checked.issues !== undefined) {
    const issues = checked.issues.map(({ message, path = [] }) => ({
      path: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
      message,
    }));
    return { error: 'The arguments do not fit the function', issues };
  }
  if (!isSameJson(checked.value, value as JsonValue)) {
    const dropped = findDroppedMember(value as JsonValue, checked.value, await schemaOf(tool));
    if (dropped !== undefined) {
      const { path, key, missing } = dropped;
      return { error: `There is no argument ${key}, and ${missing} is missing`, path: path.join('.') };
    }
  }
  try {
    return await tool.handler(checked.value, context);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ToolError(`The handler of the tool ${name} failed: ${reason}`, { cause: error });
  }
}

const schemas = new WeakMap<ExtractionTool, JsonObject>();

/** Derived when it is first wanted: most calls give nothing beside what was asked for. */
async function schemaOf(tool: ExtractionTool): Promise<JsonObject> {
  let schema = schemas.get(tool);
  if (schema === undefined) {
    schema = (await deriveSchema(tool.parameters, { dialect: 'gemini-tools' })).schema;
    schemas.set(tool, schema);
  }
  return schema;
}

function withFiles(result: ToolResult | undefined): { content: JsonValue; files: readonly FileData[] } {
  if (isWithFiles(result)) return result;
  return { content: result === undefined ? null : (result as JsonValue), files: [] };
}

const LOSS_TEXTS: Readonly<Record<JsonLoss['kind'], string>> = {
  'duplicate-key': 'a name stands twice in an object, with different values',
  'inexact-number': 'a number has more digits than can be kept',
  'control-character': 'a text holds a backspace or a form feed; write each backslash as \\\\',
};

type FileData = Extract<ToolResult, { files: unknown }>['files'][number];

function isWithFiles(result: ToolResult | undefined): result is Extract<ToolResult, { files: readonly FileData[] }> {
  return (
    typeof result === 'object' &&
    result !== null &&
    'files' in result &&
    'content' in result &&
    Array.isArray(result.files)
  );
}
