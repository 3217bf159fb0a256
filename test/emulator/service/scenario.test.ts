import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { faultKinds, readScenario, scenarioSchema, startEmulator, type Scenario } from '../../../src/emulator/index.ts';
import { parseScenario } from '../../../src/emulator/service/scenario-problem.ts';
import type { JsonObject, JsonValue } from '../../../src/json/value.ts';
import { complete, contentOf, extractionRequest, send } from '../chat.ts';

const everything: JsonObject = {
  $schema: './scenario.schema.json',
  port: 0,
  host: '127.0.0.1',
  allowedHosts: ['emulator'],
  seed: 7,
  latencyMs: { min: 0, max: 1 },
  requestsPerMinute: 1000,
  tokensPerMinute: 1_000_000,
  quotaHint: 'retry-info',
  faults: { rate: 0.5, kinds: ['status-503-array', 'invalid-json'], weights: { 'invalid-json': 2 } },
  script: [
    { nth: 1, fault: 'retry-after', retryAfterSeconds: 3 },
    { contains: 'hello', times: 'all', content: '{"company":"Hello"}', finishReason: 'stop', tokens: { prompt: 5 } },
    {
      attempt: 2,
      times: 2,
      toolCalls: [
        { name: 'look_up', arguments: { a: 1 } },
        { name: 'b', arguments: '{' },
      ],
    },
  ],
  schemaGate: 'bare',
  models: [
    { model: 'google/gemini-9*', maxCandidates: 2, thinkingBudget: null, requestsPerMinute: 1 },
    { model: 'google/gemini-3.5-flash', thinkingBudget: { minimum: 1, maximum: 2, canBeOff: false } },
  ],
  anyModel: true,
  retiredModels: ['google/gemini-old'],
  tokens: { accept: 'issued', lifetimeMs: 1000, statedLifetimeMs: 2000, project: 'p' },
  parallelToolCalls: 2,
  cachedTokens: 0.5,
  keepRequests: 0,
  maxBodyBytes: 1000,
  maxStallMs: 1,
  dripMs: 0,
  eventDelayMs: 0,
};

const validate = new Ajv2020({ allowUnionTypes: true }).compile(scenarioSchema);

function scenarioFile(content: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'gleaner-test-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'scenario.json');
  writeFileSync(path, content);
  return path;
}

async function emulatorOf(scenario: Scenario | string) {
  const emulator = await startEmulator({ scenario });
  onTestFinished(() => emulator.close());
  return emulator;
}

