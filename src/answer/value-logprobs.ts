import type { Completion } from '../completion/response.ts';
import { readTokenLogprobs, type TokenLogprob } from '../completion/token-logprobs.ts';
import { leafSpans, type LeafSpan } from '../json/leaf-spans.ts';
import { valueAt } from '../json/at-pointer.ts';
import type { JsonObject } from '../json/value.ts';
import { choiceLength } from './enum-choice.ts';
import { jsonSpans } from './json-spans.ts';
import type { AnswerVerdict } from './verdict.ts';

/**
 * By JSON pointer into an answer, the mean log probability of the tokens that a value is written with: 0 where the model saw nothing else
 * to write, further below where it did. Of a member of an enum it is the log probability of having chosen that: of the tokens up to the one
 * that tells it from the others. A signal, no probability that the value is right.
 */
export type ValueLogprobs = Readonly<Record<string, number>>;

/** Adds to a usable answer what the tokens of its values say. */
export function withLogprobs(
  verdict: AnswerVerdict<unknown>,
  completion: Completion,
  schema?: JsonObject,
): AnswerVerdict<unknown> {
  if (verdict.status === 'invalid') return verdict;
  const all = valueLogprobs(completion, schema);
  if (all === undefined) return verdict;
  // What was read under another name or in another place than it was written is left out.
  const answer = verdict.answer ?? verdict.json;
  const logprobs = Object.fromEntries(Object.entries(all).filter(([path]) => valueAt(answer, path) !== undefined));
  return { ...verdict, logprobs };
}

/**
 * Undefined where the server gave no log probabilities, or they cannot be laid over the one JSON object of the answer. The `schema` tells
 * which values are members of enums.
 */
export function valueLogprobs(completion: Completion, schema?: JsonObject): ValueLogprobs | undefined {
  const { content, raw } = completion;
  if (content === undefined) return undefined;
  const tokens = readTokenLogprobs(raw);
  const json = tokens && onlyObject(content);
  if (tokens === undefined || json === undefined) return undefined;
  const written = Buffer.concat(tokens.map(({ bytes }) => bytes));
  // Thoughts may stand before the answer, and the sign of an end after it.
  const start = written.lastIndexOf(json);
  return start < 0 ? undefined : meansOf(leafSpans(json), json, tokens, { offset: start, schema });
}

/** The text of the one object that stands in an answer, where it is valid JSON as it is. */
function onlyObject(content: string): string | undefined {
  const [span, ...others] = jsonSpans(content);
  if (span?.end === undefined || others.length > 0) return undefined;
  const text = content.slice(span.start, span.end);
  try {
    JSON.parse(text);
    return text;
  } catch {
    return undefined;
  }
}

/** Values and tokens are both in order, so that one pass finds which belong together. `offset` is where the text begins among the tokens. */
function meansOf(
  spans: readonly LeafSpan[],
  text: string,
  tokens: readonly TokenLogprob[],
  { offset, schema }: { offset: number; schema: JsonObject | undefined },
): Record<string, number> {
  const means: Record<string, number> = {};
  let read = 0;
  let bytes = offset;
  let at = 0;
  let tokenStart = 0;
  for (const { path, start, end } of spans) {
    bytes += Buffer.byteLength(text.slice(read, start));
    const choice = schema && choiceLength(text.slice(start, end), path, schema);
    const until = bytes + Buffer.byteLength(text.slice(start, choice === undefined ? end : start + choice));
    while (at < tokens.length && tokenStart + lengthAt(tokens, at) <= bytes) {
      tokenStart += lengthAt(tokens, at);
      at += 1;
    }
    let sum = 0;
    let count = 0;
    // The last token of a value may be the first of what follows: it is not passed yet.
    for (let one = at, begin = tokenStart; one < tokens.length && begin < until; one += 1) {
      begin += lengthAt(tokens, one);
      if (lengthAt(tokens, one) === 0) continue;
      sum += tokens[one]?.logprob ?? 0;
      count += 1;
    }
    if (count > 0) means[path] = rounded(choice === undefined ? sum / count : sum);
    bytes += Buffer.byteLength(text.slice(start, end));
    read = end;
  }
  return means;
}

function lengthAt(tokens: readonly TokenLogprob[], at: number): number {
  return tokens[at]?.bytes.length ?? 0;
}

/** With as many digits as anybody needs; a token that was held impossible has minus infinity, which JSON cannot say. */
function rounded(mean: number): number {
  return Math.max(-100, Math.round(mean * 10_000) / 10_000) + 0;
}
