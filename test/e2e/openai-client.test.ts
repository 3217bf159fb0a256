import OpenAI from 'openai';
import { zodFunction, zodResponseFormat } from 'openai/helpers/zod';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { startEmulator, type Emulator, type EmulatorOptions } from 'gleaner/emulator';

/** The official client, which was not written with this emulator in mind: what it can read, anybody's program can. */
let emulator: Emulator;
let client: OpenAI;

async function start(options: EmulatorOptions = {}, more: { apiKey?: string | (() => Promise<string>) } = {}) {
  emulator = await startEmulator(options);
  const { close } = emulator;
  onTestFinished(() => close());
  client = new OpenAI({ baseURL: emulator.baseUrl(), apiKey: 'any', maxRetries: 0, ...more });
}

beforeEach(() => start());

const model = 'google/gemini-3.5-flash-lite';
const note = { role: 'user', content: 'Name: Ann Lee\nTotal: 12.50' } as const;

describe('plain', () => {
  test('an answer is read to its last token', async () => {
    const completion = await client.chat.completions.create({ model, messages: [note] });
    expect(completion.choices[0]).toMatchObject({ finish_reason: 'stop', index: 0, logprobs: null });
    expect(completion.choices[0]?.message.content).toContain('Name: Ann Lee');
    expect(completion).toMatchObject({ object: 'chat.completion', model });
    const { tokens } = emulator.stats();
    expect(completion.usage).toMatchObject({ prompt_tokens: tokens.prompt, total_tokens: tokens.total });
  });

  test('thinking stands beside the completion, not inside as with OpenAI', async () => {
    const { usage } = await client.chat.completions.create({ model, messages: [note], reasoning_effort: 'high' });
    const reasoning = usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    expect(reasoning).toBeGreaterThan(0);
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0) + reasoning);
  });

  test("Google's options go through in extra_body", async () => {
    const options = { thinking_config: { include_thoughts: true, thinking_budget: 500 }, thought_tag_marker: 'think' };
    const body = { model, messages: [note], extra_body: { google: options } };
    const completion = await client.chat.completions.create(body);
    expect(completion.choices[0]?.message.content).toMatch(/^<think>.+<\/think>/);
  });

  test('a self-deployed endpoint is called with an empty model', async () => {
    const other = client.withOptions({ baseURL: emulator.baseUrl({ endpoint: '4711' }) });
    const completion = await other.chat.completions.create({ model: '', messages: [note] });
    expect(completion.model).toBe('4711');
  });
});

