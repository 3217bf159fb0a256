import { expect, test } from 'vitest';
import type { ChatMessage } from '../../../src/completion/request.ts';
import { redactRecordText } from '../../../src/run/record/redact-record-text.ts';

const messages: ChatMessage[] = [
  { role: 'system', content: 'Extract the receipt, answer in JSON.' },
  { role: 'user', content: 'Anna Beispiel\n12 Rose Lane\ntotal 5' },
];

test('what a service repeats of a prompt is masked, lines short and long', () => {
  expect(redactRecordText('HTTP 400: cannot process Anna Beispiel 12 Rose Lane total 5', messages)).toBe(
    'HTTP 400: cannot process […]',
  );
});

test('instructions are not of the record, and help to understand the message', () => {
  const message = 'HTTP 400: "Extract the receipt, answer in JSON." is no valid instruction';
  expect(redactRecordText(message, messages)).toBe(message);
});

test('values of the record are masked where they are too short for the prompt to tell', () => {
  expect(redactRecordText('no customer Beispiel', messages, { name: 'Beispiel', total: 12_345 })).toBe(
    'no customer […]',
  );
  expect(redactRecordText('12345 is too much', messages, { name: 'B', total: 12_345 })).toBe('[…] is too much');
});

test('parts of content, answers and calls of functions are looked through as well', () => {
  const conversation = [
    ...messages,
    { role: 'user', content: [{ type: 'text', text: 'A note of the customer' }] },
    {
      role: 'assistant',
      content: null,
      tool_calls: [{ id: '1', type: 'function', function: { name: 'f', arguments: '{"who":"Carla Muster"}' } }],
    },
    { role: 'tool', tool_call_id: '1', content: '{"address":"7 Hill Street"}' },
  ] as ChatMessage[];
  const told = redactRecordText('bad: a note of the customer; carla muster / 7 hill street', conversation);
  expect(told).toBe('bad: […]; […] / […]');
});

test('media inside of a request are not looked through', () => {
  const picture = { type: 'image_url', image_url: `data:image/png;base64,${'A1b2C3d4'.repeat(4_000_000)}` };
  const withPicture = [{ role: 'user', content: [picture, { type: 'text', text: 'Anna Beispiel' }] }] as ChatMessage[];
  expect(redactRecordText('cannot read the picture of Anna Beispiel', withPicture)).toBe(
    'cannot read the picture of […]',
  );
});
