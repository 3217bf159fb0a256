import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEmulator, type Emulator } from 'gleaner/emulator';
import { absence, installedFolder, loadClient } from './installed.ts';

const folder = installedFolder('node');

/** What the versions do differently with this API; all else is the same story for each. */
const versions = [
  { name: 'openai4', keepsArrayErrors: false, keepsSignatures: true },
  { name: 'openai5', keepsArrayErrors: false, keepsSignatures: true },
  { name: 'openai6', keepsArrayErrors: false, keepsSignatures: false },
  { name: 'openai7', keepsArrayErrors: true, keepsSignatures: false },
];

const model = 'google/gemini-3.5-flash';
const note = { role: 'user', content: 'Name: Ann Lee\nTotal: 12.50' } as const;
const schema = {
  type: 'object',
  properties: { name: { type: 'string' }, total: { type: 'number' } },
  required: ['name', 'total'],
  additionalProperties: false,
};
const parameters = { type: 'object', properties: { location: { type: 'string' } }, required: ['location'] };
const weather = {
  type: 'function',
  function: { name: 'get_current_weather', description: 'Get the current weather', parameters },
} as const;
const question = { role: 'user', content: 'What is the weather like in Boston and New Delhi today?' } as const;

describe.skipIf(folder === undefined).each(versions)(
  `$name${absence(folder)}`,
  ({ name, keepsArrayErrors, keepsSignatures }) => {
    let emulator: Emulator;
    let client: OpenAI;
    beforeAll(async () => {
      const script = [{ contains: 'Too much', fault: 'status-429-array', times: 'all' } as const];
      emulator = await startEmulator({ script });
      // All versions have the calls that are made here, with the same types.
      const { OpenAI: Client } = await loadClient<{ OpenAI: typeof OpenAI }>(folder ?? '', name);
      client = new Client({ baseURL: emulator.baseUrl(), apiKey: 'any', maxRetries: 0 });
    });
    afterAll(() => emulator.close());

    test('reads an answer, and the same one from a stream', async () => {
      const plain = await client.chat.completions.create({ model, messages: [note] });
      let text = '';
      let total = 0;
      for await (const chunk of await client.chat.completions.create({ model, messages: [note], stream: true })) {
        text += chunk.choices[0]?.delta.content ?? '';
        total += chunk.usage?.total_tokens ?? 0;
      }
      expect(text).toContain('Name: Ann Lee');
      expect([text, total]).toEqual([plain.choices[0]?.message.content, plain.usage?.total_tokens]);
    });

    test('reads structured answers, by json_schema and by json_object', async () => {
      for (const response_format of [
        { type: 'json_schema', json_schema: { name: 'note', schema, strict: true } } as const,
        { type: 'json_object' } as const,
      ]) {
        const { choices } = await client.chat.completions.create({ model, messages: [note], response_format });
        expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({ name: 'Ann Lee', total: 12.5 });
      }
    });

    test('sends the results of two calls back by hand, with the signature, to an answer', async () => {
      const tools = [weather];
      const first = await client.chat.completions.create({ model, messages: [question], tools });
      const turn = first.choices[0]?.message;
      if (turn === undefined) throw new Error('Expected a message');
      const calls = turn.tool_calls ?? [];
      expect(calls.map((call) => ('function' in call ? call.function.arguments : ''))).toEqual([
        '{"location":"Boston"}',
        '{"location":"New Delhi"}',
      ]);
      const results = calls.map(({ id }) => ({ role: 'tool', tool_call_id: id, content: '20' }) as const);
      const second = await client.chat.completions.create({ model, messages: [question, turn, ...results], tools });
      expect(second.choices[0]?.finish_reason).toBe('stop');
    });

    test(`${keepsSignatures ? 'keeps' : 'loses'} the signature in its tool runner, which Gemini 3 asks back`, async () => {
      const tool = {
        type: 'function',
        function: { ...weather.function, parse: JSON.parse, function: () => '20 degrees' },
      } as const;
      // Version 4 has the runner among what was in beta then.
      const { chat, beta } = client as unknown as { chat: Runners; beta?: { chat?: Runners } };
      const { completions } = chat.completions.runTools === undefined && beta?.chat ? beta.chat : chat;
      const run = (runner: string) =>
        completions.runTools?.({ model: runner, messages: [question], tools: [tool] }).finalContent();
      expect(await run('google/gemini-2.5-flash')).toEqual(expect.any(String));
      if (keepsSignatures) expect(await run(model)).toEqual(expect.any(String));
      else await expect(run(model)).rejects.toMatchObject({ status: 400 });
    });

    interface Runners {
      completions: { runTools?(body: object): { finalContent(): Promise<string | null> } };
    }

    test(`${keepsArrayErrors ? 'keeps' : 'loses'} the text of errors in an array`, async () => {
      const messages = [{ role: 'user', content: 'Too much' } as const];
      const error: unknown = await client.chat.completions
        .create({ model, messages })
        .catch((reason: unknown) => reason);
      expect(error).toMatchObject({ status: 429 });
      expect((error as Error).message.includes('Resource exhausted')).toBe(keepsArrayErrors);
    });

    test('sends pictures and sounds, and gets a picture', async () => {
      const content: OpenAI.ChatCompletionContentPart[] = [
        { type: 'text', text: 'Describe this' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } },
        { type: 'input_audio', input_audio: { format: 'mp3', data: 'gs://bucket/pixel.mp3' } },
      ];
      const { usage } = await client.chat.completions.create({ model, messages: [{ role: 'user', content }] });
      expect(usage?.prompt_tokens).toBeGreaterThan(2 * 1120);
      const painted = await client.chat.completions.create({
        model: 'google/gemini-3-pro-image-preview',
        messages: [{ role: 'user', content: 'Generate an image of a cat.' }],
        modalities: ['image' as 'text'],
      });
      expect(painted.choices[0]?.message.audio?.data).toMatch(/^iVBOR/);
    });
  },
);
