import { inflateSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { complete, contentOf, extractionRequest, send } from './chat.ts';

let emulator: Emulator;

beforeEach(async () => {
  emulator = await startEmulator();
});

afterEach(() => emulator.close());

interface ToolCall {
  id: string;
  index?: number;
  type: string;
  function: { name: string; arguments: string };
  extra_content?: { google: { thought_signature: string } };
}

interface Chunk {
  object: string;
  id: string;
  choices: {
    delta: { role: string; content?: string; tool_calls?: ToolCall[] };
    finish_reason?: string;
    logprobs: null;
  }[];
  usage?: object;
}

async function stream(body: object): Promise<Chunk[]> {
  const response = await send(emulator, { ...body, stream: true });
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  expect(events.at(-1)).toBe('data: [DONE]');
  return events.slice(0, -1).map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
}

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
};

const question = {
  model: 'google/gemini-3.1-pro-preview',
  messages: [{ role: 'user', content: 'What is the weather like?\nLocation: Boston, MA' }],
  tools: [weather],
};

async function callOf(body: object): Promise<ToolCall> {
  const answer = await complete(emulator, body);
  expect(answer.choices[0]?.finish_reason).toBe('tool_calls');
  const message = answer.choices[0]?.message as { tool_calls?: [ToolCall] } | undefined;
  if (message?.tool_calls === undefined) throw new Error('Expected a tool call');
  return message.tool_calls[0];
}

describe('streaming', () => {
  it('sends the same answer in chunks, with the usage in the last', async () => {
    const plain = await complete(emulator);
    const chunks = await stream(extractionRequest());
    expect(chunks.length).toBeGreaterThan(2);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content).join('')).toBe(contentOf(plain));
    for (const chunk of chunks) {
      expect(chunk.object).toBe('chat.completion.chunk');
      expect(chunk.id).toBe(chunks[0]?.id);
      expect(chunk.choices[0]).toMatchObject({ delta: { role: 'assistant' }, logprobs: null });
    }
    expect(
      chunks
        .slice(0, -1)
        .every(({ choices, usage }) => usage === undefined && !('finish_reason' in (choices[0] ?? {}))),
    ).toBe(true);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'stop' }], usage: plain.usage });
    expect(emulator.stats().tokens).toMatchObject({ calls: 2, total: 2 * plain.usage.total_tokens });
  });

  it('counts a stream that the client left as undelivered', async () => {
    await emulator.close();
    emulator = await startEmulator({ eventDelayMs: 20 });
    const response = await send(emulator, extractionRequest(undefined, { stream: true }));
    await response.body?.cancel();
    await expect
      .poll(() => emulator.stats(), { timeout: 5000 })
      .toMatchObject({ tokens: { calls: 0 }, undelivered: { calls: 1 } });
  });

  it('sends only usage when thinking ate the cap', async () => {
    const chunks = await stream(extractionRequest(undefined, { max_tokens: 5, reasoning_effort: 'high' }));
    expect(chunks).toMatchObject([
      {
        choices: [{ delta: { role: 'assistant' }, finish_reason: 'length' }],
        usage: { total_tokens: expect.any(Number) },
      },
    ]);
  });

  it("breaks function arguments as Google's sample does", async () => {
    const chunks = await stream({ ...question, extra_body: { google: { stream_function_call_arguments: true } } });
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(calls[0]).toMatchObject({ index: 1, function: { arguments: '' } });
    expect(calls[0]?.extra_content?.google.thought_signature).toBeTruthy();
    expect(calls.slice(1).every((call) => call.index === 0 && !('extra_content' in call))).toBe(true);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(1);
    expect(calls.map((call) => call.function.arguments)).toEqual([
      '',
      '{"location":"Boston, MA',
      '"',
      expect.stringMatching(/^,"unit":"\w+$/),
      '"',
      '}',
    ]);
    expect(chunks.at(-1)).toMatchObject({ choices: [{ finish_reason: 'tool_calls' }] });
  });
});

describe('function calling', () => {
  it('calls once, then answers with the result at hand', async () => {
    const call = await callOf(question);
    expect(call).toMatchObject({ type: 'function', id: expect.stringMatching(/^function-call-[0-9a-f-]{36}$/) });
    expect(JSON.parse(call.function.arguments)).toMatchObject({ location: 'Boston, MA' });
    const history = [
      ...question.messages,
      { role: 'assistant', tool_calls: [call] },
      { role: 'tool', tool_call_id: call.id, content: '{"temperature":20}' },
    ];
    const answer = await complete(emulator, { ...question, messages: history });
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: expect.any(String) } });
  });

  it('wants the thought signature back from Gemini 3, and results for its calls only', async () => {
    const { extra_content: _, ...unsigned } = await callOf(question);
    const result = { role: 'tool', tool_call_id: unsigned.id, content: '{}' };
    const lost = {
      ...question,
      messages: [...question.messages, { role: 'assistant', tool_calls: [unsigned] }, result],
    };
    const response = await send(emulator, lost);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(
      'function call `default_api:get_current_weather` in the 2. content block is missing a `thought_signature`',
    );
    expect((await send(emulator, { ...lost, model: 'google/gemini-2.5-flash' })).status).toBe(200);
    const orphan = { ...question, messages: [...question.messages, { ...result, tool_call_id: 'other' }] };
    expect((await send(emulator, orphan)).status).toBe(400);
  });

  it('obeys tool_choice', async () => {
    const other = { type: 'function', function: { name: 'other' } };
    const tools = [weather, other];
    expect((await complete(emulator, { ...question, tools, tool_choice: 'none' })).choices[0]?.finish_reason).toBe(
      'stop',
    );
    const forced = { type: 'function', function: { name: 'other' } };
    expect((await callOf({ ...question, tools, tool_choice: forced })).function).toEqual({
      name: 'other',
      arguments: '{}',
    });
  });
});