describe('streamed', () => {
  test('the chunks add up, and the usage comes without being asked for', async () => {
    const plain = await client.chat.completions.create({ model, messages: [note] });
    let text = '';
    let total = 0;
    for await (const chunk of await client.chat.completions.create({ model, messages: [note], stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      total += chunk.usage?.total_tokens ?? 0;
    }
    expect([text, total]).toEqual([plain.choices[0]?.message.content, plain.usage?.total_tokens]);
  });

  test('its own assembly gives the same answer', async () => {
    const plain = await client.chat.completions.create({ model, messages: [note] });
    const streamed = await client.chat.completions.stream({ model, messages: [note] }).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe(plain.choices[0]?.message.content);
    expect(streamed.usage).toEqual(plain.usage);
  });
});

const weather = {
  type: 'function',
  function: {
    name: 'get_current_weather',
    description: 'Get the current weather in a given location',
    parameters: {
      type: 'object',
      properties: { location: { type: 'string' }, unit: { type: 'string', enum: ['celsius', 'fahrenheit'] } },
      required: ['location', 'unit'],
    },
  },
} as const;
const question = { role: 'user', content: 'What is the weather like?\nLocation: Boston, MA\nUnit: celsius' } as const;

describe('tools', () => {
  const signer = 'google/gemini-3.1-pro-preview';

  test('a call and its result go round, the thought signature with them', async () => {
    const tools = [weather];
    const first = await client.chat.completions.create({ model: signer, messages: [question], tools });
    const turn = first.choices[0]?.message;
    if (turn === undefined) throw new Error('Expected a message');
    expect(first.choices[0]?.finish_reason).toBe('tool_calls');
    const [call] = turn.tool_calls ?? [];
    expect(call).toMatchObject({
      type: 'function',
      function: { name: 'get_current_weather', arguments: '{"location":"Boston, MA","unit":"celsius"}' },
      extra_content: { google: { thought_signature: expect.any(String) } },
    });
    const result = { role: 'tool', tool_call_id: call?.id ?? '', content: '{"temperature":20}' } as const;
    const second = await client.chat.completions.create({ model: signer, messages: [question, turn, result], tools });
    expect(second.choices[0]?.finish_reason).toBe('stop');
  });

  /** The SDK's own loop: asks, runs the function, asks again. */
  function runTools(runner: string, asked: unknown[]) {
    const tool = zodFunction({
      name: 'get_current_weather',
      description: 'Get the current weather',
      parameters: z.object({ location: z.string() }),
      function: (given) => {
        asked.push(given);
        return '20 degrees';
      },
    });
    return client.chat.completions.runTools({ model: runner, messages: [question], tools: [tool] }).finalContent();
  }

  test('its tool runner gets to an answer', async () => {
    const asked: unknown[] = [];
    expect(await runTools('google/gemini-2.5-flash', asked)).toEqual(expect.any(String));
    expect(asked).toEqual([{ location: 'Boston, MA' }]);
    expect(emulator.stats().byStatus).toEqual({ 200: 2 });
  });

  test('its tool runner loses the signature, which Gemini 3 does not forgive', async () => {
    // The runner copies the fields of a call that OpenAI knows; the documented rule of Gemini 3 is to send all back.
    await expect(runTools(signer, [])).rejects.toMatchObject({ status: 400 });
    expect(emulator.stats().byStatus).toEqual({ 200: 1, 400: 1 });
  });

  test('a streamed call is assembled', async () => {
    const stream = client.chat.completions.stream({ model: signer, messages: [question], tools: [weather] });
    const { choices } = await stream.finalChatCompletion();
    expect(choices[0]?.message.tool_calls).toMatchObject([
      { function: { arguments: '{"location":"Boston, MA","unit":"celsius"}' } },
    ]);
  });

  test('fragments of arguments have to be merged by id: by index, as the SDK does it, calls are mixed up', async () => {
    // The service numbers the fragments of a call differently from its announcement, as its own sample shows. The SDK is
    // right by OpenAI's contract, the emulator by Google's page.
    const body = {
      model: signer,
      messages: [question],
      tools: [weather],
      extra_body: { google: { stream_function_call_arguments: true } },
    };
    const byId = new Map<string, string>();
    for await (const { choices } of await client.chat.completions.create({ ...body, stream: true })) {
      for (const { id = '', function: fragment } of choices[0]?.delta.tool_calls ?? []) {
        byId.set(id, (byId.get(id) ?? '') + (fragment?.arguments ?? ''));
      }
    }
    expect([...byId.values()]).toEqual(['{"location":"Boston, MA","unit":"celsius"}']);
    const { choices } = await client.chat.completions.stream(body).finalChatCompletion();
    expect(choices[0]?.message.tool_calls?.length).toBe(2);
  });
});

describe('parsed structured output', () => {
  const Receipt = z.object({
    name: z.string(),
    total: z.number().nullable(),
    lines: z.array(z.object({ text: z.string() })),
  });

  test('comes out of the schema that the SDK makes of a class', async () => {
    const completion = await client.chat.completions.parse({
      model,
      messages: [{ role: 'system', content: 'Extract the note.' }, note],
      response_format: zodResponseFormat(Receipt, 'receipt'),
    });
    expect(completion.choices[0]?.message.parsed).toMatchObject({ name: 'Ann Lee', total: 12.5 });
    // What the SDK adds of its own must not be refused.
    const { body } = emulator.requests()[0] ?? {};
    expect(body).toMatchObject({
      response_format: { json_schema: { strict: true, schema: { additionalProperties: false } } },
    });
  });

  test('and streamed', async () => {
    const response_format = zodResponseFormat(Receipt, 'receipt');
    const stream = client.chat.completions.stream({ model, messages: [note], response_format });
    expect((await stream.finalChatCompletion()).choices[0]?.message.parsed).toMatchObject({ name: 'Ann Lee' });
  });
});

test('an image comes in message.audio.data', async () => {
  const completion = await client.chat.completions.create({
    model: 'google/gemini-3-pro-image-preview',
    messages: [{ role: 'user', content: 'Generate an image of a cat.' }],
    // The SDK's type knows text and audio.
    modalities: ['image' as 'text'],
  });
  const message = completion.choices[0]?.message;
  expect(message?.content).toBeNull();
  expect(message?.audio).toMatchObject({ extra_content: { google: { mime_type: 'image/png' } } });
  expect(
    Buffer.from(message?.audio?.data ?? '', 'base64')
      .subarray(1, 4)
      .toString(),
  ).toBe('PNG');
});

test('pictures and sounds go in', async () => {
  const content: OpenAI.ChatCompletionContentPart[] = [
    { type: 'text', text: 'Describe this' },
    { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
    { type: 'input_audio', input_audio: { format: 'mp3', data: 'gs://bucket/pixel.mp3' } },
  ];
  const { usage } = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
  expect(usage?.prompt_tokens).toBeGreaterThan(2 * 1120);
});

describe('errors', () => {
  test('in an array lose their text: the SDK looks for the error in an object', async () => {
    await start({ script: [{ fault: 'status-429-array' }] });
    const failure = await client.chat.completions.create({ model, messages: [note] }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(OpenAI.RateLimitError);
    expect(failure).toMatchObject({ status: 429, message: '429 status code (no body)', error: undefined });
  });

  test('in an object keep it', async () => {
    await start({ script: [{ fault: 'status-429-object' }] });
    const failure = await client.chat.completions.create({ model, messages: [note] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 429, message: expect.stringContaining('Resource exhausted') });
  });

  test('in an array keep it, too, when the fetch function unwraps it', async () => {
    await start({ script: [{ fault: 'status-429-array' }] });
    const unwrapping = client.withOptions({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (response.ok) return response;
        const body: unknown = await response.json();
        return new Response(JSON.stringify(Array.isArray(body) ? body[0] : body), response);
      },
    });
    await expect(unwrapping.chat.completions.create({ model, messages: [note] })).rejects.toThrow('Resource exhausted');
  });

  test('are retried by the SDK, which then gets its answer', async () => {
    await start({ script: [{ fault: 'status-503-array' }, { fault: 'reset' }] });
    const patient = client.withOptions({ maxRetries: 2 });
    const completion = await patient.chat.completions.create({ model, messages: [note] });
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(emulator.stats().byStatus).toEqual({ 503: 1, none: 1, 200: 1 });
  });
});

test('an asynchronous apiKey gives a fresh token to every call', async () => {
  let asked = 0;
  const apiKey = async () => {
    asked += 1;
    const path = '/computeMetadata/v1/instance/service-accounts/default/token';
    const response = await fetch(emulator.origin + path, { headers: { 'metadata-flavor': 'Google' } });
    return ((await response.json()) as { access_token: string }).access_token;
  };
  await start({ tokens: { accept: 'issued' } }, { apiKey });
  for (let call = 0; call < 3; call += 1) await client.chat.completions.create({ model, messages: [note] });
  expect(asked).toBe(3);
  expect(emulator.stats()).toMatchObject({ byStatus: { 200: 3 }, tokensIssued: 3 });
});
