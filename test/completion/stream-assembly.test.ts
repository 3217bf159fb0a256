import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { CompletionDelta } from '../../src/completion/delta.ts';
import { readCompletion, type Completion } from '../../src/completion/response.ts';
import { StreamAssembly } from '../../src/completion/stream-assembly.ts';
import { isJsonObject, type JsonObject } from '../../src/json/value.ts';
import { chunk, imageStream, storyStream, thoughtStream, toolCalls, toolStream } from './streams.ts';

interface Assembled {
  deltas: CompletionDelta[];
  completion: Completion;
}

function assemble(chunks: readonly JsonObject[], thoughtTagMarker?: string): Assembled {
  const assembly = new StreamAssembly({ thoughtTagMarker });
  const deltas: CompletionDelta[] = [];
  for (const one of chunks) assembly.add(one, deltas);
  assembly.end(deltas);
  const completion = assembly.completion();
  if (completion === undefined) return expect.unreachable('There is a completion');
  return { deltas, completion };
}

function chunksOf(stream: string): JsonObject[] {
  const data = stream.split('\n\n').map((event) => event.slice('data: '.length));
  return data.filter((text) => text.startsWith('{')).map((text) => JSON.parse(text) as JsonObject);
}

function text(deltas: readonly CompletionDelta[], type: 'text-delta' | 'thought-delta'): string {
  return deltas.map((delta) => (delta.type === type ? delta.text : '')).join('');
}

test('a story comes as text, then its end, then its cost', () => {
  const { deltas, completion } = assemble(chunksOf(storyStream));
  const story = 'Es war einmal ein Rucksack 🎒, der "alles" trug:\nBücher, Brot, Zeit.';
  expect(deltas.map(({ type }) => type)).toEqual(['text-delta', 'text-delta', 'text-delta', 'finish', 'usage']);
  expect(text(deltas, 'text-delta')).toBe(story);
  expect(completion).toMatchObject({
    content: story,
    finishReason: 'stop',
    usage: { prompt: 27, completion: 45, reasoning: 504, total: 576 },
    trafficType: 'PROVISIONED_THROUGHPUT',
  });
  expect(completion.raw).toEqual({
    choices: [{ finish_reason: 'stop', index: 0, logprobs: null, message: { role: 'assistant', content: story } }],
    created: 1770850461,
    id: 'nQiNafGyF5rw998PstqooAY',
    model: 'google/gemini-3.1-pro-preview',
    object: 'chat.completion',
    system_fingerprint: '',
    usage: chunksOf(storyStream).at(-1)?.['usage'],
  });
});

test('fragments of tool calls are put together by id; names are not doubled, the first signature stays', () => {
  const { deltas, completion } = assemble(chunksOf(toolStream));
  expect(completion.toolCalls).toEqual(toolCalls);
  expect(completion).toMatchObject({ content: undefined, finishReason: 'tool_calls' });
  const starts = deltas.filter(({ type }) => type === 'tool-call-start');
  expect(starts).toEqual(toolCalls.map(({ id, name }, position) => ({ type: 'tool-call-start', position, id, name })));
  for (const [position, call] of toolCalls.entries()) {
    const pieces = deltas.map((delta) =>
      delta.type === 'tool-call-delta' && delta.position === position ? delta.argumentsText : '',
    );
    expect(pieces.join('')).toBe(call.arguments);
  }
});

test('a later signature for the same call does not replace the first', () => {
  const call = (signature: string, more = {}) => ({
    tool_calls: [
      {
        id: 'a',
        index: 0,
        function: { name: 'f', arguments: '' },
        extra_content: { google: { thought_signature: signature, ...more } },
      },
    ],
  });
  const { completion } = assemble(
    [chunk(call('first')), chunk(call('second', { other: 1 }))].map((one) => JSON.parse(one)),
  );
  expect(completion.toolCalls[0]?.extraContent).toEqual({ google: { thought_signature: 'first', other: 1 } });
});

test('fragments without an id are put together by index, as other services send them', () => {
  const fragment = (index: number, more: object) => chunk({ tool_calls: [{ index, ...more }] });
  const { completion } = assemble(
    [
      fragment(0, { id: 'a', type: 'function', function: { name: 'f', arguments: '' } }),
      fragment(0, { function: { arguments: '{"x":' } }),
      fragment(1, { id: 'b', type: 'function', function: { name: 'g', arguments: '' } }),
      fragment(1, { function: { arguments: '{}' } }),
      fragment(0, { function: { arguments: '1}' } }),
    ].map((one) => JSON.parse(one)),
  );
  expect(completion.toolCalls).toMatchObject([
    { id: 'a', name: 'f', arguments: '{"x":1}' },
    { id: 'b', name: 'g', arguments: '{}' },
  ]);
});

