import { describe, expect, it } from 'vitest';
import * as zod4 from 'zod';
import * as zod3 from 'zod3';
import * as earlyZod4 from 'zod3/v4';
import type { ChatMessage } from '../../src/completion/request.ts';
import { VERTEX_AI } from '../../src/completion/service.ts';
import { compileFingerprint, type FingerprintParts } from '../../src/extraction/fingerprint.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import type { ZodSchema } from '../../src/schema/zod-schema.ts';

const generations = { 'zod 4': zod4, 'zod 4.0': earlyZod4, 'zod 3': zod3 } as unknown as Record<string, typeof zod4>;

const flat = (z: typeof zod4): ZodSchema =>
  z.object({
    rent: z.number().nullable().describe('Monthly'),
    kind: z.enum(['', 'flat']).default('flat'),
    code: z
      .string()
      .regex(/^[a-z]+$/i)
      .optional(),
    mail: z.string().email(),
    n: z.number().int(),
  });
const toolParameters = (z: typeof zod4): ZodSchema => z.object({ day: z.string().date().nullable().describe('d') });

async function partsOf(z: typeof zod4): Promise<FingerprintParts> {
  return {
    model: 'google/gemini-3.5-flash-lite',
    derived: await deriveSchema(flat(z)),
    request: { temperature: 0 },
    tools: [{ name: 't', description: 'T', parameters: await deriveSchema(toolParameters(z)), handler: '() => 1' }],
    service: VERTEX_AI,
  };
}

const messages: ChatMessage[] = [
  { role: 'system', content: 'Be exact.' },
  { role: 'user', content: 'Total 5' },
];
const parts = await partsOf(zod4);
const { current } = compileFingerprint(parts);

describe('compileFingerprint', () => {
  it('is 32 hex digits and the same for the same parts', () => {
    expect(current(messages)).toMatch(/^[0-9a-f]{32}$/);
    expect(compileFingerprint({ ...parts }).current(structuredClone(messages))).toBe(current(messages));
    const other = { ...parts, request: { maxTokens: 10, temperature: 0 } };
    const turned = { ...parts, request: { temperature: 0, maxTokens: 10 } };
    expect(compileFingerprint(other).current(messages)).toBe(compileFingerprint(turned).current(messages));
  });

  it.each(Object.entries(generations))('is the same whichever zod writes the schema: %s', async (_name, z) => {
    expect(compileFingerprint(await partsOf(z)).current(messages)).toBe(current(messages));
  });

  // What 0.1 printed for these parts; with each zod another.
  it.each([
    ['zod 4', 'a8e66891541efdfbe796efd8aa0b93cb'],
    ['zod 4.0', 'c9d052aab39c27f4e8c4e15c3a251b6f'],
    ['zod 3', '35b7c831271e8f71c31e960bffa04aff'],
  ])('knows the fingerprints of version 0.1 again: %s', async (name, former) => {
    const z = generations[name] ?? zod4;
    expect(compileFingerprint(await partsOf(z)).earlier(messages)).toEqual([former]);
  });

  it.each<[string, Partial<FingerprintParts>]>([
    ['the model', { model: 'google/gemini-3.8-flash' }],
    ['no model', { model: undefined }],
    ['the settings', { request: { temperature: 1 } }],
    ['no settings', { request: undefined }],
    ['the service', { service: 'emulator' }],
    ['the strategy', { strategy: ['first', 'second'] }],
    ['no tools', { tools: [] }],
    ["a tool's handler", { tools: (parts.tools ?? []).map((tool) => ({ ...tool, handler: '() => 2' })) }],
  ])('changes with %s', (_what, change) => {
    expect(compileFingerprint({ ...parts, ...change }).current(messages)).not.toBe(current(messages));
  });

  it('changes with the schema and with the order of its properties, in which a model answers', async () => {
    const fingerprintOf = async (schema: ZodSchema): Promise<string> =>
      compileFingerprint({ ...parts, derived: await deriveSchema(schema) }).current(messages);
    const [a, b] = [zod4.string(), zod4.number()];
    const all = await Promise.all(
      [
        { a, b },
        { b, a },
        { a, b: b.min(1) },
        { a: a.describe('A'), b },
        { a, b: b.optional() },
      ].map((shape) => fingerprintOf(zod4.object(shape))),
    );
    expect(new Set(all).size).toBe(all.length);
  });

  it('does not change with how a handler is set on its lines', () => {
    const tools = (parts.tools ?? []).map((tool) => ({ ...tool, handler: '() =>\n    1' }));
    expect(compileFingerprint({ ...parts, tools }).current(messages)).toBe(current(messages));
  });

  it('changes with every message', () => {
    expect(current([{ role: 'system', content: 'Be exact' }, ...messages.slice(1)])).not.toBe(current(messages));
    expect(current([...messages.slice(0, 1), { role: 'user', content: 'Total 6' }])).not.toBe(current(messages));
  });
});
