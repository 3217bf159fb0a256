import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundOf } from '../../src/accounting/call-bound.ts';
import type { CallAdditions } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';

const CONTEXT = 1_048_576;
const base: ChatRequest = { model: 'google/gemini-3.5-flash-lite', messages: [{ role: 'user', content: 'Hello' }] };

test.each<{ name: string; request?: Partial<ChatRequest>; additions?: CallAdditions; isWhole: boolean }>([
  { name: 'text', isWhole: false },
  {
    name: 'text in parts',
    request: { messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }] },
    isWhole: false,
  },
  {
    name: 'a picture',
    request: { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: 'gs://a/b.png' }] }] },
    isWhole: true,
  },
  {
    name: 'files beside the result of a tool',
    request: {
      messages: [
        {
          role: 'tool',
          tool_call_id: '1',
          content: '',
          extra_content: {
            google: { parts: [{ file_data: { mime_type: 'application/pdf', file_uri: 'gs://a/b.pdf' } }] },
          },
        },
      ],
    },
    isWhole: true,
  },
  {
    name: 'cached content in the request',
    request: { extra_body: { google: { cached_content: 'projects/p/cachedContents/1' } } },
    isWhole: true,
  },
  {
    name: 'cached content that the client adds',
    additions: { google: { cached_content: 'projects/p/cachedContents/1' } },
    isWhole: true,
  },
  { name: 'a search', request: { web_search_options: {} }, isWhole: true },
  { name: "a tool of Google's own", additions: { google: { tools: [{ url_context: {} }] } }, isWhole: true },
  { name: 'an option that is not known', additions: { google: { tomorrow: true } }, isWhole: true },
  {
    name: 'options that say how, not what',
    request: { extra_body: { google: { thinking_config: { thinking_budget: 0 }, safety_settings: [] } } },
    additions: { google: { media_resolution: 'MEDIA_RESOLUTION_LOW' } },
    isWhole: false,
  },
])('boundOf() counts the whole context where the size is not known: $name', ({ request, additions, isWhole }) => {
  const { promptTokens } = boundOf({ ...base, ...request }, additions);
  expect(isWhole ? promptTokens === CONTEXT : promptTokens < 1000).toBe(true);
});

test.each<{ name: string; request: Partial<ChatRequest>; outputTokens: number }>([
  { name: 'no cap: the model’s limit', request: {}, outputTokens: 65_536 },
  { name: 'a cap', request: { max_tokens: 100 }, outputTokens: 100 },
  { name: 'its other name', request: { max_completion_tokens: 200 }, outputTokens: 200 },
  {
    name: 'both, of which either may hold',
    request: { max_tokens: 100, max_completion_tokens: 200 },
    outputTokens: 200,
  },
  { name: 'several answers', request: { max_tokens: 100, n: 3 }, outputTokens: 300 },
])('boundOf() bounds the output: $name', ({ request, outputTokens }) => {
  expect(boundOf({ ...base, ...request }).outputTokens).toBe(outputTokens);
});

test('boundOf() counts at least a token for each byte of text, wherever it stands', () => {
  const text = fc.string({ unit: 'binary', maxLength: 50 });
  fc.assert(
    fc.property(fc.array(text), text, text, (contents, description, name) => {
      const request: ChatRequest = {
        ...base,
        messages: contents.map((content) => ({ role: 'user', content })),
        response_format: { type: 'json_schema', json_schema: { name, schema: { description } } },
      };
      const bytes = [...contents, description, name].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
      expect(boundOf(request).promptTokens).toBeGreaterThanOrEqual(bytes);
    }),
  );
});
