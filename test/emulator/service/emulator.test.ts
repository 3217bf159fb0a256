import { Client } from 'undici';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../src/emulator/index.ts';
import { complete, contentOf, extractionRequest, receiptSchema, receiptText, send } from '../chat.ts';

let emulator: Emulator;

async function restart(options: EmulatorOptions): Promise<void> {
  await emulator.close();
  emulator = await startEmulator(options);
}

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(() => emulator.close());

describe('routes', () => {
  it.each([
    { apiVersion: 'v1', location: 'us-central1' },
    { apiVersion: 'v1beta1', location: 'us-central1' },
    { apiVersion: 'v1', location: 'global' },
    { apiVersion: 'v1beta1', location: 'eu' },
  ] as const)('answers below $apiVersion in $location', async ({ apiVersion, location }) => {
    const url = `${emulator.baseUrl({ apiVersion, location, project: 'p-1' })}/chat/completions`;
    expect(url).toContain(`/${apiVersion}/projects/p-1/locations/${location}/endpoints/openapi/`);
    expect((await send(emulator, extractionRequest(), { url })).status).toBe(200);
  });

  it('serves a self-deployed endpoint without a model', async () => {
    const url = `${emulator.baseUrl({ endpoint: '1234567890' })}/chat/completions`;
    const { model: _, ...request } = extractionRequest();
    const response = await send(emulator, request, { url });
    expect(response.status).toBe(200);
    expect(((await response.json()) as { model: string }).model).toBe('1234567890');
  });

  it.each([
    ['POST', '/v2/projects/p/locations/global/endpoints/openapi/chat/completions'],
    ['POST', '/v1/projects/p/locations/global/endpoints/openapi/completions'],
    ['GET', '/v1/projects/p/locations/global/endpoints/openapi/chat/completions'],
    ['GET', '/v1/projects/p/locations/global/endpoints/openapi/models'],
    ['GET', '/'],
  ])('has nothing at %s %s', async (method, path) => {
    const response = await send(emulator, {}, { url: emulator.origin + path, method });
    expect(response.status).toBe(404);
    expect(await response.text()).toContain('Error 404 (Not Found)!!1');
    expect(emulator.stats().requests).toBe(0);
  });

  it('tells its counters and requests to other processes, and forgets them when asked', async () => {
    await complete(emulator);
    const stats = await (await fetch(`${emulator.origin}/__emulator/stats`)).json();
    expect(stats).toEqual(emulator.stats());
    expect(await (await fetch(`${emulator.origin}/__emulator/requests`)).json()).toHaveLength(1);
    await fetch(`${emulator.origin}/__emulator/reset`, { method: 'POST' });
    expect(emulator.stats()).toMatchObject({ requests: 0, byStatus: {}, tokens: { calls: 0 } });
    expect(emulator.requests()).toEqual([]);
  });
});

describe('an answer', () => {
  it('has the documented shape, to the key', async () => {
    const body = await complete(emulator);
    expect(body).toEqual({
      choices: [
        {
          finish_reason: 'stop',
          index: 0,
          logprobs: null,
          message: { content: expect.any(String), role: 'assistant' },
        },
      ],
      created: expect.any(Number),
      id: expect.stringMatching(/^[\w-]{22}$/),
      model: 'google/gemini-3.5-flash-lite',
      object: 'chat.completion',
      system_fingerprint: 'gleaner-emulator',
      usage: {
        completion_tokens: expect.any(Number),
        extra_properties: { google: { traffic_type: 'ON_DEMAND' } },
        prompt_tokens: expect.any(Number),
        total_tokens: body.usage.prompt_tokens + (body.usage.completion_tokens ?? 0),
      },
    });
    expect(JSON.parse(contentOf(body))).toEqual({
      company: 'ACME TRADING SDN BHD',
      date: '25/12/2018',
      address: 'NO 12, JALAN ANGSA, 41150 KLANG, SELANGOR',
      total: 13.25,
    });
  });

  it('is some object for json_object, and a sentence without a format', async () => {
    const asObject = await complete(
      emulator,
      extractionRequest(undefined, { response_format: { type: 'json_object' } }),
    );
    expect(JSON.parse(contentOf(asObject))).toMatchObject({ 'invoice no': 'INV-00421' });
    const asText = await complete(emulator, extractionRequest('Hello World', { response_format: undefined }));
    expect(contentOf(asText)).toBe('The text has 2 words and begins with "Hello World".');
  });

  it('reads the record again when a re-ask tells what was wrong', async () => {
    const first = await complete(emulator);
    const request = extractionRequest();
    const messages = [
      ...(request['messages'] as object[]),
      { role: 'assistant', content: '{}' },
      { role: 'user', content: 'Your answer is not valid: total: expected a number. Total: 99.00' },
    ];
    expect(contentOf(await complete(emulator, { ...request, messages }))).toBe(contentOf(first));
  });

  it('takes content parts, and images as object or string', async () => {
    const content = [
      { type: 'text', text: receiptText },
      { type: 'image_url', image_url: 'gs://bucket/a.png' },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
      { type: 'input_audio', input_audio: { format: 'audio/mp3', data: 'gs://bucket/a.mp3' } },
    ];
    const plain = await complete(emulator);
    const withMedia = await complete(emulator, {
      ...extractionRequest(),
      messages: [
        { role: 'system', content: 'Extract the receipt.' },
        { role: 'user', content },
      ],
    });
    expect(contentOf(withMedia)).toBe(contentOf(plain));
    expect(withMedia.usage.prompt_tokens).toBe(plain.usage.prompt_tokens + 3 * 1120);
  });
});

