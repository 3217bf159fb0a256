import { EarlyStopper, type EarlyEnd } from '../../answer/early-stop/early-stopper.ts';
import { ApiError } from '../../completion/api-error.ts';
import type { StreamingClient } from '../../completion/client.ts';
import type { ChatRequest } from '../../completion/request.ts';
import type { Completion } from '../../completion/response.ts';
import type { JsonObject } from '../../json/value.ts';
import { roughTokenCount } from '../../pacing/token-estimate.ts';

/** Why an answer was stopped on its way. */
export type EarlyStop = EarlyEnd;

export interface StreamAnswerOptions {
  client: StreamingClient;
  /** What answers are asked for with. */
  schema: JsonObject;
  /** Tokens of thinking that were allowed for, where they were. */
  thinkingBudget: number | undefined;
}

/**
 * Takes an answer as a stream and leaves it as soon as it cannot become valid any more, so that the rest is not paid for.
 * Nobody reports the tokens of an answer that was left; they are estimated from what had come.
 */
export async function streamAnswer(
  request: ChatRequest,
  signal: AbortSignal,
  { client, schema, thinkingBudget }: StreamAnswerOptions,
): Promise<{ completion: Completion; earlyStop: EarlyStop | undefined }> {
  const stream = client.stream(request, { signal });
  const watch = new EarlyStopper({
    schema,
    countTokens: roughTokenCount,
    ...(thinkingBudget === undefined ? {} : { thinkingBudget }),
  });
  let earlyStop: EarlyStop | undefined;
  for await (const delta of stream) {
    earlyStop = watch.push(delta);
    if (earlyStop !== undefined) break;
  }
  if (earlyStop === undefined) return { completion: await stream.completion, earlyStop };
  const partial = stream.partial();
  if (partial === undefined) {
    throw new ApiError('The answer was left before anything of it had come', { kind: 'unreadable', status: 200 });
  }
  return { completion: { ...partial, usage: partial.usage ?? estimateUsage(request, partial) }, earlyStop };
}

function estimateUsage(request: ChatRequest, { content, thoughts }: Completion): Completion['usage'] {
  const prompt = Math.ceil(roughTokenCount(JSON.stringify(request.messages)));
  const completion = Math.ceil(roughTokenCount(content ?? ''));
  const reasoning = Math.ceil(roughTokenCount(thoughts ?? ''));
  return { prompt, cached: 0, completion, reasoning, total: prompt + completion + reasoning };
}
