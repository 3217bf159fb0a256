import { isJsonObject } from '../json/value.ts';

/**
 * Tokens of one call, or a sum over calls. Unlike OpenAI's convention, `completion` excludes `reasoning`:
 * on Vertex's endpoint total = prompt + completion + reasoning, so billed output is completion + reasoning.
 */
export interface TokenUsage {
  prompt: number;
  /** Part of `prompt` that was served from a cache. */
  cached: number;
  completion: number;
  reasoning: number;
  total: number;
}

export const zeroUsage: Readonly<TokenUsage> = Object.freeze({
  prompt: 0,
  cached: 0,
  completion: 0,
  reasoning: 0,
  total: 0,
});

export function addUsage(left: Readonly<TokenUsage>, right: Readonly<TokenUsage>): TokenUsage {
  return {
    prompt: left.prompt + right.prompt,
    cached: left.cached + right.cached,
    completion: left.completion + right.completion,
    reasoning: left.reasoning + right.reasoning,
    total: left.total + right.total,
  };
}

/**
 * Reads the `usage` object of a response. Every field may be absent (a call whose whole cap went into thinking has
 * no `completion_tokens`; a call without thinking has no `completion_tokens_details`): reasoning is then what the
 * total leaves over, and a missing total is the sum of the parts. Gateways with OpenAI's convention count reasoning within
 * completion: the total tells, being prompt + completion. Undefined where there is no usage object at all.
 */
export function readUsage(value: unknown): TokenUsage | undefined {
  if (!isJsonObject(value)) return undefined;
  const prompt = count(value['prompt_tokens']) ?? 0;
  const reportedCompletion = count(value['completion_tokens']) ?? 0;
  const reportedTotal = count(value['total_tokens']);
  const completionDetails = value['completion_tokens_details'];
  const promptDetails = value['prompt_tokens_details'];
  const reportedReasoning = isJsonObject(completionDetails) ? count(completionDetails['reasoning_tokens']) : undefined;
  const isFolded = reportedTotal !== undefined && reportedTotal === prompt + reportedCompletion;
  const reasoning = isFolded
    ? Math.min(reportedReasoning ?? 0, reportedCompletion)
    : (reportedReasoning ?? Math.max(0, (reportedTotal ?? 0) - prompt - reportedCompletion));
  const completion = isFolded ? reportedCompletion - reasoning : reportedCompletion;
  const cached = (isJsonObject(promptDetails) ? count(promptDetails['cached_tokens']) : undefined) ?? 0;
  // A total below its parts would let a budget count too little.
  return {
    prompt,
    cached,
    completion,
    reasoning,
    total: Math.max(reportedTotal ?? 0, prompt + completion + reasoning),
  };
}

/** The consumption option that served a call, such as `ON_DEMAND` or `PROVISIONED_THROUGHPUT`. */
export function readTrafficType(usage: unknown): string | undefined {
  if (!isJsonObject(usage)) return undefined;
  const extra = usage['extra_properties'];
  const google = isJsonObject(extra) ? extra['google'] : undefined;
  const trafficType = isJsonObject(google) ? google['traffic_type'] : undefined;
  return typeof trafficType === 'string' ? trafficType : undefined;
}

/** More than any call can have: sums over many calls must stay exact. */
const MAX_COUNT = 1e12;

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_COUNT ? value : undefined;
}
