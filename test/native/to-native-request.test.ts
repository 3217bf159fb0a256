import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ChatMessage, ChatRequest } from '../../src/completion/request.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { digestTexts, listTexts } from '../../src/native/digest-texts.ts';
import { toNativeRequest } from '../../src/native/to-native-request.ts';

const messages: ChatMessage[] = [{ role: 'user', content: 'x' }];

it.each<{ effort: NonNullable<ChatRequest['reasoning_effort']>; model: string; thinkingConfig: object }>([
  { effort: 'none', model: 'google/gemini-2.5-flash', thinkingConfig: { thinkingBudget: 0 } },
  { effort: 'medium', model: 'google/gemini-2.5-flash', thinkingConfig: { thinkingBudget: 8192 } },
  { effort: 'high', model: 'google/gemini-3.5-flash', thinkingConfig: { thinkingLevel: 'HIGH' } },
])('maps the effort $effort for $model', ({ effort, model, thinkingConfig }) => {
  expect(toNativeRequest({ model, messages, reasoning_effort: effort }).generationConfig).toEqual({ thinkingConfig });
});

it('refuses a file whose name does not tell what it is, and takes one that does', () => {
  const of = (url: string): ChatMessage[] => [{ role: 'user', content: [{ type: 'image_url', image_url: url }] }];
  expect(() => toNativeRequest({ messages: of('gs://b/scan') })).toThrow(/its name does not tell what it is/);
  expect(toNativeRequest({ messages: of('https://x.test/a.JPG?sig=1') }).contents[0]?.parts).toEqual([
    { fileData: { fileUri: 'https://x.test/a.JPG?sig=1', mimeType: 'image/jpeg' } },
  ]);
});

it('refuses an option that has no place there, by its name', () => {
  expect(() => toNativeRequest({ messages, extra_body: { google: { new_option: 1 } } })).toThrow(/option new_option/);
});

it('knows an echoed request again, whatever order and nulls it comes back with, and no other', () => {
  const text = fc.string();
  const turns = fc.array(fc.array(text, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 });
  const requestOf = (all: string[][]): JsonObject =>
    toNativeRequest({
      messages: all.map((texts) => ({ role: 'user', content: texts.map((one) => ({ type: 'text', text: one })) })),
    }) as unknown as JsonObject;
  fc.assert(
    fc.property(turns, turns, (one, other) => {
      const request = requestOf(one);
      const contents = (request['contents'] as { parts: { text: string }[]; role: string }[]).map(
        ({ parts, role }) => ({
          parts: parts.map(({ text: said }) => ({ fileData: null, inlineData: null, text: said })),
          role,
        }),
      );
      expect(digestTexts(listTexts({ generationConfig: {}, contents }))).toBe(digestTexts(listTexts(request)));
      if (JSON.stringify(one.flat()) !== JSON.stringify(other.flat())) {
        expect(digestTexts(listTexts(requestOf(other)))).not.toBe(digestTexts(listTexts(request)));
      }
    }),
  );
});