test('calls that share an id stay apart within a chunk and by their names', () => {
  const call = (name: string, text: string) => ({ id: 'same', type: 'function', function: { name, arguments: text } });
  const { completion } = assemble(
    [chunk({ tool_calls: [call('f', '{"a":1}'), call('f', '{"a":2}')] }), chunk({ tool_calls: [call('g', '{}')] })].map(
      (one) => JSON.parse(one),
    ),
  );
  expect(completion.toolCalls.map(({ name, arguments: text }) => name + text)).toEqual(['f{"a":1}', 'f{"a":2}', 'g{}']);
});

test('thoughts are told from text although chunks cut their tags', () => {
  const { deltas, completion } = assemble(chunksOf(thoughtStream), 'think');
  expect(text(deltas, 'thought-delta')).toBe('Is 1 < 2? Yes.');
  expect(text(deltas, 'text-delta')).toBe('There are two < three.');
  expect(completion).toMatchObject({ thoughts: 'Is 1 < 2? Yes.', content: 'There are two < three.' });
  expect(deltas.at(-2)).toEqual({ type: 'finish', reason: 'stop' });
});

test('text that is held back as a possible tag comes before the end', () => {
  const { deltas } = assemble([JSON.parse(chunk({ content: 'a <thi' }, { finish: 'length' }))], 'think');
  expect(deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : delta.type))).toEqual([
    'a ',
    '<thi',
    'finish',
  ]);
});

test('thoughts that the service flags are told apart without a marker', () => {
  const thought = { extra_content: { google: { thought: true } } };
  const { deltas, completion } = assemble(
    [chunk({ content: 'Hm', ...thought }), chunk({ content: '.', ...thought }), chunk({ content: '42' })].map((one) =>
      JSON.parse(one),
    ),
  );
  expect(text(deltas, 'thought-delta')).toBe('Hm.');
  expect(completion).toMatchObject({ content: '42', thoughts: 'Hm.', extraContent: undefined });
});

test('a picture comes with its type and signature', () => {
  const { completion } = assemble(chunksOf(imageStream));
  expect(completion.media[0]?.mimeType).toBe('image/png');
  expect(completion.media[0]?.bytes().toString()).toBe('a small picture');
  expect(completion).toMatchObject({
    content: undefined,
    extraContent: { google: { thought_signature: 'cGFpbnRlZA==' } },
  });
});

test('several choices end up in raw in their order; deltas tell of the first', () => {
  const choice = (index: number, content: string, finish?: string) => ({
    delta: { content },
    index,
    ...(finish === undefined ? {} : { finish_reason: finish }),
  });
  const { deltas, completion } = assemble([
    { choices: [choice(1, 'b'), choice(0, 'a')] },
    { choices: [choice(0, 'A', 'stop'), choice(1, 'B', 'length')] },
  ]);
  expect(text(deltas, 'text-delta')).toBe('aA');
  expect(completion.raw['choices']).toMatchObject([
    { message: { content: 'aA' }, finish_reason: 'stop' },
    { message: { content: 'bB' }, finish_reason: 'length' },
  ]);
});

test('the last usage counts, and a blocked prompt has nothing else', () => {
  const usage = (total: number) => ({ usage: { prompt_tokens: 1, total_tokens: total } });
  const { completion } = assemble([usage(1), usage(3)]);
  expect(completion).toMatchObject({ content: undefined, finishReason: undefined, usage: { total: 3 } });
});

test('isFinished waits for the reason of every choice', () => {
  const assembly = new StreamAssembly();
  expect(assembly.isFinished).toBe(false);
  assembly.add(
    {
      choices: [
        { index: 0, delta: {} },
        { index: 1, delta: {}, finish_reason: 'stop' },
      ],
    },
    [],
  );
  expect(assembly.isFinished).toBe(false);
  assembly.add({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }, []);
  expect(assembly.isFinished).toBe(true);
});

test('ten thousand fragments make one text', () => {
  const parts = Array.from({ length: 10_000 }, (_, index) => `${index},`);
  const { completion } = assemble(parts.map((content) => ({ choices: [{ index: 0, delta: { content } }] })));
  expect(completion.content).toBe(parts.join(''));
});

