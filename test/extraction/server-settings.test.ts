import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { THOUGHT_TAG } from '../../src/completion/thought-tag.ts';
import type { ChatMessage } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { RequestSettings } from '../../src/extraction/definition.ts';
import { compileRequest, type BuildRequest } from '../../src/extraction/request.ts';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';

const messages: ChatMessage[] = [
  { role: 'system', content: 'Read the note.' },
  { role: 'user', content: 'Total 5' },
];

function extractionWith(request: RequestSettings): ReturnType<typeof defineExtraction> {
  const schema = z.object({ total: z.string().max(5) });
  return defineExtraction({ name: 'note', model: 'own/m', schema, instructions: 'Read.', prompt: '{{text}}', request });
}

function requestWith(request: RequestSettings): BuildRequest {
  const providerSchema = { type: 'object', properties: { total: { type: 'string' } } };
  return compileRequest({ extraction: extractionWith(request), model: 'own/m', providerSchema });
}

describe('responseFormat', () => {
  test('json_schema is the default, and has the server enforce the schema', () => {
    expect(requestWith({})(messages)).toEqual(requestWith({ responseFormat: 'json_schema' })(messages));
    expect(requestWith({})(messages)).toMatchObject({ messages, response_format: { type: 'json_schema' } });
  });

  test.each([
    { responseFormat: 'json_object', format: { type: 'json_object' } },
    { responseFormat: 'prompt', format: undefined },
  ] as const)('$responseFormat puts the schema into the instructions', ({ responseFormat, format }) => {
    const request = requestWith({ responseFormat })(messages);
    expect(request.response_format).toEqual(format);
    expect(request.messages[0]?.content).toMatch(/^Read the note\.\n\nAnswer with one JSON object .*"total":\{"type"/s);
    expect(request.messages.slice(1)).toEqual(messages.slice(1));
    // Not into the conversation itself, which is asked again and fingerprinted.
    expect(messages[0]?.content).toBe('Read the note.');
  });

  test('is followed by a question that has settings of its own', () => {
    const build = requestWith({});
    const request = build(messages, { settings: { responseFormat: 'prompt' } });
    expect(request.response_format).toBeUndefined();
    expect(request.messages[0]?.content).toContain('JSON Schema');
  });
});

test('extraBody goes into the request as it is, before what gleaner would say', () => {
  const extraBody = { chat_template_kwargs: { enable_thinking: false }, min_p: 0.1, response_format: { type: 'text' } };
  expect(requestWith({ extraBody })(messages)).toMatchObject(extraBody);
});

test('thoughtTag is told to the client and not to the server', () => {
  const request = requestWith({ thoughtTag: 'think' })(messages);
  expect(request[THOUGHT_TAG]).toBe('think');
  expect(JSON.stringify(request)).not.toContain('think');
});

test.each([
  { request: { responseFormat: 'xml' }, says: 'one of json_schema, json_object, prompt, got "xml"' },
  { request: { extraBody: 'x' }, says: '"request.extraBody" must be an object of JSON values' },
  { request: { extraBody: { at: new Date(0) } }, says: '"request.extraBody" must be an object of JSON values' },
  { request: { extraBody: { model: 'm' } }, says: '"request.extraBody.model" must be left out' },
  { request: { extraBody: { extra_body: {} } }, says: '"request.extraBody.extra_body" must be left out' },
  { request: { thoughtTag: '<think>' }, says: 'the name of a tag without its brackets' },
])('$request is refused', ({ request, says }) => {
  expect(() => extractionWith(request as RequestSettings)).toThrow(says);
});

test.each([
  ['responseFormat', { responseFormat: 'prompt' }],
  ['extraBody', { extraBody: { min_p: 0.1 } }],
  ['thoughtTag', { thoughtTag: 'think' }],
] as const)('%s decides answers, and so changes the fingerprint', async (_name, request) => {
  const of = async (settings: RequestSettings): Promise<string> =>
    (await prepareExtraction(extractionWith(settings), { client: {} })).fingerprint(messages);
  expect(await of(request)).not.toBe(await of({}));
});

describe('the schema is sent', () => {
  const sent = async (client: object, model?: string): Promise<string> => {
    const prepared = await prepareExtraction(extractionWith({}), { client, ...(model === undefined ? {} : { model }) });
    return JSON.stringify(prepared.buildRequest(messages).response_format);
  };
  const own = { service: { name: 'localhost:8000/v1', isEmulated: false, takesWholeSchema: true } };

  test('whole to a server that enforces all of it', async () => {
    expect(await sent(own)).toContain('"maxLength":5');
  });

  test('as far as Gemini takes it to Gemini, behind a gateway too, and to whoever says nothing', async () => {
    const others = [await sent(own, 'google/gemini-2.5-flash'), await sent({})];
    for (const other of others) expect(other).not.toContain('maxLength');
  });
});
