import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as earlyZod4 from 'zod3/v4';
import {
  parseSnapshot,
  schemaHash,
  inputSchemaOf,
  isSameContent,
  isSameInOtherWords,
  snapshotText,
} from '../../../src/evolution/check/snapshot.ts';
import { snapshotOf } from '../../../src/evolution/check/snapshot-of.ts';
import { defineExtraction, type Extraction, type RecordFields, type ZodSchema } from '../../../src/index.ts';
import type { JsonValue } from '../../../src/json/value.ts';

function extraction(schema: ZodSchema, prompt: string | ((record: RecordFields) => string) = '{{text}}'): Extraction {
  return defineExtraction({ name: 'note', schema, instructions: 'Read.', prompt }) as Extraction;
}

const stamp = { number: 1, date: '2026-01-02', gleaner: '1.0.0' };

describe('schemaHash', () => {
  test('is the same whatever the order of properties and of what is required, at every level', () => {
    const schema = {
      type: 'object',
      properties: {
        a: { type: 'object', required: ['y', 'x'], properties: { x: true, y: true } },
        b: { enum: [2, 1] },
      },
      required: ['b', 'a'],
      allOf: [{ required: ['a', 'b'] }, { type: 'object' }],
    };
    const turned = {
      allOf: [{ required: ['b', 'a'] }, { type: 'object' }],
      required: ['a', 'b'],
      properties: {
        b: { enum: [2, 1] },
        a: { properties: { y: true, x: true }, required: ['x', 'y'], type: 'object' },
      },
      type: 'object',
    };
    expect(schemaHash(turned)).toBe(schemaHash(schema));
    // It stands in committed files.
    expect(schemaHash(schema)).toBe('1d86fe656a6cac0bc3acfa952f339f5bda7fd735a84f8aa71303c87cb3f9f50b');
  });

  test('is another where the order says something', () => {
    expect(schemaHash({ enum: [1, 2] })).not.toBe(schemaHash({ enum: [2, 1] }));
    expect(schemaHash({ default: { required: [1, 2] } })).not.toBe(schemaHash({ default: { required: [2, 1] } }));
    expect(schemaHash({ prefixItems: [true, false] })).not.toBe(schemaHash({ prefixItems: [false, true] }));
  });
});

describe('snapshotOf()', () => {
  test('says which zod wrote the schema, which is no difference', async () => {
    const content = await snapshotOf(extraction(z.object({ a: z.string() })));
    expect(content.zod).toMatch(/^zod 4\.\d+\.\d+$/);
    const read = parseSnapshot(JSON.parse(snapshotText({ ...content, ...stamp })) as JsonValue);
    expect(read).toMatchObject({ zod: content.zod });
    expect(isSameContent({ ...content, zod: 'zod 4.0.0' }, content)).toBe(true);
  });

  test('takes the output side, and the input side where opening objects does not give it', async () => {
    const plain = await snapshotOf(extraction(z.object({ a: z.string() })));
    expect(plain.schema).toMatchObject({ required: ['a'], additionalProperties: false });
    expect(plain).not.toHaveProperty('inputSchema');
    expect(inputSchemaOf(plain)).not.toHaveProperty('additionalProperties');

    const withDefault = await snapshotOf(extraction(z.object({ a: z.string().default('x') })));
    expect(withDefault.schema).toMatchObject({ required: ['a'] });
    expect(inputSchemaOf(withDefault)).not.toHaveProperty('required');

    const strict = await snapshotOf(extraction(z.strictObject({ a: z.string() })));
    expect(inputSchemaOf(strict)).toMatchObject({ additionalProperties: false });
  });

  test('is the same for the same definition, whatever the order of fields and the layout of a prompt function', async () => {
    const schema = z.object({ a: z.string(), b: z.number() });
    const left = await snapshotOf(extraction(schema, (record: RecordFields) => `Read ${String(record['x'])}`));
    const right = await snapshotOf(
      extraction(z.object({ b: z.number(), a: z.string() }), (record: RecordFields) => `Read ${String(record['x'])}`),
    );
    expect(isSameContent(left, right)).toBe(true);
  });

  test('is another for another description, prompt or refinement', async () => {
    const plain = await snapshotOf(extraction(z.object({ a: z.string() })));
    const others = [
      extraction(z.object({ a: z.string().describe('A') })),
      extraction(z.object({ a: z.string() }), '{{other}}'),
      extraction(z.object({ a: z.string().refine(() => true) })),
    ];
    for (const other of others) expect(isSameContent(plain, await snapshotOf(other))).toBe(false);
  });
});

describe('isSameInOtherWords()', () => {
  const make = (zod: typeof z): ZodSchema =>
    zod.object({ total: zod.number().nullable().describe('With tax'), mail: zod.email(), count: zod.int().default(1) });

  test('knows a definition again that another zod writes', async () => {
    const [young, early] = await Promise.all(
      [z, earlyZod4 as unknown as typeof z].map((zod) => snapshotOf(extraction(make(zod)))),
    );
    if (young === undefined || early === undefined) throw new Error('two were made');
    expect(isSameContent(young, early)).toBe(false);
    expect(isSameInOtherWords(young, early)).toBe(true);
  });

  test('does not take an edit for other words', async () => {
    const before = await snapshotOf(extraction(z.object({ a: z.string().nullable() })));
    for (const edited of [
      extraction(z.object({ a: z.string() })),
      extraction(z.object({ a: z.string().min(1).nullable() })),
      extraction(z.object({ a: z.string().nullable().describe('A') })),
      extraction(z.object({ a: z.string().nullable() }), 'Other: {{text}}'),
      extraction(z.object({ a: z.string().refine(Boolean).nullable() })),
    ]) {
      expect(isSameInOtherWords(before, await snapshotOf(edited))).toBe(false);
    }
  });
});

describe('parseSnapshot()', () => {
  test('reads what snapshotText() wrote', async () => {
    const content = await snapshotOf(
      extraction(
        z.object({
          a: z
            .string()
            .default('x')
            .refine(() => true),
        }),
      ),
    );
    const snapshot = { ...content, ...stamp };
    const text = snapshotText(snapshot);
    expect(text.endsWith('}\n')).toBe(true);
    expect(parseSnapshot(JSON.parse(text) as JsonValue)).toEqual(snapshot);
  });

  test('refuses one whose schema was edited', () => {
    const value = { ...stamp, name: 'note', hash: schemaHash({ type: 'string' }), schema: { type: 'number' } };
    expect(parseSnapshot(value)).toMatch(/edited/);
    expect(parseSnapshot({ ...value, schema: { type: 'string' } })).toMatchObject({ name: 'note' });
  });

  test.each([[null], [[]], [{}], [{ gleaner: '1', hash: 'x', schema: 3, name: 'a', number: 1, date: 'x' }]])(
    'refuses %j',
    (value) => {
      expect(parseSnapshot(value)).toBeTypeOf('string');
    },
  );
});