const words = fc.constantFrom('a', '<t>', '</t>', '<', 't>', ' ');
const texts = fc.array(
  fc.array(words).map((list) => list.join('')),
  { minLength: 1 },
);

test('a text is the same in one piece and in many', () => {
  fc.assert(
    fc.property(texts, fc.constantFrom(undefined, 't'), (parts, marker) => {
      const { deltas, completion } = assemble(
        parts.map((content) => ({ choices: [{ index: 0, delta: { content } }] })),
        marker,
      );
      const whole = readCompletion(
        { choices: [{ message: { content: parts.join('') } }] },
        { thoughtTagMarker: marker },
      );
      expect(completion).toMatchObject({ content: whole?.content, thoughts: whole?.thoughts });
      expect(text(deltas, 'text-delta')).toBe(whole?.content);
      expect(text(deltas, 'thought-delta')).toBe(whole?.thoughts ?? '');
    }),
  );
});

const anyJson = fc.jsonValue({ maxDepth: 3 });
const key = fc.constantFrom('content', 'tool_calls', 'audio', 'extra_content', 'refusal', 'role', '__proto__', 'x');
const anyDelta = fc.dictionary(key, fc.oneof(anyJson, fc.string()));
const anyCall = fc.record(
  {
    id: anyJson,
    index: anyJson,
    function: fc.oneof(anyJson, fc.record({ name: anyJson, arguments: anyJson })),
    extra_content: anyJson,
  },
  { requiredKeys: [] },
);
const anyChunk = fc.record(
  {
    choices: fc.oneof(
      anyJson,
      fc.array(
        fc.record(
          {
            index: fc.oneof(anyJson, fc.constantFrom(0, 1)),
            delta: fc.oneof(anyJson, anyDelta, fc.record({ tool_calls: fc.array(anyCall) })),
            finish_reason: anyJson,
            logprobs: anyJson,
          },
          { requiredKeys: [] },
        ),
      ),
    ),
    usage: anyJson,
    object: anyJson,
  },
  { requiredKeys: [] },
);

test('StreamAssembly never throws, whatever the chunks', () => {
  fc.assert(
    fc.property(fc.array(anyChunk), fc.constantFrom(undefined, 't'), (chunks, thoughtTagMarker) => {
      const assembly = new StreamAssembly({ thoughtTagMarker });
      const deltas: CompletionDelta[] = [];
      // Through text, so that `__proto__` is a key like any other.
      for (const one of chunks) assembly.add(JSON.parse(JSON.stringify(one)) as JsonObject, deltas);
      assembly.end(deltas);
      expect(assembly.completion() === undefined).toBe(chunks.length === 0);
      expect(isJsonObject(Object.prototype)).toBe(true);
      expect(Object.keys(Object.prototype)).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test.each<[string, boolean, JsonObject[]]>([
  [
    'alone behind the end',
    true,
    [
      { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] },
      { choices: [], usage: { total_tokens: 9 } },
    ],
  ],
  [
    'with the end',
    true,
    [{ choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }], usage: { total_tokens: 9 } }],
  ],
  [
    'alone, where the end does not come',
    true,
    [{ choices: [{ index: 0, delta: { content: 'x' } }] }, { choices: [], usage: { total_tokens: 9 } }],
  ],
  ['with a piece', false, [{ choices: [{ index: 0, delta: { content: 'x' } }], usage: { total_tokens: 9 } }]],
  [
    'before more comes',
    false,
    [{ choices: [], usage: { total_tokens: 9 } }, { choices: [{ index: 0, delta: { content: 'x' } }] }],
  ],
])('tokens that are reported %s are all: %s', (_where, isFinal, chunks) => {
  const assembly = new StreamAssembly();
  for (const one of chunks) assembly.add(one, []);
  expect(assembly.usage?.total).toBe(9);
  expect(assembly.isUsageFinal).toBe(isFinal);
});

test('log probabilities that come piece by piece are those of the whole answer', () => {
  const part = (content: string, logprob: number) => ({
    choices: [{ index: 0, delta: { content }, logprobs: { content: [{ token: content, logprob }] } }],
  });
  const end = { choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }] };
  const { completion } = assemble([part('{', -0.5), part('}', -0.25), end]);
  expect(completion.raw['choices']).toMatchObject([
    {
      logprobs: {
        content: [
          { token: '{', logprob: -0.5 },
          { token: '}', logprob: -0.25 },
        ],
      },
    },
  ]);
});
