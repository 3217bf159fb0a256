import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulatorFor, gleaner, temporaryDirectory, writeFile } from './harness.ts';

const definition = `
import { defineExtraction } from 'gleaner';
import { z } from 'zod';

export default defineExtraction({
  name: 'order',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ customer: z.string(), amount: z.number() }),
  instructions: 'Extract the order.',
  prompt: 'Order: {{text}}',
  id: 'id',
});
`;

interface Line {
  id: string;
  evidence: { path: string; start: number | null; end: number | null; match: string; field?: string }[];
}

test('a run, its evidence, and the rates that the report shows', async () => {
  const directory = temporaryDirectory();
  const records = [
    { id: 'one', text: '😀 ACME, Inc. pays 1,250.00 today' },
    { id: 'two', text: 'Nobody says an amount' },
  ];
  const input = writeFile(directory, 'orders.jsonl', records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const out = join(directory, 'run');
  const answers = [
    { customer: 'Acme Inc', amount: 1250 },
    { customer: 'Nobody', amount: 77 },
  ];
  const script = records.map(({ text }, at) => ({ contains: text, content: JSON.stringify(answers[at]) }));
  const { flags, env } = await emulatorFor({ script });
  const run = ['run', writeFile(directory, 'order.ts', definition), input, '--out', out, ...flags, '--evidence'];
  const first = await gleaner(run, { env });
  expect(first.stderr).toContain('Wrote the evidence for 2 results');
  expect(first.code).toBe(0);

  const text = readFileSync(join(out, 'evidence.jsonl'), 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const stands = lines.map(({ evidence }, at) =>
    evidence.map(({ path, start, end, match, field }) => [
      path,
      match,
      field,
      records[at]?.text.slice(start ?? 0, end ?? 0),
    ]),
  );
  expect(stands).toEqual([
    [
      ['/customer', 'normalized', 'text', 'ACME, Inc'],
      ['/amount', 'value', 'text', '1,250.00'],
    ],
    [
      ['/customer', 'exact', 'text', 'Nobody'],
      ['/amount', 'none', undefined, ''],
    ],
  ]);

  const again = await gleaner(['evidence', out, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({
    results: 2,
    withoutRecord: 0,
    fields: { amount: { values: 2, none: 1 } },
  });
  expect(readFileSync(join(out, 'evidence.jsonl'), 'utf8')).toBe(text);
  expect((await gleaner(['report', out])).stdout).toMatch(/amount\s+2\s+50\.0 %/);

  const piped = await gleaner(
    [
      'run',
      join(directory, 'order.ts'),
      '-',
      '--format',
      'jsonl',
      '--out',
      join(directory, 'other'),
      ...flags,
      '--evidence',
    ],
    { env },
  );
  expect([piped.code, piped.stderr]).toEqual([2, expect.stringContaining('it can be read only once')]);
});
