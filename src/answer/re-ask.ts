import type { ChatMessage } from '../completion/request.ts';
import type { InvalidAnswer } from './judge-answer.ts';

/** Enough for the model to see what it did; a runaway answer would be paid for again as prompt. */
const MAX_ANSWER_LENGTH = 20_000;
const MAX_ISSUES = 20;

/**
 * The messages that ask once more: always the original ones, the invalid answer and what is wrong with it, so that the
 * conversation never grows beyond one round. A blank answer is left out, because models refuse empty turns.
 */
export function reaskMessages(original: readonly ChatMessage[], verdict: InvalidAnswer): ChatMessage[] {
  const answer = wellFormed((verdict.text ?? '').slice(0, MAX_ANSWER_LENGTH));
  const messages: ChatMessage[] = [...original];
  if (answer.trim() !== '') messages.push({ role: 'assistant', content: answer });
  messages.push({ role: 'user', content: describeProblem(verdict) });
  return messages;
}

function describeProblem({ code, reason, issues }: InvalidAnswer): string {
  const opening = code === 'empty_answer' ? 'There was no answer' : 'That answer cannot be used';
  const listed = issues
    .slice(0, MAX_ISSUES)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`));
  if (issues.length > MAX_ISSUES) listed.push(`and ${issues.length - MAX_ISSUES} more`);
  if (listed.length === 0) listed.push(reason);
  return [
    `${opening}:`,
    ...listed.map((line) => `- ${wellFormed(line)}`),
    'Answer again with the complete, corrected JSON object only: no explanation, no Markdown.',
  ].join('\n');
}

/** A cut may halve a surrogate pair, and an answer may hold half a pair as an escape; UTF-8 cannot carry either. */
function wellFormed(text: string): string {
  return text.replaceAll(/\p{Surrogate}/gu, '\uFFFD');
}