describe('usage', () => {
  it('counts the schema and a longer text as prompt', async () => {
    const plain = await complete(emulator);
    const longer = await complete(emulator, extractionRequest(`${receiptText}\n12345`));
    expect(longer.usage.prompt_tokens).toBeGreaterThan(plain.usage.prompt_tokens + 4);
    const without = await complete(
      emulator,
      extractionRequest(undefined, { response_format: { type: 'json_object' } }),
    );
    expect(without.usage.prompt_tokens).toBeLessThan(plain.usage.prompt_tokens);
  });

  it.each([
    [{ reasoning_effort: 'high' }, true],
    [{ reasoning_effort: 'none' }, false],
    [{ extra_body: { google: { thinking_config: { thinking_budget: 500 } } } }, true],
    [{ extra_body: { google: { thinking_config: { thinking_budget: 0 } } } }, false],
    [{ extra_body: { google: { thinking_config: { thinking_level: 'LOW' } } } }, true],
    [{ model: 'google/gemini-3.1-pro-preview' }, true],
    [{ model: 'google/gemini-2.5-flash' }, true],
    [{}, false],
  ])('keeps thinking outside completion: %j', async (more, thinks) => {
    const { usage } = await complete(emulator, extractionRequest(undefined, more));
    const reasoning = usage.completion_tokens_details?.reasoning_tokens ?? 0;
    expect('completion_tokens_details' in usage).toBe(thinks);
    expect(reasoning > 0).toBe(thinks);
    expect(usage.total_tokens).toBe(usage.prompt_tokens + (usage.completion_tokens ?? 0) + reasoning);
  });

  it('thinks within its budget', async () => {
    const config = { extra_body: { google: { thinking_config: { thinking_budget: 5 } } } };
    const { usage } = await complete(emulator, extractionRequest(undefined, config));
    expect(usage.completion_tokens_details?.reasoning_tokens).toBeLessThanOrEqual(5);
  });

  it('cuts an answer at max_tokens', async () => {
    const body = await complete(emulator, extractionRequest(undefined, { max_tokens: 10 }));
    expect(body.choices[0]?.finish_reason).toBe('length');
    expect(body.usage.completion_tokens).toBe(10);
    expect(() => JSON.parse(contentOf(body))).toThrow(SyntaxError);
  });

  it('counts thinking against max_tokens, and has no message when it takes all', async () => {
    const more = { max_tokens: 30, reasoning_effort: 'high' };
    const body = await complete(emulator, extractionRequest(undefined, more));
    expect(body.choices).toEqual([{ finish_reason: 'length', index: 0, logprobs: null }]);
    expect(body.usage).not.toHaveProperty('completion_tokens');
    expect(body.usage.completion_tokens_details).toEqual({ reasoning_tokens: 30 });
    expect(body.usage.total_tokens).toBe(body.usage.prompt_tokens + 30);
  });

  it.each([
    [{ 'x-vertex-ai-llm-request-type': 'dedicated' }, 'PROVISIONED_THROUGHPUT'],
    [{ 'x-vertex-ai-llm-request-type': 'shared', 'x-vertex-ai-llm-shared-request-type': 'flex' }, 'ON_DEMAND_FLEX'],
    [{ 'x-vertex-ai-llm-shared-request-type': 'priority' }, 'ON_DEMAND_PRIORITY'],
  ])('names the traffic type for %j', async (headers, expected) => {
    const response = await send(emulator, extractionRequest(), {
      headers: { authorization: 'Bearer any', ...headers },
    });
    const { usage } = (await response.json()) as Awaited<ReturnType<typeof complete>>;
    expect(usage.extra_properties.google.traffic_type).toBe(expected);
  });
});

