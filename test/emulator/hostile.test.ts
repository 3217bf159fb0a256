import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/emulator/service/access-tokens.ts';
import { ChatService } from '../../src/emulator/service/chat-service.ts';
import { readOptions } from '../../src/emulator/service/scenario.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../src/json/value.ts';

const route = { apiVersion: 'v1', project: 'emulated-project', location: 'global', endpoint: 'openapi' } as const;
const headers = { authorization: 'Bearer x' };

/** A request that uses everything the API has. */
const whole: JsonObject = {
  model: 'google/gemini-3.5-flash',
  messages: [
    { role: 'system', content: 'x' },
    { role: 'user', content: [{ type: 'image_url', image_url: { url: 'gs://b/a.png', detail: 'low' } }] },
    {
      role: 'assistant',
      tool_calls: [
        {
          id: 'c',
          type: 'function',
          function: { name: 'f', arguments: '{}' },
          extra_content: { google: { thought_signature: 'c2ln' } },
        },
      ],
    },
    {
      role: 'tool',
      tool_call_id: 'c',
      content: '{}',
      extra_content: { google: { parts: [{ file_data: { mime_type: 'image/png', file_uri: 'gs://b/a.png' } }] } },
    },
    { role: 'user', content: [{ type: 'input_audio', input_audio: { format: 'mp3', data: 'x' } }] },
  ],
  tools: [{ type: 'function', function: { name: 'f', description: 'x', parameters: { type: 'object' } } }],
  tool_choice: 'auto',
  modalities: ['text'],
  n: 1,
  max_tokens: 100,
  stream: true,
  reasoning_effort: 'low',
  response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' } } },
  extra_body: { google: { thought_tag_marker: 'think', stream_function_call_arguments: true } },
};

/** Every place in a value, as the keys that lead there. */
function placesOf(value: JsonValue, path: (string | number)[] = []): (string | number)[][] {
  const entries: [string | number, JsonValue | undefined][] = Array.isArray(value)
    ? [...(value as readonly JsonValue[]).entries()]
    : isJsonObject(value)
      ? Object.entries(value)
      : [];
  return [path, ...entries.flatMap(([key, entry]) => (entry === undefined ? [] : placesOf(entry, [...path, key])))];
}

function replaced(value: JsonValue, [key, ...rest]: (string | number)[], by: JsonValue): JsonValue {
  if (key === undefined) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...(value as JsonObject) }) as Record<string | number, JsonValue>;
  copy[key] = replaced(copy[key] ?? null, rest, by);
  return copy as unknown as JsonValue;
}

describe('whatever a request holds', () => {
  it('is answered or refused in the documented way, and throws nothing', () => {
    const service = new ChatService({ ...readOptions({}), tokens: new AccessTokens() });
    expect(service.reply({ route, headers, body: whole }, 0).status).toBe(200);
    const statuses = new Set<number>();
    const anything = fc.oneof(fc.constantFrom<JsonValue>(null, '', [], {}, [null], -1, 'image'), fc.jsonValue());
    fc.assert(
      fc.property(fc.constantFrom(...placesOf(whole)), anything, (place, value) => {
        const { status, body } = service.reply({ route, headers, body: replaced(whole, place, value as JsonValue) }, 0);
        statuses.add(status);
        expect([200, 400, 404]).toContain(status);
        if (status !== 200) expect(JSON.parse(body)).toMatchObject([{ error: { code: status } }]);
      }),
      { numRuns: 1000 },
    );
    expect([...statuses]).toEqual(expect.arrayContaining([200, 400]));
  });
});

describe('quotas', () => {
  it('are apart for each consumption option, and Provisioned Throughput says so', () => {
    const service = new ChatService({ ...readOptions({ requestsPerMinute: 1 }), tokens: new AccessTokens() });
    const body = { model: 'google/gemini-3.5-flash', messages: [{ role: 'user', content: 'x' }] };
    const dedicated = { ...headers, 'x-vertex-ai-llm-request-type': 'dedicated' };
    const flex = { ...headers, 'x-vertex-ai-llm-shared-request-type': 'flex' };
    const statuses = [headers, dedicated, flex, headers, flex].map(
      (sent) => service.reply({ route, headers: sent, body }, 0).status,
    );
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = service.reply({ route, headers: dedicated, body }, 0);
    expect([refused.status, refused.body]).toEqual([
      429,
      expect.stringContaining('Exceeded the Provisioned Throughput.'),
    ]);
  });
});
