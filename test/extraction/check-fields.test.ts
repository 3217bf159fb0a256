import { expect, test } from 'vitest';
import { z } from 'zod';
import { checkFields } from '../../src/extraction/check-fields.ts';
import { list, numeric, text } from '../../src/eval/comparator.ts';
import { compileExtraction } from '../../src/extraction/compile-extraction.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { ExtractionOptions } from '../../src/extraction/definition.ts';
import { deriveSchema } from '../../src/schema/derive.ts';

const item = z.object({ price: z.number(), isGift: z.boolean() });
const schema = z.object({
  shop: z.string(),
  total: z.number().nullable(),
  kind: z.enum(['food', 'fuel']).nullable(),
  paid: z.boolean(),
  size: z.union([z.enum(['small', 'large']), z.string()]),
  flags: z.array(z.object({ isOpen: z.boolean(), colour: z.literal('red') })),
  items: z.array(item),
});

const compile = (options: Partial<ExtractionOptions<typeof schema>>) =>
  compileExtraction(
    defineExtraction({
      name: 'receipt',
      model: 'google/gemini-3.5-flash-lite',
      schema,
      instructions: 'Extract the receipt.',
      prompt: '{{text}}',
      ...options,
    }),
    { model: 'google/gemini-3.5-flash-lite', service: { name: 'test', isEmulated: true } },
  );
const cascade = (fields: string[]) => ({ cascade: { strong: 'google/gemini-3.5-flash', agree: 0.9, fields } });

test.each<{ options: Partial<ExtractionOptions<typeof schema>>; message: string }>([
  {
    options: cascade(['shop', 'totl']),
    message:
      'Cannot use cascade.fields of the extraction receipt: "totl" is no field of its schema; did you mean "total"?',
  },
  {
    options: cascade(['elsewhere']),
    message: '"elsewhere" is no field of its schema; its fields are shop, total, kind, paid, size, flags, items',
  },
  {
    options: cascade(['items[].price']),
    message: '"items[].price" is no field of its schema; did you mean "items"?',
  },
  {
    options: { requireEvidence: ['items[].prize'] },
    message:
      'Cannot use requireEvidence of the extraction receipt: "items[].prize" is no field of its schema; did you mean "items[].price"?',
  },
  { options: { requireEvidence: ['total', 'paid'] }, message: '"paid" never has evidence, as booleans and choices' },
  { options: { requireEvidence: ['kind'] }, message: '"kind" never has evidence' },
  { options: { requireEvidence: ['items[].isGift'] }, message: '"items[].isGift" never has evidence' },
  {
    options: { evaluate: { totl: numeric({ tolerance: 0.005 }) } },
    message: 'Cannot use evaluate of the extraction receipt: "totl" is no field of its schema; did you mean "total"?',
  },
  {
    options: { evaluate: { 'items.price': numeric() } },
    message: '"items.price" is no field of its schema; did you mean "items[].price"?',
  },
  { options: { requireEvidence: ['flags'] }, message: '"flags" never has evidence' },
])('refuses $message', async ({ options, message }) => {
  await expect(compile(options)).rejects.toThrow(message);
});

test('takes fields that are there, and that a text can show', async () => {
  await compile({ requireEvidence: ['shop', 'total', 'items', 'items[].price', 'size'] });
  await compile(cascade(['total', 'kind', 'items']));
});

test('takes comparators for lists, for their members, and for whatever the schema leaves open', async () => {
  const evaluate = (...names: string[]) => Object.fromEntries(names.map((name) => [name, text()]));
  await compile({ evaluate: { ...evaluate('shop', 'items[].price'), items: list({ key: 'price' }) } });
  const { outputSchema } = await deriveSchema(
    z.object({
      pair: z.tuple([z.string(), z.number()]),
      notes: z.record(z.string(), z.object({ by: z.string() })),
      rest: z.unknown(),
      strict: z.object({ a: z.string() }).nullable(),
    }),
  );
  const checked = (name: string) => () => checkFields({ name: 'open', evaluate: evaluate(name) }, outputSchema);
  for (const name of ['pair[]', 'notes.today', 'notes.today.by', 'rest.x[].y', 'strict.a'])
    expect(checked(name)).not.toThrow();
  expect(checked('strict.b')).toThrow('"strict.b" is no field of its schema; did you mean');
});

test('follows references and choices, and lets an answer that may have any fields have them', async () => {
  const tree: z.ZodType = z.lazy(() => z.object({ label: z.string(), below: z.array(tree).optional() }));
  const { outputSchema } = await deriveSchema(
    z.object({ root: tree, end: z.discriminatedUnion('as', [z.object({ as: z.literal('date'), day: z.string() })]) }),
  );
  const named = (requireEvidence: string[]) => () => checkFields({ name: 'tree', requireEvidence }, outputSchema);
  expect(named(['root.below[].label', 'end.day', 'end', 'root'])).not.toThrow();
  expect(named(['end.as'])).toThrow('"end.as" never has evidence');
  const open = await deriveSchema(z.object({ total: z.number() }).catchall(z.string()));
  expect(() =>
    checkFields({ name: 'open', cascade: { strong: 'a/b', fields: ['anything'] } }, open.outputSchema),
  ).not.toThrow();
});