describe('a request that is wrong', () => {
  it('without a bearer token is 401, as an object', async () => {
    for (const headers of [{}, { authorization: 'Basic abc' }, { authorization: 'Bearer ' }]) {
      const response = await send(emulator, extractionRequest(), { headers: headers as { authorization: string } });
      expect(response.status).toBe(401);
      expect(await response.json()).toMatchObject({
        error: { code: 401, status: 'UNAUTHENTICATED', details: [{ reason: 'CREDENTIALS_MISSING' }] },
      });
    }
  });

  it.each([
    ['{"model":', /Invalid JSON payload received/],
    [[], /Invalid JSON payload received/],
    [{ messages: [{ role: 'user', content: 'x' }] }, /publisher\/model/],
    [extractionRequest(undefined, { model: 'gemini-3.5-flash' }), /publisher\/model.*`gemini-3\.5-flash`/],
    [extractionRequest(undefined, { messages: 'hello' }), /'messages'/],
    [extractionRequest(undefined, { messages: [] }), /at least one contents field is required/],
    [extractionRequest(undefined, { messages: [{ role: 'system', content: 'x' }] }), /at least one contents field/],
    [extractionRequest(undefined, { messages: [{ role: 'robot', content: 'x' }] }), /'messages\[0\]\.role'/],
    [extractionRequest(undefined, { messages: [{ role: 'user' }] }), /'messages\[0\]\.content'/],
    [extractionRequest(undefined, { messages: [{ role: 'user', content: [{ type: 'file' }] }] }), /content/],
    [extractionRequest(undefined, { max_tokens: 0 }), /maxOutputTokens value of 0.*from 1 \(inclusive\)/],
    [extractionRequest(undefined, { temperature: 3 }), /temperature value of 3/],
    [
      extractionRequest(undefined, { response_format: { type: 'json_schema' } }),
      /response_format\.json_schema\.schema/,
    ],
    [
      extractionRequest(undefined, {
        reasoning_effort: 'low',
        extra_body: { google: { thinking_config: { thinking_budget: 1 } } },
      }),
      /Only one of/,
    ],
    [
      extractionRequest(undefined, { extra_body: { google: { thinking_config: { thinking_budget: 99_999 } } } }),
      /thinking_budget is out of range/,
    ],
  ])('is 400, as an array: %j', async (body, message) => {
    const response = await send(emulator, body);
    expect(response.status).toBe(400);
    const [{ error }] = (await response.json()) as [{ error: { code: number; message: string; status: string } }];
    expect(error).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    expect(error.message).toMatch(message);
    expect(emulator.stats().tokens.calls).toBe(0);
  });

  it.each(['google/unknown-model', 'google/gemini-2.0-flash', 'google/palm-2'])('is 404 for %s', async (model) => {
    const response = await send(emulator, extractionRequest(undefined, { model }));
    expect(response.status).toBe(404);
    const [{ error }] = (await response.json()) as [{ error: { message: string; status: string } }];
    expect(error.status).toBe('NOT_FOUND');
    expect(error.message).toMatch(/^Publisher Model `projects\/emulated-project\/.*` was not found or your project/);
  });

  it('is 413 above the body limit', async () => {
    await restart({ maxBodyBytes: 1000 });
    const response = await send(emulator, extractionRequest('x'.repeat(2000)));
    expect(response.status).toBe(413);
    expect(emulator.stats().byStatus).toEqual({ 413: 1 });
  });

  it('may have keys nobody knows', async () => {
    const more = { logprobs: true, parallel_tool_calls: false, stream_options: {}, whatever: { a: 1 } };
    expect((await send(emulator, extractionRequest(undefined, more))).status).toBe(200);
  });
});

