import { EMULATOR_FINGERPRINT } from '../../completion/service.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';
import type { Answer, AnswerDraft, Choice } from './answer.ts';

type Envelope = Pick<AnswerDraft, 'id' | 'created' | 'model'>;

/** The body of an answer in the documented shape, its keys in the order the service sends them. */
export function completionBody({ created, id, model }: Envelope, { choices, reported }: Answer): string {
  return JSON.stringify({
    choices,
    created,
    id,
    model,
    object: 'chat.completion',
    system_fingerprint: EMULATOR_FINGERPRINT,
    usage: reported,
  });
}

/**
 * The same answer as a stream of server-sent events: every delta repeats the role, `finish_reason` is absent until a choice's
 * last chunk, the last chunk of all carries the usage, and `[DONE]` follows.
 */
export function completionEvents(envelope: Envelope, { choices, reported }: Answer, options: StreamOptions): string[] {
  const chunks = (choices ?? []).flatMap((choice) => choiceChunks(choice, options));
  const events = chunks.map((chunk, index) =>
    event(envelope, [chunk], index === chunks.length - 1 ? reported : undefined),
  );
  // A blocked prompt has no choices, only its cost.
  if (events.length === 0) events.push(event(envelope, undefined, reported));
  return [...events, 'data: [DONE]\n\n'];
}

export interface StreamOptions {
  /** Whether the arguments of tool calls come in fragments, as `stream_function_call_arguments` asks for. */
  fragmentArguments: boolean;
}

function event(
  { created, id, model }: Envelope,
  choices: readonly JsonObject[] | undefined,
  usage: JsonObject | undefined,
): string {
  const object = 'chat.completion.chunk';
  return `data: ${JSON.stringify({ choices, created, id, model, object, system_fingerprint: EMULATOR_FINGERPRINT, usage })}\n\n`;
}

function choiceChunks({ finish_reason, index, logprobs, message }: Choice, options: StreamOptions): JsonObject[] {
  const deltas = messageDeltas(message ?? {}, options);
  return deltas.map((delta, position) => ({
    delta: { ...delta, role: 'assistant' },
    ...(position === deltas.length - 1 ? { finish_reason } : {}),
    index,
    logprobs,
  }));
}

function messageDeltas(message: JsonObject, { fragmentArguments }: StreamOptions): JsonObject[] {
  const { role: _, content, tool_calls: toolCalls, ...rest } = message;
  const deltas: JsonObject[] =
    typeof content === 'string'
      ? pieces(content).map((piece) => ({ content: piece }))
      : content === undefined
        ? []
        : [{ content }];
  if (Array.isArray(toolCalls)) {
    const calls = toolCalls.filter((call) => isJsonObject(call));
    deltas.push(...calls.flatMap((call, index) => callDeltas(call, index, fragmentArguments)));
  }
  if (Object.keys(rest).length > 0 || deltas.length === 0) deltas.push(rest);
  return deltas;
}

/** Some words a piece, as the service sends them. */
function pieces(content: string): string[] {
  return content.match(/[^]{1,40}(?:\s|$)|[^]{1,40}/g) ?? [''];
}

/**
 * Google's own sample announces a call with empty arguments under one index and continues it under another; `id` alone
 * tells which call a fragment belongs to. The signature comes with the announcement only.
 */
function callDeltas(call: JsonObject, position: number, fragmentArguments: boolean): JsonObject[] {
  if (!fragmentArguments) return [{ tool_calls: [{ ...call, index: position }] }];
  const { extra_content: signature, function: called, ...identity } = call;
  const { name, arguments: text } = called as { name: string; arguments: string };
  const announced = {
    ...(signature === undefined ? {} : { extra_content: signature }),
    function: { arguments: '', name },
    ...identity,
    index: position ^ 1,
  };
  const fragments = argumentFragments(text).map((fragment) => ({
    function: { arguments: fragment, name },
    ...identity,
    index: position,
  }));
  return [announced, ...fragments].map((one) => ({ tool_calls: [one] }));
}

/** Breaks JSON before and after the closing quote of each value that is a string. */
function argumentFragments(text: string): string[] {
  return text.split(/(?<=:"(?:[^"\\]|\\.)*)(")/).filter((fragment) => fragment !== '');
}
