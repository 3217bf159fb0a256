import { describe, expect, test } from 'vitest';
import { readCompletion, type Completion } from '../../src/completion/response.ts';

function read(message: object, thoughtTagMarker?: string): Completion {
  const body = { object: 'chat.completion', choices: [{ index: 0, finish_reason: 'stop', logprobs: null, message }] };
  const completion = readCompletion(body, { thoughtTagMarker });
  if (completion === undefined) return expect.unreachable('It is a completion');
  return completion;
}

test('readCompletion gives a picture as bytes and type', () => {
  const { content, media, extraContent } = read({
    audio: { data: 'aGVsbG8=', extra_content: { google: { mime_type: 'image/png' } } },
    content: null,
    extra_content: { google: { thought_signature: 'c2ln' } },
    role: 'assistant',
  });
  expect(content).toBeUndefined();
  expect(media).toHaveLength(1);
  expect(media[0]?.mimeType).toBe('image/png');
  expect(media[0]?.bytes().toString()).toBe('hello');
  expect(extraContent).toEqual({ google: { thought_signature: 'c2ln' } });
});

test('readCompletion keeps tool calls in their order, also when they share an id', () => {
  const call = (text: string, extra?: object) => ({
    id: 'get_tide',
    type: 'function',
    function: { name: 'get_tide', arguments: text },
    ...extra,
  });
  const signed = { extra_content: { google: { thought_signature: 'c2ln' } } };
  const { toolCalls } = read({ tool_calls: [call('{"b":1}', signed), call('{"a":2}'), {}, null, call('{"b":1}')] });
  expect(toolCalls).toEqual([
    { id: 'get_tide', name: 'get_tide', arguments: '{"b":1}', extraContent: signed.extra_content },
    { id: 'get_tide', name: 'get_tide', arguments: '{"a":2}', extraContent: undefined },
    { id: 'get_tide', name: 'get_tide', arguments: '{"b":1}', extraContent: undefined },
  ]);
});

test('readCompletion cuts thoughts out only where a marker was asked for', () => {
  expect(read({ content: '<think>Hm.</think>4' }, 'think')).toMatchObject({ content: '4', thoughts: 'Hm.' });
  expect(read({ content: '<think>Hm.</think>4' })).toMatchObject({
    content: '<think>Hm.</think>4',
    thoughts: undefined,
  });
});

test('readCompletion takes thoughts that a server has parted from the answer', () => {
  expect(read({ content: '4', reasoning_content: 'Hm.' })).toMatchObject({ content: '4', thoughts: 'Hm.' });
  expect(read({ content: null, reasoning: 'Hm.' })).toMatchObject({ content: undefined, thoughts: 'Hm.' });
  expect(read({ content: '<think>Ah.</think>4', reasoning: 'Hm.' }, 'think')).toMatchObject({ thoughts: 'Ah.' });
  expect(read({ content: '4', reasoning: { effort: 'low' } })).toMatchObject({ thoughts: undefined });
});

test('readCompletion reads content in parts, of which some may be thoughts', () => {
  const thought = { type: 'text', text: 'Hm.', extra_content: { google: { thought: true } } };
  expect(read({ content: [thought, { type: 'text', text: '4' }, { type: 'text', text: '2' }] })).toMatchObject({
    content: '42',
    thoughts: 'Hm.',
  });
});

test.each([
  {},
  { tool_calls: 'x', audio: [], extra_content: 3 },
  { audio: { data: '' }, extra_content: { google: [] } },
])('readCompletion finds nothing in %j', (message) => {
  expect(read(message, 'think')).toMatchObject({
    content: undefined,
    thoughts: undefined,
    toolCalls: [],
    media: [],
    extraContent: undefined,
  });
});

describe('thoughts that come apart from the answer', () => {
  const reading = (message: object, finishReason = 'stop'): Partial<Completion> | undefined =>
    readCompletion({ choices: [{ index: 0, finish_reason: finishReason, message }] });

  test('are thoughts, under either name', () => {
    expect(reading({ content: '{"a":1}', reasoning_content: 'hm' })).toMatchObject({
      content: '{"a":1}',
      thoughts: 'hm',
    });
    expect(reading({ content: '{"a":1}', reasoning: 'hm' })).toMatchObject({ content: '{"a":1}', thoughts: 'hm' });
  });

  test('are the answer where there is no other, and the model has come to its end', () => {
    expect(reading({ content: null, reasoning_content: '{"a":1}' })).toMatchObject({
      content: '{"a":1}',
      thoughts: undefined,
    });
    expect(reading({ content: null, reasoning_content: 'hm, ' }, 'length')).toMatchObject({
      content: undefined,
      thoughts: 'hm, ',
    });
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } };
    expect(reading({ content: null, reasoning_content: 'hm', tool_calls: [call] })).toMatchObject({
      content: undefined,
    });
  });
});