describe('quotas', () => {
  it('answer 429 once the requests of a minute are used up, without saying how long to wait', async () => {
    await restart({ requestsPerMinute: 2 });
    const responses = [];
    for (let index = 0; index < 4; index++) responses.push(await send(emulator, extractionRequest(`${index}`)));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429, 429]);
    const last = responses.at(-1);
    expect(last?.headers.get('retry-after')).toBeNull();
    expect(await last?.json()).toEqual([
      {
        error: {
          code: 429,
          status: 'RESOURCE_EXHAUSTED',
          message: expect.stringMatching(/^Resource exhausted\. Please/),
        },
      },
    ]);
  });

  it('are counted for each model, and for tokens', async () => {
    await restart({ tokensPerMinute: 100, quotaHint: 'retry-after' });
    const long = extractionRequest('word '.repeat(2000));
    expect((await send(emulator, long)).status).toBe(200);
    const refused = await send(emulator, long);
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await send(emulator, { ...long, model: 'google/gemini-3.5-flash' })).status).toBe(200);
  });
});

describe('the record of requests', () => {
  it('holds the last ones in order, without credentials', async () => {
    await restart({ keepRequests: 3 });
    for (let index = 0; index < 5; index++) await complete(emulator, extractionRequest(`record ${index}`));
    const requests = emulator.requests();
    expect(requests.map(({ body }) => JSON.stringify(body).match(/record \d/)?.[0])).toEqual([
      'record 2',
      'record 3',
      'record 4',
    ]);
    expect(requests[0]).toMatchObject({ status: 200, attempt: 1, route: { endpoint: 'openapi' } });
    expect(JSON.stringify(requests)).not.toContain('Bearer');
  });

  it('counts attempts of the same prompt', async () => {
    for (let index = 0; index < 3; index++) await complete(emulator);
    expect(emulator.requests().map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });
});

describe('the server', () => {
  it('survives a schema nested deeper than any stack, and texts made to be slow', async () => {
    const deep = `${'{"items":'.repeat(50_000)}{}${'}'.repeat(50_000)}`;
    const body = JSON.stringify(extractionRequest()).replace(JSON.stringify(receiptSchema), deep);
    expect((await send(emulator, body)).status).toBe(500);
    for (const text of ['a', '1.', 'total ', 'a@', 'tel ', '\n', 'regards\n', '1/1/2020 ', 'www.a.']) {
      expect((await send(emulator, extractionRequest(text.repeat(20_000)))).status).toBe(200);
    }
  });

  it('keeps connections open and counts them', async () => {
    const client = new Client(emulator.origin);
    for (let index = 0; index < 5; index++) {
      const { body } = await client.request({
        path: new URL(`${emulator.baseUrl()}/chat/completions`).pathname,
        method: 'POST',
        headers: { authorization: 'Bearer any' },
        body: JSON.stringify(extractionRequest()),
      });
      await body.dump();
    }
    await client.close();
    expect(emulator.stats()).toMatchObject({ requests: 5, connections: 1 });
  });

  it('counts what is in flight', async () => {
    await restart({ latencyMs: 30 });
    await Promise.all([complete(emulator), complete(emulator), complete(emulator)]);
    await expect.poll(() => emulator.stats()).toMatchObject({ inFlight: 0, maxInFlight: 3 });
  });

  it('closes at once while requests are stalled', async () => {
    await restart({ script: [{ fault: 'stall', times: Infinity }] });
    const ending = complete(emulator).catch((error: unknown) => error);
    await expect.poll(() => emulator.stats().inFlight).toBe(1);
    await emulator.close();
    expect(await ending).toBeInstanceOf(TypeError);
  });

  it('counts an answer that nobody waited for apart', async () => {
    await restart({ latencyMs: 400 });
    const abort = new AbortController();
    const ending = fetch(`${emulator.baseUrl()}/chat/completions`, {
      method: 'POST',
      headers: { authorization: 'Bearer any' },
      body: JSON.stringify(extractionRequest()),
      signal: abort.signal,
    }).catch((error: unknown) => error);
    await expect.poll(() => emulator.stats().inFlight, { interval: 5 }).toBe(1);
    abort.abort();
    expect(await ending).toMatchObject({ name: 'AbortError' });
    await expect
      .poll(() => emulator.stats(), { timeout: 5000 })
      .toMatchObject({ byStatus: { none: 1 }, tokens: { calls: 0 }, undelivered: { calls: 1 } });
  });

  it.each([
    [{ latencyMs: -1 }, /latencyMs/],
    [{ faults: { rate: 2 } }, /\/faults\/rate/],
    [{ faults: { rate: 1, kinds: ['nonsense'] } }, /nonsense/],
    [{ script: [{ fault: 'nonsense' }] }, /nonsense/],
    [{ keepRequests: 1.5 }, /keepRequests/],
  ])('refuses options that make no sense: %j', async (options, message) => {
    await expect(startEmulator(options as EmulatorOptions)).rejects.toThrow(message);
  });
});
