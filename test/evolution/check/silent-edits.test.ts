import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import * as mini from 'zod/mini';
import { z as z3 } from 'zod3';
import { baselineFromText, baselineOf } from '../../../src/evolution/check/baseline-schema.ts';
import { checkDefinitions, type CheckedDefinition } from '../../../src/evolution/check/check.ts';
import { notesOf } from '../../../src/evolution/check/formats/describe-pair.ts';
import { snapshotOf } from '../../../src/evolution/check/snapshot-of.ts';
import type { SnapshotContent } from '../../../src/evolution/check/snapshot.ts';
import { compareSchemas } from '../../../src/evolution/engine/compare-schemas.ts';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import type { JsonValue } from '../../../src/json/value.ts';
import type { ZodSchema } from '../../../src/schema/zod-schema.ts';

async function contentOf(schema: ZodSchema): Promise<SnapshotContent> {
  return snapshotOf(
    defineExtraction({
      name: 'bill',
      model: 'google/gemini-3.5-flash-lite',
      schema: schema as z.ZodType,
      instructions: 'Read the bill.',
      prompt: '{{text}}',
    }),
  );
}

async function check(older: ZodSchema, newer: ZodSchema): Promise<{ verdict: string; notes: string }> {
  const snapshot = { ...(await contentOf(older)), number: 1, date: '2026-01-01', gleaner: '1.0.0' };
  const checked = checkContents(baselineOf(snapshot, '1.json'), await contentOf(newer));
  return { verdict: checked.verdict, notes: notesOf(checked).join('\n') };
}

function checkContents(older: ReturnType<typeof baselineOf>, content: SnapshotContent): CheckedDefinition {
  const candidate = { content, reference: 'bill.ts', file: 'bill.ts', source: '', acceptances: [], locked: null };
  const baseline = { label: 'before', schemas: new Map([[content.name, [older]]]), others: new Map() };
  const options = { reader: 'validator', againstOption: 'before' } as const;
  const [checked] = checkDefinitions([{ ...candidate, mode: 'backward' }], baseline, options).definitions;
  if (checked === undefined) throw new Error('nothing was checked');
  return checked;
}

describe('an intersection is compared as what zod makes of it', () => {
  const other = z.object({ place: z.string() });
  const ways: [string, (total: z.ZodType, name: string) => ZodSchema][] = [
    [
      'ids',
      (total, name) =>
        z
          .object({ total })
          .meta({ id: `Sum${name}` })
          .and(other.meta({ id: `Place${name}` })),
    ],
    ['a read-only side', (total) => z.object({ total }).and(other.readonly())],
    ['nullable sides', (total) => z.object({ total }).nullable().and(other.nullable())],
    ['a side of several objects', (total) => z.union([z.object({ total }), z.object({ sum: z.string() })]).and(other)],
    ['lists', (total) => z.array(z.object({ total })).and(z.array(other))],
    ['tuples', (total) => z.tuple([z.object({ total })]).and(z.tuple([other]))],
    ['objects in objects', (total) => z.object({ in: z.object({ total }) }).and(z.object({ in: other.readonly() }))],
    [
      'both sides containing themselves',
      (total) => {
        const sum = z.object({
          total,
          get parts() {
            return z.array(sum).optional();
          },
        });
        const where = z.object({
          place: z.string(),
          get parts() {
            return z.array(where).optional();
          },
        });
        return sum.and(where);
      },
    ],
    [
      'two sides of zod/mini',
      (total) =>
        mini.intersection(mini.nullable(mini.object({ total })), mini.nullable(mini.object({ place: mini.string() }))),
    ],
  ];

  test.each(ways)('with %s', async (_name, make) => {
    const [before, wider, narrower] = [z.string(), z.union([z.string(), z.null()]), z.string().min(1)].map(
      (total, index) => z.object({ bill: make(total, `${_name}${index}`) as z.ZodType }),
    );
    if (before === undefined || wider === undefined || narrower === undefined) throw new Error('none');
    expect(await check(before, wider)).toMatchObject({ verdict: 'compatible', notes: '' });
    expect(await check(before, narrower)).toMatchObject({ verdict: 'breaking' });
  });

  test('with a strict side, which refuses the keys of the other, that is told', async () => {
    const strict = z.object({ bill: z.object({ total: z.string() }).strict().and(other) });
    expect((await check(z.object({ bill: z.object({ total: z.string() }).and(other) }), strict)).notes).toContain(
      'refinement at bill',
    );
  });
});

describe('what no JSON Schema shows is told', () => {
  const field = <Schema>(value: Schema): { value: Schema } => ({ value });
  test.each<[string, ZodSchema, ZodSchema, RegExp]>([
    ['base64 of zod 3', z3.object(field(z3.string())), z3.object(field(z3.string().base64())), /refinement at value/],
    [
      'limits of a date',
      z.object(field(z.coerce.date())),
      z.object(field(z.coerce.date().min(new Date(0)))),
      /refinement at value/,
    ],
    [
      'limits of a date of zod 3',
      z3.object(field(z3.coerce.date())),
      z3.object(field(z3.coerce.date().max(new Date(0)))),
      /refinement at value/,
    ],
    [
      'the second part of a pipe',
      z.object(field(z.string())),
      z.object(field(z.string().pipe(z.string()))),
      /pipe at value/,
    ],
    [
      'integers of zod 3 that zod 4 refuses',
      z3.object(field(z3.number().int())),
      z.object(field(z.int())),
      /zod 4 refuses integers/,
    ],
    [
      'a schema without documents',
      z.object(field(z.string().min(3).max(2))),
      z.object(field(z.int())),
      /old schema admits no document/,
    ],
  ])('%s', async (_name, older, newer, note) => {
    const { verdict, notes } = await check(older, newer);
    expect(verdict).toBe('compatible');
    expect(notes).toMatch(note);
  });

  test('a new definition whose schema no document fits', async () => {
    const content = await contentOf(z.object(field(z.string().min(3).max(2))));
    const candidate = { content, reference: '', file: '', source: '', acceptances: [], locked: null };
    const baseline = { label: '', schemas: new Map(), others: new Map() };
    const report = checkDefinitions([{ ...candidate, mode: 'backward' }], baseline, {
      reader: 'validator',
      againstOption: '',
    });
    expect(report.definitions.flatMap(notesOf)).toContain('The schema admits no document at all');
  });

  test('a number of a file that has more digits than can be held', () => {
    const read = (maximum: string): ReturnType<typeof baselineFromText> =>
      baselineFromText(`{"type":"integer","maximum":${maximum}}`, 'old.json', 'bill');
    const checked = checkContents(read('9007199254740993'), read('9007199254740992'));
    expect(notesOf(checked).join()).toContain('A number at /maximum of the old schema has more digits');
    expect(notesOf(checkContents(read('9007199254740992'), read('9007199254740992')))).toEqual([]);
  });
});

