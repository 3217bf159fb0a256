import type { ChatMessage } from '../completion/request.ts';

/** Tokens charged for a media part before real usage is known: the documented default of an image. */
const MEDIA_TOKENS = 1120;
/** How fast the learned figures follow: the latest call counts this much. */
const LEARNING_RATE = 0.1;

/**
 * Rough token count of a text without a tokenizer: digits are a token each, CJK characters somewhat less, letters about a
 * quarter. Characters divided by four is off by 40 to 75 % on CSV, JSON, digits and Chinese; this is a start that
 * `TokenEstimate` then corrects from what the service reports.
 */
export function roughTokenCount(text: string): number {
  let tokens = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x61 && code <= 0x7a) tokens += 0.22;
    else if (code >= 0x30 && code <= 0x39) tokens += 1;
    else if (code === 0x20) tokens += 0.1;
    else if (code < 0x41) tokens += 0.7;
    else if (code < 0x5b) tokens += 0.3;
    else if (code < 0x80) tokens += 0.7;
    else if (code < 0x2e80) tokens += 0.4;
    else tokens += 0.6;
  }
  return tokens;
}

/** Estimates what a call will cost in tokens, prompt and answer, and learns from what calls really cost. */
export class TokenEstimate {
  #promptRatio = 1;
  #answerTokens: number;
  #calls = 0;

  /** `expectedAnswerTokens`: a first guess of an answer's length, until real ones are known. Default 256. */
  constructor(expectedAnswerTokens = 256) {
    this.#answerTokens = expectedAnswerTokens;
  }

  /** Rough prompt size, to be handed back to `learn` with the real figures. */
  roughPrompt(messages: readonly ChatMessage[]): number {
    let tokens = 0;
    for (const { content } of messages) {
      if (typeof content === 'string') tokens += roughTokenCount(content);
      else for (const part of content ?? []) tokens += part.type === 'text' ? roughTokenCount(part.text) : MEDIA_TOKENS;
    }
    return tokens;
  }

  total(roughPrompt: number): number {
    return Math.ceil(roughPrompt * this.#promptRatio + this.#answerTokens);
  }

  learn(roughPrompt: number, actual: { prompt: number; total: number }): void {
    if (actual.total === 0 || roughPrompt === 0) return;
    this.#calls += 1;
    // The first calls count more, so that a bad first guess is left behind quickly.
    const weight = Math.max(LEARNING_RATE, 1 / this.#calls);
    this.#promptRatio += weight * (actual.prompt / roughPrompt - this.#promptRatio);
    this.#answerTokens += weight * (actual.total - actual.prompt - this.#answerTokens);
  }
}
