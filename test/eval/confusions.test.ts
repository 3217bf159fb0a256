import { expect, test } from 'vitest';
import { z } from 'zod';
import { comparatorsFor } from '../../src/eval/comparators-for.ts';
import { Evaluation } from '../../src/eval/evaluation.ts';
import { evaluationPage } from '../../src/eval/evaluation-page.ts';
import { evaluationText } from '../../src/eval/evaluation-text.ts';
import type { JsonObject } from '../../src/json/value.ts';

const schema = z.object({
  kind: z.enum(['invoice', 'receipt', 'letter']),
  isPaid: z.boolean().nullable(),
  note: z.string().nullable(),
  lines: z.array(z.object({ text: z.string(), tax: z.enum(['full', 'reduced']) })),
});

async function evaluationOf(pairs: readonly (readonly [JsonObject, JsonObject])[]): Promise<Evaluation> {
  const evaluation = new Evaluation({
    fields: ['kind', 'isPaid', 'note', 'lines'],
    comparators: await comparatorsFor({ name: 'paper', schema }),
  });
  for (const [at, [gold, answer]] of pairs.entries()) evaluation.add(String(at), gold, answer);
  return evaluation;
}

test('what was taken for what is counted for enums and for yes and no, the most frequent first', async () => {
  const evaluation = await evaluationOf([
    [
      { kind: 'invoice', isPaid: true },
      { kind: 'receipt', isPaid: false },
    ],
    [
      { kind: 'invoice', isPaid: true },
      { kind: 'receipt', isPaid: true },
    ],
    [{ kind: 'receipt' }, { kind: 'invoice' }],
    [
      { kind: 'letter', note: 'paid' },
      { kind: 'letter', note: 'not paid' },
    ],
  ]);
  expect(evaluation.report().confusions).toEqual([
    { field: 'kind', gold: 'invoice', answer: 'receipt', count: 2 },
    { field: 'isPaid', gold: true, answer: false, count: 1 },
    { field: 'kind', gold: 'receipt', answer: 'invoice', count: 1 },
  ]);
});

test('a missing value, and one that is made up, are taken for nothing', async () => {
  const evaluation = await evaluationOf([
    [{ kind: 'invoice', isPaid: null }, { isPaid: true }],
    [{}, { kind: 'letter' }],
  ]);
  expect(evaluation.report().confusions).toEqual([]);
});

test('members of lists are confused at their place, whichever line they stand on', async () => {
  const evaluation = await evaluationOf([
    [
      {
        lines: [
          { text: 'bread', tax: 'reduced' },
          { text: 'soap', tax: 'full' },
        ],
      },
      {
        lines: [
          { text: 'soap', tax: 'reduced' },
          { text: 'bread', tax: 'reduced' },
        ],
      },
    ],
  ]);
  expect(evaluation.report().confusions).toEqual([{ field: 'lines[].tax', gold: 'full', answer: 'reduced', count: 1 }]);
});

test('terminal and page tell what was taken for what', async () => {
  const pairs = Array.from({ length: 3 }, () => [{ kind: 'invoice' }, { kind: 'receipt' }] as const);
  const report = (await evaluationOf(pairs)).report();
  expect(evaluationText(report)).toContain('kind: "receipt" for "invoice", 3 times');
  const page = evaluationPage({ report, results: 'runs/a', gold: 'gold.csv', sources: new Map() });
  expect(page).toMatch(
    /Taken for another.*<bdi>kind<\/bdi><\/th><td><bdi>invoice<\/bdi><\/td><td><bdi>receipt<\/bdi><\/td><td>3<\/td>/s,
  );
});
