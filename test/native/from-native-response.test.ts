import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readCompletion } from '../../src/completion/response.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { toCompletionBody } from '../../src/native/from-native-response.ts';

const read = (response: JsonObject) => readCompletion(toCompletionBody(response));

it('reads a recorded answer', () => {
  const completion = read({
    candidates: [
      {
        avgLogprobs: -0.12,
        content: { parts: [{ text: '{"a":' }, { text: '1}' }], role: 'model' },
        finishReason: 'STOP',
      },
    ],
    createTime: '2025-01-26T18:50:04.256Z',
    modelVersion: 'gemini-1.5-flash-002@default',
    responseId: 'r1',
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 177, totalTokenCount: 178, trafficType: 'ON_DEMAND' },
  });
  expect(completion).toMatchObject({
    id: 'r1',
    model: 'google/gemini-1.5-flash-002',
    content: '{"a":1}',
    finishReason: 'stop',
    trafficType: 'ON_DEMAND',
    usage: { prompt: 1, cached: 0, completion: 177, reasoning: 0, total: 178 },
  });
});

it.each([
  [
    'a blocked prompt',
    { promptFeedback: { blockReason: 'SAFETY' }, usageMetadata: { promptTokenCount: 3, totalTokenCount: 3 } },
    { content: undefined, finishReason: undefined },
  ],
  [
    'a candidate without parts',
    { candidates: [{ finishReason: 'RECITATION', citationMetadata: {} }] },
    { content: undefined, finishReason: 'content_filter' },
  ],
  [
    'an answer that thinking ate',
    {
      candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS' }],
      usageMetadata: { promptTokenCount: 5, thoughtsTokenCount: 90, totalTokenCount: 95 },
    },
    {
      content: undefined,
      finishReason: 'length',
      usage: { prompt: 5, cached: 0, completion: 0, reasoning: 90, total: 95 },
    },
  ],
  [
    'thoughts apart',
    { candidates: [{ content: { parts: [{ text: 'hm', thought: true }, { text: '{}' }] }, finishReason: 'STOP' }] },
    { content: '{}', thoughts: 'hm' },
  ],
  [
    'an odd end',
    { candidates: [{ content: { parts: [{ text: 'x' }] }, finishReason: 'MALFORMED_FUNCTION_CALL' }] },
    { finishReason: 'MALFORMED_FUNCTION_CALL' },
  ],
  [
    'tokens of tools',
    {
      candidates: [],
      usageMetadata: {
        promptTokenCount: 5,
        toolUsePromptTokenCount: 2,
        candidatesTokenCount: 1,
        totalTokenCount: 8,
        cachedContentTokenCount: 4,
      },
    },
    { usage: { prompt: 7, cached: 4, completion: 1, reasoning: 0, total: 8 } },
  ],
])('reads %s', (_name, response, expected) => {
  expect(read(response as JsonObject)).toMatchObject(expected);
});

it('reads a call with its signature, and a picture', () => {
  const completion = read({
    candidates: [
      {
        content: {
          parts: [
            { functionCall: { name: 'rate', args: { day: '1' } }, thoughtSignature: 's' },
            { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          ],
        },
        finishReason: 'STOP',
      },
    ],
  });
  expect(completion?.toolCalls).toEqual([
    { id: '', name: 'rate', arguments: '{"day":"1"}', extraContent: { google: { thought_signature: 's' } } },
  ]);
  expect(completion?.media[0]).toMatchObject({ mimeType: 'image/png', base64: 'AAAA' });
  expect(completion?.finishReason).toBe('tool_calls');
});

it('gives back every text and every token of any answer', () => {
  const part = fc.record({ text: fc.string({ minLength: 1 }), thought: fc.boolean() });
  const tokens = fc.record({
    prompt: fc.nat(9999),
    completion: fc.nat(9999),
    reasoning: fc.nat(9999),
    cached: fc.nat(99),
  });
  fc.assert(
    fc.property(fc.array(part, { maxLength: 6 }), tokens, (parts, { prompt, completion, reasoning, cached }) => {
      // With nothing in its parts a total would say that thinking is counted within the answer.
      fc.pre(reasoning > 0);
      const answer = read({
        candidates: [{ content: { parts }, finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: prompt,
          candidatesTokenCount: completion,
          thoughtsTokenCount: reasoning,
          cachedContentTokenCount: cached,
          totalTokenCount: prompt + completion + reasoning,
        },
      });
      const joined = (isThought: boolean) =>
        parts
          .filter(({ thought }) => thought === isThought)
          .map(({ text }) => text)
          .join('');
      expect(answer?.content ?? '').toBe(joined(false));
      expect(answer?.thoughts ?? '').toBe(joined(true));
      expect(answer?.usage).toEqual({ prompt, cached, completion, reasoning, total: prompt + completion + reasoning });
    }),
  );
});
