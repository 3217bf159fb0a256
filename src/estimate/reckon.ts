import { costOf, toUsd } from '../accounting/price-of.ts';
import type { PriceRow } from '../accounting/price-table.ts';
import type { TokenUsage } from '../completion/usage.ts';
import type { SentSample } from './send-sample.ts';
import { mapSpan, type Span } from './span.ts';

/** Tokens of one record, as they are billed. */
export interface RecordTokens {
  prompt: Span;
  /** Answer and thinking. */
  output: Span;
  /** Of the prompt, what came out of a cache. */
  cached: number;
}

/** How far the rough count of a prompt is from what a service counts. */
const ROUGH = { low: 0.65, high: 1.5 };
/** Two-sided 95 % of Student's t by degrees of freedom; beyond, the normal distribution is near enough. */
const STUDENT: readonly number[] = [
  12.71, 12.71, 4.3, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.2, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.1, 2.09,
];
/** What a sample does not show, such as retries of a bad hour. */
const LEAST_SPREAD = 0.03;

/** Tokens of one record where nothing was sent. */
export function roughTokens(meanPrompt: number, answer: Span): RecordTokens {
  return {
    prompt: { low: meanPrompt * ROUGH.low, expected: meanPrompt, high: meanPrompt * ROUGH.high },
    output: answer,
    cached: 0,
  };
}

/** Tokens of one record by what a sample took: prompts in proportion to their rough count, answers as they were. */
export function sampledTokens(meanPrompt: number, { usage }: SentSample): RecordTokens {
  const rough = usage.map(({ roughPrompt }) => roughPrompt);
  const prompts = usage.map(({ tokens }) => tokens.prompt);
  const ratio = sum(prompts) / Math.max(1, sum(rough));
  const strays = prompts.map((prompt, place) => prompt - ratio * (rough[place] ?? 0));
  const outputs = usage.map(({ tokens }) => tokens.completion + tokens.reasoning);
  return {
    prompt: around(ratio * meanPrompt, strays),
    output: around(mean(outputs), outputs),
    cached: mean(usage.map(({ tokens }) => tokens.cached)),
  };
}

/** The mean, with the interval that the values' spread leaves it. */
function around(expected: number, values: readonly number[]): Span {
  const middle = mean(values);
  const variance = sum(values.map((value) => (value - middle) ** 2)) / Math.max(1, values.length - 1);
  const wide = (STUDENT[values.length - 1] ?? 2) * Math.sqrt(variance / Math.max(1, values.length));
  const margin = Math.max(wide, expected * LEAST_SPREAD);
  return { low: Math.max(0, expected - margin), expected, high: expected + margin };
}

export interface CostOptions {
  trafficType?: string;
  batch?: boolean;
  /** Tokens of every prompt that are the same and at its beginning, where they are to be read from a cache. */
  cachedPrefix?: number;
}

/** US dollars for so many records. */
export function reckonCost(tokens: RecordTokens, records: number, price: PriceRow, options: CostOptions = {}): Span {
  const { cachedPrefix, ...serving } = options;
  const usd = (prompt: number, output: number): number => {
    const usage: TokenUsage = {
      prompt,
      cached: Math.min(prompt, cachedPrefix ?? tokens.cached),
      completion: output,
      reasoning: 0,
      total: prompt + output,
    };
    return (toUsd(costOf(usage, price, serving)) || 0) * records;
  };
  const { prompt, output } = tokens;
  return {
    low: usd(prompt.low, output.low),
    expected: usd(prompt.expected, output.expected),
    high: usd(prompt.high, output.high),
  };
}

export interface Pace {
  concurrency: number;
  requestsPerMinute: number | undefined;
  tokensPerMinute: number | undefined;
}

/** Seconds for so many records: calls in flight, requests or tokens a minute, whichever is the slowest. */
export function reckonTime(
  tokens: RecordTokens,
  records: number,
  { latencyMs, pace }: { latencyMs: Span; pace: Pace },
): Span {
  const { concurrency, requestsPerMinute = Infinity, tokensPerMinute = Infinity } = pace;
  const seconds = (latency: number, total: number): number =>
    Math.max(
      (records * latency) / 1000 / Math.min(concurrency, Math.max(1, records)),
      (records / requestsPerMinute) * 60,
      ((records * total) / tokensPerMinute) * 60,
    );
  const { prompt, output } = tokens;
  return {
    low: seconds(latencyMs.low, prompt.low + output.low),
    expected: seconds(latencyMs.expected, prompt.expected + output.expected),
    high: seconds(latencyMs.high, prompt.high + output.high),
  };
}

export function totalTokens({ prompt, output }: RecordTokens, records: number): Span {
  return {
    low: Math.round((prompt.low + output.low) * records),
    expected: Math.round((prompt.expected + output.expected) * records),
    high: Math.round((prompt.high + output.high) * records),
  };
}

export function roundSpan(span: Span, digits: number): Span {
  return mapSpan(span, (value) => Number(value.toFixed(digits)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function mean(values: readonly number[]): number {
  return sum(values) / Math.max(1, values.length);
}