describe('a scenario file', () => {
  it('may hold every option', async () => {
    expect(validate(everything)).toBe(true);
    const { $schema: _, ...options } = everything;
    expect(await readScenario(scenarioFile(JSON.stringify(everything)))).toEqual(options);
    await emulatorOf(scenarioFile(JSON.stringify(everything)));
  });

  it.each<[JsonValue, string]>([
    [[], 'it must be an object, got []'],
    [{ sede: 1 }, '/sede is not known: there are $schema, port, host, allowedHosts, seed'],
    [{ seed: 1.5 }, '/seed must be a whole number, got 1.5'],
    [{ latencyMs: '5' }, '/latencyMs must be a number or an object, got "5"'],
    [{ latencyMs: { min: 1 } }, '/latencyMs must have max'],
    [{ faults: { rate: 2 } }, '/faults/rate must be at most 1, got 2'],
    [{ faults: { rate: 0, kinds: [] } }, '/faults/kinds must not be empty'],
    [
      { faults: { rate: 0, weights: { nonsense: 1 } } },
      '/faults/weights/nonsense is not known: there are status-400-array,',
    ],
    [{ script: [{ fault: 'reset' }, { fault: 'boom' }] }, '/script/1/fault must be one of status-400-array,'],
    [{ script: [{ nth: 1 }] }, '/script/0 must have one of fault, content, toolCalls, got none'],
    [
      { script: [{ fault: 'reset', content: '' }] },
      '/script/0 must have one of fault, content, toolCalls, got fault and content',
    ],
    [{ script: [{ content: 'x', times: 'always' }] }, '/script/0/times must be a number or all, got "always"'],
    [{ script: [{ toolCalls: [{}] }] }, '/script/0/toolCalls/0 must have name'],
    [{ models: [{ model: '' }] }, '/models/0/model must not be empty'],
  ])('is refused where it is wrong: %j', async (value, message) => {
    expect(validate(value)).toBe(false);
    await expect(readScenario(scenarioFile(JSON.stringify(value)))).rejects.toThrow(message);
  });

  it('is refused when it is missing or no JSON', async () => {
    await expect(readScenario('/nowhere/at-all.json')).rejects.toThrow(
      /Cannot read the scenario .*there is no such file/,
    );
    await expect(startEmulator({ scenario: scenarioFile('{\n"seed": 1,\n}') })).rejects.toThrow(
      'it stops being JSON on line 3',
    );
  });

  it('is judged as an independent validator judges it', () => {
    const keys = fc.constantFrom('seed', 'script', 'faults', 'rate', 'fault', 'content', 'times', 'models', 'model');
    const leaves = fc.oneof(
      fc.constantFrom<JsonValue>(null, true, '', 'all', 'any', -1, 0, 1, 1.5),
      fc.constantFrom(...faultKinds),
    );
    const values = fc.letrec<{ value: JsonValue }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        leaves,
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(keys, tie('value'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).value;
    // Whole values out of thin air, and good scenarios with one place replaced.
    const places = [
      ['script', 1, 'times'],
      ['script', 0],
      ['faults'],
      ['models', 0, 'thinkingBudget'],
      ['latencyMs'],
      ['tokens', 'accept'],
    ];
    const changed = fc.tuple(fc.constantFrom(...places), values).map(([place, value]) => {
      const copy = structuredClone(everything) as Record<string | number, JsonValue>;
      let owner = copy;
      for (const key of place.slice(0, -1)) owner = owner[key] as unknown as Record<string | number, JsonValue>;
      owner[place.at(-1) ?? ''] = value;
      return copy as JsonValue;
    });
    let good = 0;
    fc.assert(
      fc.property(fc.oneof(values, changed), (value) => {
        const parsed = parseScenario(value);
        const isGood = 'settings' in parsed;
        if (isGood) good += 1;
        expect({ parsed, isGood }).toMatchObject({ isGood: validate(value) });
      }),
      { numRuns: 600 },
    );
    expect(good).toBeGreaterThan(10);
  });

  it('is published', async () => {
    const emulator = await emulatorOf({});
    const schema = await (await fetch(`${emulator.origin}/__emulator/scenario.schema.json`)).json();
    expect(schema).toEqual(JSON.parse(JSON.stringify(scenarioSchema)));
  });

  it('gives way to options beside it', async () => {
    const scenario: Scenario = { retiredModels: ['google/gemini-3.5-flash-lite'], cachedTokens: 1 };
    const emulator = await startEmulator({ scenario, retiredModels: [] });
    onTestFinished(() => emulator.close());
    const { usage } = await complete(emulator);
    expect(usage).toMatchObject({ prompt_tokens_details: { cached_tokens: usage.prompt_tokens } });
    expect(emulator.stats().tokens.cached).toBe(usage.prompt_tokens);
  });
});

describe('the model registry', () => {
  it('takes rows that change what a model is', async () => {
    const emulator = await emulatorOf({
      models: [
        { model: 'google/gemini-3.5-flash-lite', maxCandidates: 1, requestsPerMinute: 2, thinksByDefault: true },
        { model: 'google/gemini-closed*', isServed: false },
        { model: 'house/*', maxOutputTokens: 10, wantsSignatures: true },
      ],
    });
    const status = async (more: object) => (await send(emulator, extractionRequest(undefined, more))).status;
    expect(await status({ n: 2 })).toBe(400);
    expect((await complete(emulator)).usage.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
    expect([await status({}), await status({})]).toEqual([200, 429]);
    expect(await status({ model: 'google/gemini-3.5-flash', n: 2 })).toBe(200);
    expect(await status({ model: 'google/gemini-closed-1' })).toBe(404);
    expect(await status({ model: 'house/own', max_tokens: 11 })).toBe(400);
  });
});

describe('a script', () => {
  const model = 'google/gemini-3.1-pro-preview';
  const messages = [{ role: 'user', content: 'What is the weather like in Boston and New Delhi today?' }];

  it("can have the calls of Google's sample made, fragment by fragment", async () => {
    const emulator = await emulatorOf({
      script: [
        {
          toolCalls: [
            { name: 'get_current_weather', arguments: { location: 'Boston, MA', unit: 'celsius' } },
            { name: 'get_current_weather', arguments: { location: 'New Delhi, India', unit: 'celsius' } },
          ],
          tokens: { prompt: 27, completion: 45, reasoning: 504 },
        },
      ],
    });
    const extra_body = { google: { stream_function_call_arguments: true } };
    const headers = { authorization: 'Bearer x', 'x-vertex-ai-llm-request-type': 'dedicated' };
    const response = await send(emulator, { model, messages, stream: true, extra_body }, { headers });
    const events = (await response.text()).split('\n\n').slice(0, -2);
    const chunks = events.map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
    const calls = chunks.map(({ choices }) => choices[0]?.delta.tool_calls[0]);
    expect(calls.map((call) => [call?.index, call?.function.arguments])).toEqual([
      [1, ''],
      [0, '{"location":"Boston, MA'],
      [0, '"'],
      [0, ',"unit":"celsius'],
      [0, '"'],
      [0, '}'],
      [0, ''],
      [1, '{"location":"New Delhi, India'],
      [1, '"'],
      [1, ',"unit":"celsius'],
      [1, '"'],
      [1, '}'],
    ]);
    expect(new Set(calls.map((call) => call?.id)).size).toBe(2);
    expect(calls.map((call) => call?.extra_content !== undefined)).toEqual([true, ...Array(11).fill(false)]);
    expect(Object.keys(chunks[0] ?? {})).toEqual(['choices', 'created', 'id', 'model', 'object', 'system_fingerprint']);
    expect(chunks.at(-1)).toMatchObject({
      choices: [{ finish_reason: 'tool_calls', index: 0, logprobs: null }],
      usage: {
        completion_tokens: 45,
        completion_tokens_details: { reasoning_tokens: 504 },
        extra_properties: { google: { traffic_type: 'PROVISIONED_THROUGHPUT' } },
        prompt_tokens: 27,
        total_tokens: 576,
      },
    });
  });

  interface Chunk {
    choices: {
      delta: {
        tool_calls: { id: string; index: number; function: { arguments: string }; extra_content?: object }[];
      };
    }[];
  }

  it('can make a model that only calls', async () => {
    const emulator = await emulatorOf({
      script: [{ times: 'all', toolCalls: [{ name: 'again', arguments: '{"a":' }] }],
    });
    for (let round = 0; round < 3; round++) {
      const answer = await complete(emulator, { model, messages });
      expect(answer.choices).toMatchObject([
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ type: 'function', function: { name: 'again', arguments: '{"a":' } }] },
        },
      ]);
    }
  });

  it('can say what an answer costs', async () => {
    const emulator = await emulatorOf({
      script: [{ content: 'yes', tokens: { prompt: 10, cached: 4, completion: 3 } }],
    });
    const answer = await complete(emulator, { model: 'google/gemini-3.5-flash-lite', messages });
    expect(contentOf(answer)).toBe('yes');
    expect(answer.usage).toMatchObject({
      prompt_tokens: 10,
      prompt_tokens_details: { cached_tokens: 4 },
      completion_tokens: 3,
      total_tokens: 13,
    });
  });
});

