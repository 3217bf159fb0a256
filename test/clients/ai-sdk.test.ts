import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startEmulator, type Emulator } from 'gleaner/emulator';
import { absence, installedFolder, loadClient } from './installed.ts';

const folder = installedFolder('node');

/** What both versions of the SDK have, as far as it is used here. */
interface Sdk {
  generateText(options: object): Promise<{ text: string; steps: unknown[]; usage: { totalTokens?: number } }>;
  streamText(options: object): { textStream: AsyncIterable<string> };
  generateObject(options: object): Promise<{ object: unknown }>;
  streamObject(options: object): { partialObjectStream: AsyncIterable<unknown> };
  tool(options: object): unknown;
  stepCountIs(count: number): unknown;
}
interface Compatible {
  createOpenAICompatible(options: object): (model: string) => unknown;
}

const versions = [
  { name: 'AI SDK 6', sdk: 'ai6', provider: 'compatible2', keepsSignatures: false },
  { name: 'AI SDK 7', sdk: 'ai7', provider: 'compatible3', keepsSignatures: true },
];

const prompt = 'Name: Ann Lee\nTotal: 12.50';
const schema = z.object({ name: z.string(), total: z.number() });

describe.skipIf(folder === undefined).each(versions)(
  `$name${absence(folder)}`,
  ({ sdk, provider, keepsSignatures }) => {
    let emulator: Emulator;
    let ai: Sdk;
    let modelOf: (id: string, supportsStructuredOutputs?: boolean) => unknown;
    beforeAll(async () => {
      emulator = await startEmulator();
      ai = await loadClient<Sdk>(folder ?? '', sdk);
      const { createOpenAICompatible } = await loadClient<Compatible>(folder ?? '', provider);
      modelOf = (id, supportsStructuredOutputs = true) =>
        createOpenAICompatible({
          name: 'vertex',
          baseURL: emulator.baseUrl(),
          apiKey: 'any',
          includeUsage: true,
          supportsStructuredOutputs,
        })(id);
    });
    afterAll(() => emulator.close());

    const flash = 'google/gemini-3.5-flash';

    test('reads a text, and the same one from a stream', async () => {
      const model = modelOf(flash);
      const { text, usage } = await ai.generateText({ model, prompt });
      expect(text).toContain('Name: Ann Lee');
      expect(usage.totalTokens).toBeGreaterThan(0);
      let streamed = '';
      for await (const piece of ai.streamText({ model, prompt }).textStream) streamed += piece;
      expect(streamed).toBe(text);
    });

    test.each([true, false])('reads objects, with json_schema or without: %s', async (supportsStructuredOutputs) => {
      const model = modelOf(flash, supportsStructuredOutputs);
      expect((await ai.generateObject({ model, prompt, schema })).object).toEqual({ name: 'Ann Lee', total: 12.5 });
      let last: unknown;
      for await (const partial of ai.streamObject({ model, prompt, schema }).partialObjectStream) last = partial;
      expect(last).toEqual({ name: 'Ann Lee', total: 12.5 });
    });

    test(`calls a tool for each of two places${keepsSignatures ? '' : ', but loses signatures, which Gemini 3 asks back'}`, async () => {
      const asked: unknown[] = [];
      const weather = ai.tool({
        description: 'Get the current weather',
        inputSchema: z.object({ location: z.string() }),
        execute: (input: unknown) => {
          asked.push(input);
          return '20 degrees';
        },
      });
      const ask = (id: string) =>
        ai.generateText({
          model: modelOf(id),
          prompt: 'What is the weather like in Boston and New Delhi today?',
          tools: { get_current_weather: weather },
          stopWhen: ai.stepCountIs(3),
          maxRetries: 0,
        });
      expect((await ask('google/gemini-2.5-flash')).steps).toHaveLength(2);
      expect(asked).toEqual([{ location: 'Boston' }, { location: 'New Delhi' }]);
      if (keepsSignatures) expect((await ask(flash)).steps).toHaveLength(2);
      else await expect(ask(flash)).rejects.toThrow();
    });

    test('sends a picture', async () => {
      const content = [
        { type: 'text', text: 'Describe this' },
        { type: 'image', image: 'iVBORw0KGgo=', mediaType: 'image/png' },
      ];
      await ai.generateText({ model: modelOf(flash), messages: [{ role: 'user', content }] });
      expect(emulator.requests().at(-1)?.usage?.prompt).toBeGreaterThan(1120);
    });
  },
);
