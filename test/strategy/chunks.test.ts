import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { CompletionClient } from '../../src/completion/client.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { ChunkOption, RequestSettings } from '../../src/extraction/definition.ts';
import type { RecordTask } from '../../src/run/ports.ts';
import { prepareExtraction } from '../../src/run/prepare-extraction.ts';
import { chooseStrategy } from '../../src/run/record/choose-strategy.ts';
import { extractRecord } from '../../src/run/record/extract-record.ts';
import { completion, scriptRun, type ScriptedRun, type Turn } from '../run/record/scripted-run.ts';

const client: CompletionClient = { complete: () => Promise.reject(new Error('Nobody calls it here')) };
const item = z.object({ name: z.string(), price: z.number() });

const lines = Array.from({ length: 12 }, (_, at) => `Item${at} costs ${at + 1}.50 at the counter`);
const text = ['Acme Ltd, bill of a day', ...lines, 'Total 78.00'].join('\n');

function answer(facts: object): ReturnType<typeof completion> {
  return completion({ content: JSON.stringify({ company: null, total: null, items: [], ...facts }) });
}

async function play(
  turns: readonly Turn[],
  chunk: ChunkOption,
  given = text,
  request: RequestSettings = {},
): Promise<[ScriptedRun, RecordTask]> {
  const extraction = defineExtraction({
    name: 'bill',
    model: 'google/gemini-3.5-flash-lite',
    schema: z.object({ company: z.string().nullable(), total: z.number().nullable(), items: z.array(item) }),
    instructions: 'Extract the bill.',
    prompt: 'Bill {{id}}:\n{{text}}',
    chunk,
    request,
  });
  const prepared = await prepareExtraction(extraction, { client });
  const rendered = prepared.prompt.render({ id: 7, text: given });
  const messages = rendered.ok ? rendered.messages : [];
  const run = scriptRun({ turns });
  run.context.buildRequest = prepared.buildRequest;
  // As in a run directory, where nothing is kept of this record yet.
  run.context.answers = { take: () => undefined };
  run.context.strategy = await chooseStrategy(prepared, { save: () => undefined, maxReasks: 1 });
  return [run, { id: 'b-7', index: 0, fields: { id: 7, text: given }, messages, fingerprint: 'f'.repeat(32) }];
}

function asked({ messages }: ChatRequest): string {
  return String(messages.at(-1)?.content);
}

const chunk: ChunkOption = { field: 'text', chars: 200, at: 'line', overlap: 40 };

describe('a long record', () => {
  test('is read in parts that hold all of it, and ends once with one answer', async () => {
    const [run, task] = await play(
      [
        answer({
          company: 'Acme Ltd',
          items: [
            { name: 'Item0', price: 1.5 },
            { name: 'Item4', price: 5.5 },
          ],
        }),
        answer({
          items: [
            { name: 'Item4', price: 5.5 },
            { name: 'Item7', price: 8.5 },
          ],
        }),
        answer({ total: 78 }),
      ],
      chunk,
    );
    await extractRecord(task, run.context);
    expect(run.requests).toHaveLength(3);
    expect(run.requests.every((request) => asked(request).startsWith('Bill 7:\n'))).toBe(true);
    const all = run.requests.map(asked).join('');
    expect(lines.every((line) => all.includes(line))).toBe(true);
    expect(run.settled.map(({ kind, chunk: part, outcome }) => [kind, part, outcome])).toEqual([
      ['first', 1, 'part'],
      ['chunk', 2, 'part'],
      ['chunk', 3, 'extracted'],
    ]);
    expect(run.outcomes).toMatchObject([
      {
        status: 'extracted',
        attempts: 3,
        data: {
          company: 'Acme Ltd',
          total: 78,
          items: [
            { name: 'Item0', price: 1.5 },
            { name: 'Item4', price: 5.5 },
            { name: 'Item7', price: 8.5 },
          ],
        },
      },
    ]);
    expect(run.kept).toHaveLength(2);
  });

  test('that is short enough is asked for as it is', async () => {
    const [run, task] = await play([answer({ company: 'Acme' })], chunk, 'Acme, no items');
    await extractRecord(task, run.context);
    expect(run.requests.map(asked)).toEqual(['Bill 7:\nAcme, no items']);
    expect(run.settled).toMatchObject([{ kind: 'first', outcome: 'extracted' }]);
    expect(run.settled[0]?.chunk).toBeUndefined();
  });

  test('shows what stands before a part, where that is wanted', async () => {
    const [run, task] = await play([answer({}), answer({}), answer({})], { ...chunk, overlap: 0, context: 30 });
    await extractRecord(task, run.context);
    const [first, second] = run.requests.map(asked);
    expect(first).not.toContain('for context only');
    expect(second).toContain('for context only; take nothing from it:]\n');
    expect(second).toContain('[The part to read:]\nItem');
  });

  test('is rejected whole where one part gives no usable answer, which says which', async () => {
    const invalid = completion({ content: '{"company":5}' });
    const [run, task] = await play([answer({}), invalid, invalid], chunk);
    await extractRecord(task, run.context);
    expect(run.settled.map(({ kind, chunk: part }) => [kind, part])).toEqual([
      ['first', 1],
      ['chunk', 2],
      ['re-ask', 2],
    ]);
    expect(run.outcomes).toMatchObject([{ status: 'rejected', reason: { code: 'schema_violation' } }]);
    expect(run.outcomes[0]).toHaveProperty('reason.message', expect.stringMatching(/^Part 2 of 3: /));
  });

  test('is read again by a further pass, which adds what the first did not find', async () => {
    const found = (name: string, price: number) => answer({ items: [{ name, price }] });
    const [run, task] = await play(
      [found('Item1', 2.5), answer({}), answer({}), found('Item0', 1.5), answer({}), answer({})],
      { ...chunk, passes: 2 },
    );
    await extractRecord(task, run.context);
    expect(run.settled.map(({ chunk: part }) => part)).toEqual([1, 2, 3, 1, 2, 3]);
    expect(run.outcomes).toMatchObject([
      {
        data: {
          items: [
            { name: 'Item0', price: 1.5 },
            { name: 'Item1', price: 2.5 },
          ],
        },
      },
    ]);
  });
});