describe('parallel calls', () => {
  const tool = (name: string, description: string) => ({ type: 'function', function: { name, description } });
  const request = {
    model: 'google/gemini-3.5-flash',
    messages: [{ role: 'user', content: 'Tell me the weather and the exchange rate' }],
    tools: [tool('get_weather', 'the weather'), tool('get_rate', 'the exchange rate'), tool('send_mail', 'sends')],
  };
  const called = async (parallelToolCalls: number) => {
    const emulator = await emulatorOf({ parallelToolCalls });
    const { choices } = await complete(emulator, request);
    const message = choices[0]?.message as unknown as {
      tool_calls: { id: string; function: { name: string }; extra_content?: object }[];
    };
    return message.tool_calls;
  };

  it('are made where they are allowed and the text speaks of them', async () => {
    expect(await called(1)).toHaveLength(1);
    const calls = await called(5);
    expect(calls.map((call) => call.function.name).sort()).toEqual(['get_rate', 'get_weather']);
    expect(calls.map((call) => call.extra_content !== undefined)).toEqual([true, false]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
  });
});

describe('extra_content', () => {
  const place = {
    message: (extra_content: unknown) => [{ role: 'user', content: 'Name: Ann', extra_content }],
    part: (extra_content: unknown) => [{ role: 'user', content: [{ type: 'text', text: 'Name: Ann', extra_content }] }],
    call: (extra_content: unknown) => [
      { role: 'user', content: 'Name: Ann' },
      {
        role: 'assistant',
        tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content }],
      },
      { role: 'tool', tool_call_id: 'c', content: '{}' },
    ],
  };

  it.each(Object.entries(place))('is checked on a %s, and shown to tests', async (_where, messagesWith) => {
    const emulator = await emulatorOf({});
    const model = 'google/gemini-2.5-flash';
    const status = async (extra: unknown) => (await send(emulator, { model, messages: messagesWith(extra) })).status;
    const signed = { google: { thought_signature: 'c2lnbmF0dXJl', anything: 1 } };
    expect(await status(signed)).toBe(200);
    expect(JSON.stringify(emulator.requests().at(-1)?.body)).toContain('c2lnbmF0dXJl');
    expect(await status('text')).toBe(400);
    expect(await status({ google: { thought: 'yes' } })).toBe(400);
    expect(await status({ google: { thought_signature: 'not base64!' } })).toBe(400);
    expect(await status({ google: { parts: [{ file_data: { mime_type: 'image/png' } }] } })).toBe(400);
  });

  it('keeps thoughts out of what is answered about', async () => {
    const emulator = await emulatorOf({});
    const content = [
      { type: 'text', text: 'hm hm hm', extra_content: { google: { thought: true } } },
      { type: 'text', text: 'Hello World' },
    ];
    const answer = await complete(emulator, {
      model: 'google/gemini-3.5-flash-lite',
      messages: [{ role: 'user', content }],
    });
    expect(contentOf(answer)).toBe('The text has 2 words and begins with "Hello World".');
  });

  it('counts the files of a tool as media', async () => {
    const emulator = await emulatorOf({});
    const [question, call, result] = place.call(undefined);
    const file = { file_data: { mime_type: 'image/jpg', display_name: 'd.jpg', file_uri: 'gs://b/d.jpg' } };
    const cost = async (extra_content?: object) => {
      const messages = [question, call, { ...result, extra_content }];
      return (await complete(emulator, { model: 'google/gemini-2.5-flash', messages })).usage.prompt_tokens;
    };
    expect(await cost({ google: { parts: [file] } })).toBe((await cost()) + 1120);
  });
});