describe('what a JSON Schema can say is compared', () => {
  test.each<[string, ZodSchema, ZodSchema]>([
    ['whole numbers of any size, then integers', z.object({ n: z.number().multipleOf(1) }), z.object({ n: z.int() })],
    ['a literal beyond all integers', z.object({ n: z.literal(1e300) }), z.object({ n: z.int() })],
    [
      'a limit that every integer has, for numbers',
      z.object({ n: z.number() }),
      z.object({ n: z.number().max(Number.MAX_SAFE_INTEGER) }),
    ],
    ['safe numbers of zod 3', z3.object({ n: z3.number() }), z3.object({ n: z3.number().safe() })],
    ['null as a literal of zod 3', z3.object({ n: z3.literal(null) }), z3.object({ n: z3.object({}).passthrough() })],
    ['a null that may be null of zod 3', z3.object({ n: z3.null().nullable() }), z3.object({ n: z3.string() })],
    ['blocks of addresses of zod 3', z3.object({ n: z3.string().cidr() }), z3.object({ n: z3.number() })],
  ])('%s', async (_name, older, newer) => {
    expect((await check(older, newer)).verdict).toBe('breaking');
  });

  test('integers of one generation are as they were', async () => {
    const { verdict, notes } = await check(z.object({ n: z.int().multipleOf(2) }), z.object({ n: z.int() }));
    expect({ verdict, notes }).toEqual({ verdict: 'compatible', notes: '' });
  });

  const date = { format: 'date' };
  test.each<[string, JsonValue, JsonValue]>([
    ['beside anyOf', { anyOf: [{ type: 'string' }, { type: 'null' }] }, date],
    ['beside a reference', { $ref: '#/$defs/text', $defs: { text: { type: 'string' } } }, date],
    ['beside const', { const: 'x' }, date],
    ['in allOf', { type: 'string' }, { allOf: [date] }],
  ])('a format %s is as undecided as one beside a type', (_name, older, added) => {
    const newer = { ...(older as object), ...(added as object) };
    expect(compareSchemas(older, newer).backward.verdict).toBe('unknown');
  });

  test('what is not understood is another thing in another draft', () => {
    const schema = { type: 'array', contains: { type: 'string' }, items: { $dynamicRef: '#a' } };
    const [old, now] = ['2019-09', '2020-12'].map((draft) => ({
      $schema: `https://json-schema.org/draft/${draft}/schema`,
      ...schema,
    }));
    expect(compareSchemas(old ?? {}, now ?? {}).backward.verdict).not.toBe('compatible');
  });
});

describe('the u flag of a pattern', () => {
  const text = (pattern: RegExp): ZodSchema => z.object({ text: z.string().regex(pattern) });

  test.each([
    [/^.$/u, /^.$/, 'what is new here: refinement at text'],
    [/^.{1,3}$/, /^.{1,3}$/u, 'what is gone here: refinement at text'],
    [/^\S.*\S$/i, /^\S.*\S$/iu, 'what is gone here: refinement at text'],
    [/^.{2}$/, /^.{2,3}$/, 'what was edited here: refinement at text'],
  ])('from %s to %s is told where halves of characters count', async (older, newer, note) => {
    const found = await check(text(older), text(newer));
    expect(found).toMatchObject({ verdict: 'compatible', notes: expect.stringContaining(note) as string });
    const [mini4, zod3] = await Promise.all([
      check(
        mini.object({ text: mini.string().check(mini.regex(older)) }),
        mini.object({ text: mini.string().check(mini.regex(newer)) }),
      ),
      check(z3.object({ text: z3.string().regex(older) }), z3.object({ text: z3.string().regex(newer) })),
    ]);
    expect([mini4.notes, zod3.notes]).toEqual([found.notes, found.notes]);
  });

  test.each([
    [/^.+$/, /^.+$/u],
    [/^[a-z]{2}$/, /^[a-z]{2}$/u],
    [/^😀 .*$/, /^😀 .*$/u],
  ])('from %s to %s is no change, and says nothing', async (older, newer) => {
    expect(await check(text(older), text(newer))).toEqual({ verdict: 'compatible', notes: '' });
  });

  test.each([
    [/^\p{Lu}$/u, new RegExp('^\\p{Lu}$')],
    [/^\u{61}$/u, new RegExp('^\\u{61}$')],
    [/^[a-\uffff]$/, /^[a-\uffff]$/u],
    [/^😀 hi$/i, /^😀 ho$/i],
  ])('from %s to %s is breaking, as they name other characters', async (older, newer) => {
    expect(await check(text(older), text(newer))).toMatchObject({ verdict: 'breaking' });
  });
});
