import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { judgeText } from '../../src/answer/judge-answer.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { faults, type Truth } from './faults-of-writing.ts';

const receipt = z.object({
  company: z.string(),
  items: z.array(z.object({ name: z.string(), price: z.number() })),
  tags: z.array(z.string()),
  total: z.number(),
  note: z.string().nullable(),
  memo: z.string().optional(),
});

const words = [
  'Kedai Ubi & Sons',
  "Mario's Café",
  'the "big" one',
  'D:\\scans\\new',
  'one, two: three',
  'line 1\nline 2',
  'a {b} [c]',
  'it’s “so”',
  '// no comment',
  '```',
  '12.50',
  'null',
  '',
  ' padded ',
  '<think>',
  '日本 ¥5',
  'a; b',
  'x}',
  'C++ / C#',
  'tab\there',
];
const text = fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 }));
const money = fc.integer({ min: 0, max: 999_999 }).map((cents) => cents / 100);
const record = fc.record(
  {
    company: text,
    items: fc.array(fc.record({ name: text, price: money }), { maxLength: 3 }),
    tags: fc.array(text, { maxLength: 3 }),
    total: money,
    note: fc.option(text),
    memo: text,
  },
  { requiredKeys: ['company', 'items', 'tags', 'total', 'note'] },
);

/** Of each fault; enough to see a rule that takes what it should not, and quick. */
const RUNS = 60;

test('of damaged answers next to none is taken wrongly, and a good part is read', async () => {
  const { schema } = await deriveSchema(receipt);
  const wrong: string[] = [];
  let right = 0;
  let all = 0;
  for (const [index, { name, damage, prepare = unchanged }] of faults.entries()) {
    for (const truth of fc.sample(record, { numRuns: RUNS, seed: 20_261_127 + index })) {
      const plain = prepare(JSON.parse(JSON.stringify(truth)) as Truth);
      const verdict = await judgeText(damage(plain), receipt, { schema });
      all += 1;
      if (verdict.status !== 'valid') continue;
      if (JSON.stringify(sorted(verdict.json)) === JSON.stringify(sorted(plain))) right += 1;
      else wrong.push(`${name}: ${damage(plain)} -> ${JSON.stringify(verdict.json)}`);
    }
  }
  expect(faults).toHaveLength(38);
  // What was cut off right behind its last required member, and then closed, no program can tell.
  if (wrong.length > all / 2_000) expect(wrong).toEqual([]);
  expect(right / all).toBeGreaterThanOrEqual(0.37);
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([left], [right]) => (left < right ? -1 : 1))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

function unchanged(truth: Truth): Truth {
  return truth;
}
