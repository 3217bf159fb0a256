import type { TokenUsage } from '../completion/usage.ts';
import { cutThoughts } from './cut-thoughts.ts';
import type { AnswerProblemCode } from './problem.ts';
import { findRepetition } from './early-stop/repetition.ts';

export interface Truncation {
  code: Extract<AnswerProblemCode, `truncated_${string}`>;
  /** What shows it, in numbers; holds no contents of the answer. */
  evidence: string;
}

/** From this share of the output tokens on, a cut-off answer is the fault of thinking. */
const DOMINANT_THINKING_SHARE = 0.5;

/** White space that is irregular has no period; no answer ends in this much of it. */
const MIN_BLANK_TAIL = 200;

/** Longer than any number that means something; constrained decoding has looped inside number literals. */
const MIN_ENDLESS_DIGITS = 64;

/**
 * Says why an answer was cut off at the token limit. A loop is looked for first: raising the limit, which mends the
 * other two, only makes a loop dearer.
 */
export function diagnoseTruncation(
  text: string,
  usage: Readonly<TokenUsage> | undefined,
  options: { maxTokens?: number | undefined } = {},
): Truncation {
  const loop = describeLoop(text);
  if (loop !== undefined) return { code: 'truncated_loop', evidence: loop };

  const isBlank = text.trim() === '';
  if (!isBlank && cutThoughts(text) === undefined) {
    return { code: 'truncated_thinking', evidence: `all of the ${text.length} characters are thoughts` };
  }
  if (usage === undefined) {
    return isBlank
      ? { code: 'truncated_thinking', evidence: 'the token limit was reached before any text was written' }
      : { code: 'truncated_answer', evidence: `the token limit was reached after ${text.length} characters` };
  }
  const { reasoning, completion } = usage;
  const limit = options.maxTokens ?? reasoning + completion;
  const isThinking = (isBlank && completion === 0) || (reasoning > 0 && reasoning >= limit * DOMINANT_THINKING_SHARE);
  if (!isThinking) {
    const thinking = reasoning > 0 ? ` and ${reasoning} into thinking` : '';
    return { code: 'truncated_answer', evidence: `${completion} of ${limit} tokens went into the answer${thinking}` };
  }
  return reasoning > 0
    ? { code: 'truncated_thinking', evidence: `${reasoning} of ${limit} tokens went into thinking` }
    : { code: 'truncated_thinking', evidence: 'the token limit was reached before any text was written' };
}

function describeLoop(text: string): string | undefined {
  const blank = text.length - text.trimEnd().length;
  if (blank >= MIN_BLANK_TAIL) return `the last ${blank} characters are white space`;
  const digits = countEndlessDigits(text);
  if (digits >= MIN_ENDLESS_DIGITS) return `the text ends inside a number of ${digits} characters`;
  const repetition = findRepetition(text);
  if (repetition === undefined) return undefined;
  const { length, period } = repetition;
  return `the last ${length} characters repeat a stretch of ${period}, ${Math.floor(length / period)} times`;
}

/** Length of the number literal the text ends in; 0 where the digits stand in a string. */
function countEndlessDigits(text: string): number {
  let start = text.length;
  while (start > 0 && '0123456789.eE+-'.includes(text.charAt(start - 1))) start -= 1;
  return start === 0 || ':[, \n\t'.includes(text.charAt(start - 1)) ? text.length - start : 0;
}
