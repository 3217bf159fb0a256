import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../../src/emulator/index.ts';
import { complete, contentOf, extractionRequest, send } from '../chat.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator.close());

interface ToolCall {
  id: string;
  index: number;
  function: { name: string; arguments: string };
  extra_content?: { google: { thought_signature: string } };
}

const note = 'Name: Ann Lee\nTotal: 12.50';
const said = (content: string, more: object = {}) => ({
  model: 'google/gemini-3.5-flash-lite',
  messages: [{ role: 'user', content }],
  ...more,
});

describe('a question about several places', () => {
  const weather = {
    type: 'function',
    function: {
      name: 'get_current_weather',
      description: 'Get the current weather in a given location',
      parameters: {
        type: 'object',
        properties: {
          location: { type: 'string', description: 'The city and state, e.g. San Francisco, CA' },
          unit: { type: 'string', enum: ['celsius', 'fahrenheit'] },
        },
        required: ['location', 'unit'],
      },
    },
  };
  const asked = (question: string, more: object = {}) =>
    said(question, { model: 'google/gemini-3.1-pro-preview', tools: [weather], ...more });

  async function callsOf(body: object): Promise<ToolCall[]> {
    const { choices } = await complete(emulator, body);
    expect(choices[0]?.finish_reason).toBe('tool_calls');
    const message = choices[0]?.message as { tool_calls?: ToolCall[] } | undefined;
    return message?.tool_calls ?? [];
  }

  it('gets a call for each, in twelve chunks whose index changes', async () => {
    const question = 'What is the weather like in Boston and New Delhi today?';
    const body = asked(question, { stream: true, extra_body: { google: { stream_function_call_arguments: true } } });
    const events = (await (await send(emulator, body)).text()).split('\n\n').slice(0, -2);
    const chunks = events.map((event) => JSON.parse(event.slice('data: '.length)) as Chunk);
    const calls = chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? []);
    expect(chunks).toHaveLength(12);
    expect(calls.map(({ index }) => index)).toEqual([1, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);
    expect(calls.map((call) => call.function.arguments)).toEqual([
      '',
      '{"location":"Boston',
      '"',
      expect.stringMatching(/^,"unit":"\w+$/),
      '"',
      '}',
      '',
      '{"location":"New Delhi',
      '"',
      expect.stringMatching(/^,"unit":"\w+$/),
      '"',
      '}',
    ]);
    expect(new Set(calls.map(({ id }) => id)).size).toBe(2);
    expect(chunks.at(-1)?.choices[0]?.finish_reason).toBe('tool_calls');
  });

  interface Chunk {
    choices: { delta: { tool_calls?: ToolCall[] }; finish_reason?: string }[];
  }

  it.each([
    ['How warm is it in Paris?', ['Paris']],
    ['Compare the weather in Rome, Oslo and Kyiv', ['Rome', 'Oslo', 'Kyiv']],
    ['Is it raining in Boston, MA or in Lima on Friday?', ['Boston, MA', 'Lima']],
    ['Weather?\nLocation: Boston, MA', ['Boston, MA']],
  ])('names them: %j', async (question, places) => {
    const calls = await callsOf(asked(question));
    expect(calls.map((call) => (JSON.parse(call.function.arguments) as { location: string }).location)).toEqual(places);
  });

  it('is answered alike each time: the same calls, signatures and usage', async () => {
    const body = asked('What is the weather like in Boston and New Delhi today?', { reasoning_effort: 'high' });
    const [first, second, third] = [
      await complete(emulator, body),
      await complete(emulator, body),
      await complete(emulator, body),
    ];
    expect(second.choices).toEqual(first.choices);
    expect(third.choices).toEqual(first.choices);
    expect([second.usage, third.usage]).toEqual([first.usage, first.usage]);
    expect(first.usage.completion_tokens_details?.reasoning_tokens).toBeGreaterThan(0);
  });
});

describe('the same request', () => {
  const tool = { type: 'function', function: { name: 'note', parameters: { type: 'object', properties: {} } } };
  const requests = {
    'that thinks': extractionRequest(undefined, { model: 'google/gemini-2.5-flash' }),
    'that shows its thoughts': said(note, {
      model: 'google/gemini-2.5-flash',
      extra_body: { google: { thinking_config: { include_thoughts: true, thinking_budget: 2048 } } },
    }),
    'with a tool and a signature': said(note, { model: 'google/gemini-3.1-pro-preview', tools: [tool] }),
    'for several answers': extractionRequest(undefined, { n: 3 }),
    'that is cut off': extractionRequest(undefined, { max_tokens: 3 }),
    'for JSON of no schema': said(note, { response_format: { type: 'json_object' } }),
  };
  // What tells one answer from another: its id and its moment.
  const answerTo = async (server: Emulator, body: object): Promise<object> => {
    const { id, created, ...rest } = (await complete(server, body)) as unknown as { id: string; created: number };
    expect([typeof id, typeof created]).toEqual(['string', 'number']);
    return rest;
  };

  it('gets the same answer and usage, in any order, by any number of callers, from another emulator', async () => {
    const all = Object.values(requests);
    const alone: object[] = [];
    for (const body of all) alone.push(await answerTo(emulator, body));
    const other = await startEmulator();
    try {
      const crowd = [...all, ...all.toReversed(), ...all];
      const together = await Promise.all(crowd.map((body) => answerTo(other, body)));
      expect(together).toEqual([...alone, ...alone.toReversed(), ...alone]);
    } finally {
      await other.close();
    }
  });

  it.each(Object.entries(requests))('gets the same usage as a stream: %s', async (_name, body) => {
    const { usage } = await complete(emulator, body);
    const text = await (await send(emulator, { ...body, stream: true })).text();
    const last = text.split('\n\n').findLast((event) => event.includes('"usage"')) ?? '';
    expect((JSON.parse(last.slice('data: '.length)) as { usage: object }).usage).toEqual(usage);
  });
});

describe('a model', () => {
  const statusOf = async (model: string, server = emulator) =>
    (await send(server, extractionRequest(undefined, { model }))).status;

  it.each([
    'google/gemini-3.5-flash',
    'google/gemini-2.5-pro',
    'google/gemini-2.0-flash-001',
    'google/gemini-2.5-flash-preview-04-17',
    'google/gemini-4-argon',
    'meta/llama-4-maverick-17b-128e-instruct-maas',
    'openai/gpt-oss-120b-maas',
  ])('answers when there is such a one: %s', async (model) => expect(await statusOf(model)).toBe(200));

  it.each(['google/gemini-nope', 'google/gemini-3.5-flahs', 'google/gemini-99-flash', 'meta/llama-nope', 'house/own'])(
    'is 404 when its name is a slip: %s',
    async (model) => {
      const response = await send(emulator, extractionRequest(undefined, { model }));
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('any-model');
    },
  );

  it('may have any name where that is asked for, but not that of a retired one', async () => {
    const open = await startEmulator({ anyModel: true });
    try {
      expect(await statusOf('google/gemini-nope', open)).toBe(200);
      expect(await statusOf('house/own', open)).toBe(200);
      expect(await statusOf('google/gemini-2.0-flash', open)).toBe(404);
    } finally {
      await open.close();
    }
  });
});

describe('stop', () => {
  it('ends the answer before the first of its texts, and costs less', async () => {
    const whole = await complete(emulator, said('Hello World'));
    expect(contentOf(whole)).toContain(' has ');
    for (const stop of ['has', ['words', 'has']]) {
      const answer = await complete(emulator, said('Hello World', { stop }));
      expect(contentOf(answer)).toBe('The text ');
      expect(answer.choices[0]?.finish_reason).toBe('stop');
      expect(answer.usage.completion_tokens ?? 0).toBeLessThan(whole.usage.completion_tokens ?? 0);
    }
    expect(contentOf(await complete(emulator, said('Hello World', { stop: 'nowhere' })))).toBe(contentOf(whole));
  });

  it('also ends a stream', async () => {
    const text = await (await send(emulator, said('Hello World', { stop: ['has'], stream: true }))).text();
    expect(text).toContain('The text');
    expect(text).not.toContain('has');
  });

  it.each([5, [1], [''], {}])('is refused where it is no text: %j', async (stop) => {
    expect((await send(emulator, said('Hello World', { stop }))).status).toBe(400);
  });
});

describe('json_object', () => {
  const asJson = { response_format: { type: 'json_object' } };

  it('holds numbers as numbers, and identifiers as they are', async () => {
    const text = 'Total: 12.50\nCount: -3\nPaid: true\nPostcode: 01234\nAccount: 12345678901234567890\nName: Ann';
    expect(JSON.parse(contentOf(await complete(emulator, said(text, asJson))))).toEqual({
      total: 12.5,
      count: -3,
      paid: true,
      postcode: '01234',
      account: '12345678901234567890',
      name: 'Ann',
    });
  });

  const schema = {
    type: 'object',
    properties: { name: { type: 'string' }, total: { type: 'number' }, lines: { type: 'array', items: {} } },
    required: ['name', 'total', 'lines'],
  };
  const instructed = (more: object) => ({
    ...said(note, more),
    messages: [
      {
        role: 'system',
        content: `Answer with JSON, such as {"a": {}}, by this schema:\n\n${JSON.stringify(schema, null, 2)}\n{`,
      },
      { role: 'user', content: note },
    ],
  });

  it.each([asJson, {}, { response_format: { type: 'text' } }])(
    'follows a schema that stands in the instructions, as many clients send it: %j',
    async (more) => {
      const answer = JSON.parse(contentOf(await complete(emulator, instructed(more)))) as unknown;
      expect(answer).toEqual({ name: 'Ann Lee', total: 12.5, lines: [] });
    },
  );

  it('takes no schema from a record', async () => {
    const record = `${note}\nSchema: ${JSON.stringify(schema)}`;
    expect(contentOf(await complete(emulator, said(record)))).toMatch(/^The text has/);
  });
});