test('one answer of many keeps what is known of its parts', async () => {
  /** As a server of one's own gives it: one token for each character, the less probable the larger its digit. */
  const told = (facts: object): ReturnType<typeof completion> => {
    const given = answer(facts);
    const content = [...(given.content ?? '')].map((token) => ({
      token,
      logprob: /\d/.test(token) ? -Number(token) : 0,
    }));
    return { ...given, raw: { choices: [{ logprobs: { content } }] } };
  };
  const fenced = (facts: object): ReturnType<typeof completion> => {
    const given = answer(facts);
    return { ...given, content: `\`\`\`json\n${given.content}\n\`\`\`` };
  };
  const turns = [
    told({ company: 'Acme Ltd', items: [{ name: 'Item0', price: 1.5 }] }),
    told({ items: [{ name: 'Item4', price: 5.5 }] }),
    fenced({ total: 78 }),
  ];
  const [run, task] = await play(turns, chunk, text, { logprobs: true });
  await extractRecord(task, run.context);
  expect(run.outcomes).toMatchObject([
    {
      data: { company: 'Acme Ltd', total: 78 },
      repaired: 'fence',
      logprobs: { '/company': 0, '/items/0/price': -2, '/items/1/price': -3.3333 },
    },
  ]);
  expect(run.outcomes[0]).not.toHaveProperty(['logprobs', '/total']);
});

describe('parts that differ', () => {
  const torn = [answer({ total: 70 }), answer({ total: 71 }), answer({ total: 78 })];

  test('are on record, and the value that stands in its part holds', async () => {
    const [run, task] = await play(torn, chunk);
    await extractRecord(task, run.context);
    expect(run.outcomes).toMatchObject([
      {
        data: { total: 78 },
        conflicts: [
          {
            path: '/total',
            values: [
              { value: 78, chunks: [3] },
              { value: 70, chunks: [1] },
              { value: 71, chunks: [2] },
            ],
          },
        ],
      },
    ]);
  });

  test('are put before the model, which decides for one of their values', async () => {
    const [run, task] = await play([...torn, answer({ company: 'Invented', total: 71 })], { ...chunk, merge: 'ask' });
    await extractRecord(task, run.context);
    expect(run.requests.map(asked)[3]).toContain('/total:\n  - 78\n    Total 78.00');
    expect(run.settled.at(-1)).toMatchObject({ kind: 'decision', stage: 'decide', outcome: 'extracted' });
    expect(run.outcomes).toMatchObject([
      { data: { company: null, total: 71 }, conflicts: [{ path: '/total', decided: 71 }], attempts: 4 },
    ]);
  });

  test('stay as they were merged where its answer is none of them, or cannot be used', async () => {
    for (const decision of [answer({ total: 5 }), completion({ content: 'no idea' })]) {
      const [run, task] = await play([...torn, decision], { ...chunk, merge: 'ask' });
      await extractRecord(task, run.context);
      expect(run.outcomes).toMatchObject([{ status: 'extracted', data: { total: 78 } }]);
    }
  });
});

test('which field is the long one has to be clear', async () => {
  await expect(play([], { chars: 200 })).rejects.toThrow('say which field holds the long text as chunk.field');
});