describe('images', () => {
  it('are real PNG files where the page puts them', async () => {
    const body = await complete(emulator, {
      model: 'google/gemini-3-pro-image-preview',
      messages: [{ role: 'user', content: 'Generate an image of a cat.' }],
      modalities: ['image'],
    });
    const message = body.choices[0]?.message as unknown as {
      content: null;
      audio: { data: string; extra_content: { google: { mime_type: string } } };
    };
    expect(message.content).toBeNull();
    expect(message.audio.extra_content.google.mime_type).toBe('image/png');
    const png = Buffer.from(message.audio.data, 'base64');
    expect(png.subarray(1, 4).toString()).toBe('PNG');
    const length = png.readUInt32BE(33);
    expect(inflateSync(png.subarray(41, 41 + length))).toHaveLength(8 * (1 + 8 * 3));
    expect(body.usage.completion_tokens).toBe(1120);
  });
});

describe('thoughts', () => {
  it('stand before the answer, tagged or not', async () => {
    const config = { thinking_config: { include_thoughts: true, thinking_budget: 500 } };
    const tagged = await complete(emulator, withOptions({ ...config, thought_tag_marker: 'think' }));
    expect(contentOf(tagged)).toMatch(/^<think>.+<\/think>\{"company"/);
    const untagged = await complete(emulator, withOptions(config));
    expect(contentOf(untagged)).toMatch(/^The text .+\n\{"company"/);
  });
});

describe('several candidates', () => {
  it('are all paid for', async () => {
    const one = await complete(emulator);
    const three = await complete(emulator, extractionRequest(undefined, { n: 3 }));
    expect(three.choices.map((choice) => (choice as unknown as { index: number }).index)).toEqual([0, 1, 2]);
    expect(three.usage.completion_tokens).toBe(3 * (one.usage.completion_tokens ?? 0));
  });
});

describe('model rules', () => {
  it.each([
    ['google/gemini-3.8-flash', { n: 2 }],
    ['google/gemini-3.8-flash', { frequency_penalty: 0.5 }],
    ['google/gemini-3.8-flash', { reasoning_effort: 'minimal' }],
    [
      'google/gemini-3.8-flash',
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: '{' },
        ],
      },
    ],
    ['google/gemini-2.5-flash', { extra_body: { google: { thinking_config: { thinking_budget: 24_577 } } } }],
    ['google/gemini-2.5-pro', { extra_body: { google: { thinking_config: { thinking_budget: 0 } } } }],
    ['google/gemini-4-argon', { extra_body: { google: { thinking_config: { thinking_budget: 100 } } } }],
  ])('%s refuses %j, which another model takes', async (model, more) => {
    expect((await send(emulator, extractionRequest(undefined, { model, ...more }))).status).toBe(400);
    const lenient = extractionRequest(undefined, { model: 'google/gemini-3.5-flash', ...more });
    expect((await send(emulator, lenient)).status).toBe(200);
  });
});

function withSchema(schema: object, model = 'google/gemini-3.5-flash'): object {
  return extractionRequest('x', {
    model,
    response_format: { type: 'json_schema', json_schema: { name: 's', schema } },
  });
}

function list(maxItems: number): object {
  return { type: 'array', items: { type: 'string' }, maxItems };
}

function object(properties: object, required: string[] = []): object {
  return { type: 'object', properties, required };
}

function withOptions(google: object): object {
  return extractionRequest(undefined, { extra_body: { google } });
}

describe('the schema gate', () => {
  it('refuses more than 971 array items in all', async () => {
    expect((await send(emulator, withSchema(object({ a: list(971) })))).status).toBe(200);
    const refused = await send(emulator, withSchema(object({ a: list(900), b: list(72) })));
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain('too many states for serving');
  });

  it('refuses a schema that must contain itself, but not for open models', async () => {
    const child = { child: { $ref: '#' } };
    expect((await send(emulator, withSchema(object(child)))).status).toBe(200);
    expect((await send(emulator, withSchema(object(child, ['child'])))).status).toBe(400);
    const open = withSchema(object(child, ['child']), 'meta/llama-4-scout-17b-16e-instruct-maas');
    expect((await send(emulator, open)).status).toBe(200);
  });

  it('can be silent about the reason, or open', async () => {
    await emulator.close();
    emulator = await startEmulator({ schemaGate: 'bare' });
    const large = withSchema(object({ a: list(972) }));
    expect(await (await send(emulator, large)).text()).toContain('"Request contains an invalid argument."');
    await emulator.close();
    emulator = await startEmulator({ schemaGate: 'off' });
    expect((await send(emulator, large)).status).toBe(200);
  });
});