describe('content parts', () => {
  it.each([
    ['google/gemini-2.5-flash', 400],
    ['google/gemini-3.5-flash', 200],
  ])('may differ in detail from Gemini 3 on: %s', async (model, status) => {
    const emulator = await emulatorOf({});
    const image = (detail: string) => ({ type: 'image_url', image_url: { url: 'gs://b/a.png', detail } });
    const content = [{ type: 'text', text: 'x' }, image('low'), image('high')];
    expect((await send(emulator, { model, messages: [{ role: 'user', content }] })).status).toBe(status);
  });

  it.each([
    { type: 'image_url', image_url: 'ftp://example.com/a.png' },
    { type: 'image_url', image_url: { url: 'data:image/png,raw' } },
    { type: 'input_audio', input_audio: { data: 'gs://b/a.mp3' } },
    { type: 'video_url', video_url: 'gs://b/a.mp4' },
  ])('are refused, by their place, where they are none that is documented: %j', async (part) => {
    const emulator = await emulatorOf({});
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'x' }, part] }];
    const response = await send(emulator, { model: 'google/gemini-3.5-flash', messages });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('messages[0].content[1]')]);
  });

  it('of text beside tool calls are refused by the models that were seen to', async () => {
    const emulator = await emulatorOf({});
    const extra_content = { google: { thought_signature: 'c2ln' } };
    const tool_calls = [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' }, extra_content }];
    const messages = [
      { role: 'user', content: 'x' },
      { role: 'assistant', content: 'I look it up.', tool_calls },
      { role: 'tool', tool_call_id: 'c', content: '{}' },
    ];
    expect((await send(emulator, { model: 'google/gemini-3.6-flash', messages })).status).toBe(400);
    expect((await send(emulator, { model: 'google/gemini-3.7-flash', messages })).status).toBe(200);
  });
});
