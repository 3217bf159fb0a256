import { expect, test } from 'vitest';
import type { ChatMessage } from '../../src/completion/request.ts';
import { compileRecordTexts } from '../../src/evidence/record-texts.ts';

const system: ChatMessage = { role: 'system', content: 'Extract 42' };

function user(content: ChatMessage['content']): ChatMessage[] {
  return [system, { role: 'user', content } as ChatMessage];
}

test('a template asks with its columns, each once, as it writes them; blank ones hold nothing', () => {
  const textsOf = compileRecordTexts({
    prompt: 'Mail of 2020: {{subject}} {{ body }} {{lines}} {{note?}} {{subject}}',
  });
  const fields = { body: 'Hello', subject: 'Order 7', lines: [1, 'two'], note: ' ', other: 'unseen' };
  expect(textsOf(fields, user('any'))).toEqual({
    texts: [
      { field: 'subject', text: 'Order 7' },
      { field: 'body', text: 'Hello' },
      { field: 'lines', text: '[1,"two"]' },
    ],
    hasMedia: false,
  });
});

test('a function asks with the fields that its message shows, and with what it makes itself', () => {
  const textsOf = compileRecordTexts({ prompt: () => '' });
  const fields = { body: 'Hello there', hidden: 'not shown', n: 7 };
  expect(textsOf(fields, user('Hello there, on day 7'))).toEqual({
    texts: [
      { field: 'body', text: 'Hello there' },
      { field: undefined, text: 'Hello there, on day 7' },
    ],
    hasMedia: false,
  });
});

test('the text parts of a message are one text, and pictures are told', () => {
  const textsOf = compileRecordTexts({ prompt: () => '' });
  const parts = [
    { type: 'text', text: 'one' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,' } },
    { type: 'text', text: 'two' },
  ];
  expect(textsOf({}, user(parts as never))).toEqual({
    texts: [{ field: undefined, text: 'one\ntwo' }],
    hasMedia: true,
  });
});
