import type { JsonObject } from '../../json/value.ts';
import { hashText } from '../answers/random.ts';

/** Pieces of at most four characters that never part a surrogate pair, as a tokenizer makes them of rare words. */
const PIECE = /\d|\s?\p{L}{1,4}|[^]/gu;

/**
 * How probable each token of a text was, in the shape of vLLM and llama.cpp. Digits are less sure than letters, and what stands in a text
 * decides, so that equal answers have equal ones.
 */
export function logprobsOf(text: string): JsonObject {
  const content = [...text.matchAll(PIECE)].map(({ 0: token, index }) => ({
    token,
    logprob: (-hashText(token, index) / 2 ** 53) * (/\d/.test(token) ? 2 : 0.25),
    bytes: [...Buffer.from(token)],
    top_logprobs: [],
  }));
  return { content };
}
