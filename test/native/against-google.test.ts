import { expect, it } from 'vitest';
import { z } from 'zod';
import type { GenerateContentConfig } from '@google/genai';
import type { ChatMessage, ChatRequest } from '../../src/completion/request.ts';
import { toNativeRequest } from '../../src/native/to-native-request.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { wireOfGoogle } from './genai-wire.ts';

const model = 'google/gemini-3.5-flash-lite';
const question: ChatMessage[] = [{ role: 'user', content: 'Rice 3.00' }];

it.each<{ name: string; chat: Partial<ChatRequest>; config: GenerateContentConfig }>([
  { name: 'nothing', chat: {}, config: {} },
  {
    name: 'sampling and limits',
    chat: {
      temperature: 0,
      top_p: 0.9,
      seed: 7,
      max_tokens: 100,
      stop: 'END',
      n: 2,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
    },
    config: {
      temperature: 0,
      topP: 0.9,
      seed: 7,
      maxOutputTokens: 100,
      stopSequences: ['END'],
      candidateCount: 2,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
    },
  },
  {
    name: 'thinking by budget',
    chat: {
      extra_body: {
        google: { thinking_config: { thinking_budget: 0, include_thoughts: true }, thought_tag_marker: 'thought' },
      },
    },
    config: { thinkingConfig: { thinkingBudget: 0, includeThoughts: true } },
  },
  {
    name: 'thinking by level',
    chat: { extra_body: { google: { thinking_config: { thinking_level: 'low' } } } },
    config: { thinkingConfig: { thinkingLevel: 'LOW' as never } },
  },
  {
    name: 'safety, labels and media resolution',
    chat: {
      labels: { team: 'claims' },
      extra_body: {
        google: {
          safety_settings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_NONE' }],
          media_resolution: 'MEDIA_RESOLUTION_LOW',
        },
      },
    },
    config: {
      labels: { team: 'claims' },
      safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT' as never, threshold: 'BLOCK_NONE' as never }],
      mediaResolution: 'MEDIA_RESOLUTION_LOW' as never,
    },
  },
  {
    name: 'a tool that must be called',
    chat: {
      tools: [
        {
          type: 'function',
          function: {
            name: 'rate',
            description: 'Rates',
            parameters: { type: 'object', properties: { day: { type: 'string' } } },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'rate' } },
    },
    config: {
      tools: [
        {
          functionDeclarations: [
            {
              name: 'rate',
              description: 'Rates',
              parametersJsonSchema: { type: 'object', properties: { day: { type: 'string' } } },
            },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: 'ANY' as never, allowedFunctionNames: ['rate'] } },
    },
  },
])("writes $name as Google's SDK does", async ({ chat, config }) => {
  const ours = toNativeRequest({ model, messages: question, ...chat });
  const theirs = await wireOfGoogle({ model: 'gemini-3.5-flash-lite', contents: 'Rice 3.00', config });
  expect(plain(ours)).toEqual(withoutEmpty(theirs));
});

it('writes turns, files and calls as Google does', async () => {
  const messages: ChatMessage[] = [
    { role: 'system', content: 'Read receipts' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'This one' },
        { type: 'image_url', image_url: { url: 'gs://bucket/a.png' } },
        { type: 'image_url', image_url: 'data:image/png;base64,AAAA' },
        { type: 'input_audio', input_audio: { format: 'mp3', data: 'BBBB' } },
      ],
    },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        {
          id: 'c1',
          type: 'function',
          function: { name: 'rate', arguments: '{"day":"1"}' },
          extra_content: { google: { thought_signature: 'c2ln' } },
        },
      ],
    },
    { role: 'tool', tool_call_id: 'c1', content: '{"rate":2}' },
    { role: 'assistant', content: '{"total":1}' },
    { role: 'user', content: 'Mend it' },
  ];
  const theirs = await wireOfGoogle({
    model: 'gemini-3.5-flash-lite',
    contents: [
      {
        role: 'user',
        parts: [
          { text: 'This one' },
          { fileData: { fileUri: 'gs://bucket/a.png', mimeType: 'image/png' } },
          { inlineData: { mimeType: 'image/png', data: 'AAAA' } },
          { inlineData: { mimeType: 'audio/mpeg', data: 'BBBB' } },
        ],
      },
      { role: 'model', parts: [{ functionCall: { name: 'rate', args: { day: '1' } }, thoughtSignature: 'c2ln' }] },
      { role: 'user', parts: [{ functionResponse: { name: 'rate', response: { rate: 2 } } }] },
      { role: 'model', parts: [{ text: '{"total":1}' }] },
      { role: 'user', parts: [{ text: 'Mend it' }] },
    ],
    config: { systemInstruction: 'Read receipts' },
  });
  const { systemInstruction, ...rest } = withoutEmpty(theirs);
  const ours = plain(toNativeRequest({ model, messages }));
  expect(ours).toEqual({ ...rest, systemInstruction: { parts: (systemInstruction as { parts: unknown }).parts } });
});

it('writes a schema as Google does, but for the descriptions of nullable fields, which Google loses', async () => {
  const schema = z.object({
    company: z.string().describe('Name on the receipt'),
    day: z.iso.date(),
    kind: z.enum(['food', 'other']),
    items: z.array(z.object({ name: z.string(), price: z.number().min(0) })).min(1),
    total: z.number().nullable().describe('As printed'),
    note: z.string().optional(),
  });
  const { provider } = await deriveSchema(schema);
  const request: ChatRequest = {
    model,
    messages: question,
    response_format: { type: 'json_schema', json_schema: { name: 'receipt', schema: provider } },
  };
  const theirs = await wireOfGoogle({
    model: 'gemini-3.5-flash-lite',
    contents: 'Rice 3.00',
    config: { responseMimeType: 'application/json', responseSchema: provider as never },
  });
  const ours = plain(toNativeRequest(request));
  const written = (ours['generationConfig'] as { responseSchema: { properties: Record<string, object> } })
    .responseSchema;
  expect(written.properties['total']).toEqual({ type: 'NUMBER', nullable: true, description: 'As printed' });
  const same = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, inner: unknown) => (key === 'propertyOrdering' ? undefined : inner)));
  const google = (theirs['generationConfig'] as { responseSchema: { properties: Record<string, object> } })
    .responseSchema;
  expect(same({ ...written, properties: { ...written.properties, total: null } })).toEqual(
    same({ ...google, properties: { ...google.properties, total: null } }),
  );
  const whole = await wireOfGoogle({
    model: 'gemini-3.5-flash-lite',
    contents: 'Rice 3.00',
    config: { responseMimeType: 'application/json', responseJsonSchema: provider },
  });
  expect(plain(toNativeRequest(request, { schemaField: 'responseJsonSchema' }))).toEqual(withoutEmpty(whole));
});

function plain(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
}

/** The SDK sends an empty configuration where we send none. */
function withoutEmpty(body: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => JSON.stringify(value) !== '{}'));
}
