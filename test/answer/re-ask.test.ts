import { expect, test } from 'vitest';
import type { InvalidAnswer } from '../../src/answer/judge-answer.ts';
import { reaskMessages } from '../../src/answer/re-ask.ts';
import type { ChatMessage } from '../../src/completion/request.ts';

const original: readonly ChatMessage[] = [
  { role: 'system', content: 'Extract the receipt.' },
  { role: 'user', content: 'TOTAL 12.50' },
];

function violation(text: string | undefined, issues: InvalidAnswer['issues'] = []): InvalidAnswer {
  return { status: 'invalid', code: 'schema_violation', message: 'For people', reason: 'the reason', issues, text };
}

test('reaskMessages() adds the answer and its issues to the original messages', () => {
  const verdict = violation('{"total":"12"}', [
    { path: '/total', message: 'expected number' },
    { path: '', message: 'Sum is wrong' },
  ]);
  const messages = reaskMessages(original, verdict);
  expect(messages).toEqual([
    ...original,
    { role: 'assistant', content: '{"total":"12"}' },
    {
      role: 'user',
      content:
        'That answer cannot be used:\n- /total: expected number\n- Sum is wrong\n' +
        'Answer again with the complete, corrected JSON object only: no explanation, no Markdown.',
    },
  ]);
  expect(original).toHaveLength(2);
});

test('reaskMessages() gives the reason where there are no issues', () => {
  expect(reaskMessages(original, violation('oops')).at(-1)?.content).toContain('\n- the reason\n');
});

test.each([undefined, '', ' \n'])('reaskMessages() leaves out the blank answer %j', (text) => {
  const messages = reaskMessages(original, { ...violation(text), code: 'empty_answer' });
  expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'user']);
  expect(messages.at(-1)?.content).toMatch(/^There was no answer:/);
});

test('reaskMessages() bounds answer and issues', () => {
  const issues = Array.from({ length: 25 }, (_, index) => ({ path: `/${index}`, message: 'bad' }));
  const messages = reaskMessages(original, violation('x'.repeat(1e6), issues));
  expect(messages[2]?.content).toHaveLength(20_000);
  expect(messages[3]?.content).toContain('- /19: bad\n- and 5 more\n');
  expect(messages[3]?.content).not.toContain('/20');
});

test('reaskMessages() sends well-formed text, also where the cut halves a character', () => {
  const answer = reaskMessages(original, violation(`${'x'.repeat(19_999)}😀`))[2]?.content;
  expect(answer).toBe(`${'x'.repeat(19_999)}\uFFFD`);
  expect(reaskMessages(original, violation('a\uD83Db 😀'))[2]?.content).toBe('a\uFFFDb 😀');
});
