import * as fc from 'fast-check';
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

export interface FaultTally {
  name: string;
  right: number;
  asked: number;
  /** Texts that were taken with another value than the record's, each with that value. */
  wrong: string[];
}

/** Writes `runs` records down with each fault, and says how many of the texts are read rightly, asked for again, and taken wrongly. */
export async function* tallyFaults(runs: number, seed: number): AsyncGenerator<FaultTally> {
  const { schema } = await deriveSchema(receipt);
  for (const [index, { name, damage, prepare = unchanged }] of faults.entries()) {
    const tally: FaultTally = { name, right: 0, asked: 0, wrong: [] };
    for (const truth of fc.sample(record, { numRuns: runs, seed: seed + index })) {
      const plain = prepare(JSON.parse(JSON.stringify(truth)) as Truth);
      const verdict = await judgeText(damage(plain), receipt, { schema });
      if (verdict.status !== 'valid') tally.asked += 1;
      else if (JSON.stringify(sorted(verdict.json)) === JSON.stringify(sorted(plain))) tally.right += 1;
      else tally.wrong.push(`${damage(plain)} -> ${JSON.stringify(verdict.json)}`);
    }
    yield tally;
  }
}

/** With members of objects in one order, to be compared as text. */
export function sorted(value: unknown): unknown {
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
