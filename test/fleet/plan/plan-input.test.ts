import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../../src/extraction/define-extraction.ts';
import type { Extraction } from '../../../src/extraction/definition.ts';
import { ChunkSource } from '../../../src/fleet/plan/chunk-source.ts';
import { planIdsOf } from '../../../src/fleet/plan/plan-ids.ts';
import { planInput, type PlanOptions } from '../../../src/fleet/plan/plan-input.ts';
import { Plan } from '../../../src/fleet/plan/plan.ts';
import type { SourceRow } from '../../../src/records/record.ts';

let directory: string;
let input: string;
let file: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-plan-'));
  input = join(directory, 'input.csv');
  file = join(directory, 'parts', 'plan.jsonl');
  writeFileSync(input, 'id,text\na,one\nb,"two\nlines"\na,three\nc,four\nb,five\n');
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const extraction = defineExtraction({
  name: 'notes',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ text: z.string() }),
  instructions: 'Read the note.',
  prompt: '{{text}}',
  id: 'id',
}) as unknown as Extraction;

function options(more: Partial<PlanOptions> = {}): PlanOptions {
  return { file, reading: {}, chunkRows: 2, ids: planIdsOf(extraction), ...more };
}

async function rowsOf(plan: Plan, chunks: number[], path = input): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of await new ChunkSource({ path, plan, chunks, part: chunks }).open()) rows.push(row);
  return rows;
}

describe('planInput', () => {
  test('says of each chunk where it is, and which of its ids stand before', async () => {
    const plan = await planInput(input, options());
    expect([...plan.chunks()]).toMatchObject([
      { chunk: 0, start: 8, end: 28, index: 0, line: 2, rows: 2 },
      { chunk: 1, start: 28, end: 43, index: 2, line: 5, rows: 2, repeated: [2] },
      { chunk: 2, start: 43, end: 50, index: 4, line: 7, rows: 1, repeated: [4] },
    ]);
    expect(plan.end).toMatchObject({ chunks: 3, rows: 5, repeated: 2, input: { bytes: 50 } });
    expect(plan.head).toMatchObject({ format: 'csv', csv: { columns: ['id', 'text'] }, ids: 'id', chunkRows: 2 });
    expect(await rowsOf(plan, [2])).toEqual([
      { kind: 'record', index: 4, line: 7, fields: { id: 'b', text: 'five' }, isRepeated: true },
    ]);
  });

  test('adopts the plan that is there, and two who plan at once have the same', async () => {
    const plans = await Promise.all([planInput(input, options()), planInput(input, options())]);
    const text = readFileSync(file, 'utf8');
    const later = await planInput(input, options({ chunkRows: undefined, check: 'size' }));
    expect(new Set([...plans, later].map(({ digest }) => digest)).size).toBe(1);
    expect(readFileSync(file, 'utf8')).toBe(text);
    // Nothing is left of the one that came late.
    expect(readdirSync(join(directory, 'parts'))).toEqual(['plan.jsonl']);
  });

  test('names a repeated id in its own chunk, behind a row that cannot be read as well', async () => {
    const broken = join(directory, 'broken.csv');
    writeFileSync(broken, ['id,text', 'a,x', 'b,"open', 'a,y', 'c,z', ''].join('\n'));
    const plan = await planInput(broken, options({ file: `${broken}.plan`, chunkRows: 1 }));
    expect([...plan.chunks()].map(({ index, rows, repeated }) => [index, rows, repeated])).toEqual([
      [0, 1, undefined],
      [1, 1, undefined],
      [2, 1, [2]],
      [3, 1, undefined],
    ]);
  });

  test.each([
    [undefined, 500],
    [16, 500],
    [120, 1200],
    [900, 2000],
  ])(
    'with %s calls in flight its chunks have %i rows, so that few run out at their ends',
    async (concurrency, rows) => {
      const plan = await planInput(input, options({ chunkRows: undefined, concurrency }));
      expect(plan.head.chunkRows).toBe(rows);
    },
  );

  test('has one digest for one input, wherever it lies and whosever it is', async () => {
    const one = await planInput(input, options());
    const elsewhere = join(directory, 'elsewhere.csv');
    writeFileSync(elsewhere, readFileSync(input));
    const other = await planInput(
      elsewhere,
      options({ file: join(directory, 'other.jsonl'), definition: { code: 'x' } }),
    );
    const smaller = await planInput(input, options({ file: join(directory, 'small.jsonl'), chunkRows: 1 }));
    expect(other.digest).toBe(one.digest);
    expect(smaller.digest).not.toBe(one.digest);
  });

  test.each([
    { name: 'another definition', more: { definition: { code: 'b' } }, says: 'the definition is another now (code)' },
    { name: 'other chunks', more: { chunkRows: 3 }, says: 'chunks have at most 3 now, in the plan 2' },
    {
      name: 'other ids',
      more: { ids: { rule: null } },
      says: 'ids are taken from "the row number" now, in the plan "id"',
    },
    {
      name: 'another delimiter',
      more: { reading: { delimiter: ',' } },
      says: 'the input is read with {"delimiter":","} now',
    },
  ])('refuses the plan of $name', async ({ more, says }) => {
    await planInput(input, options({ definition: { code: 'a' } }));
    await expect(planInput(input, options({ definition: { code: 'a' }, ...more }))).rejects.toThrow(says);
  });

  test('refuses the plan of an input that has changed since, by its size or its bytes', async () => {
    await planInput(input, options());
    writeFileSync(input, readFileSync(input, 'utf8').replace('four', 'FOUR'));
    await expect(planInput(input, options())).rejects.toThrow('the input has other contents');
    const plan = await planInput(input, options({ check: 'size' }));
    // What is not looked at then is seen before a chunk is asked for.
    await expect(rowsOf(plan, [0])).resolves.toHaveLength(2);
    await expect(rowsOf(plan, [1])).rejects.toThrow(
      /Cannot read chunk 1 of .*: its contents are not those that were planned/,
    );
    appendFileSync(input, 'd,six\n');
    await expect(planInput(input, options({ check: 'size' }))).rejects.toThrow('the input has other contents');
  });

  test('takes a compressed input for one chunk', async () => {
    const packed = `${input}.gz`;
    writeFileSync(packed, gzipSync(readFileSync(input)));
    const plan = await planInput(packed, options());
    expect(plan.whole).toBe('gzip');
    expect([...plan.chunks()]).toMatchObject([{ start: 0, index: 0, rows: 5, repeated: [2, 4] }]);
    expect((await rowsOf(plan, [0], packed)).map(({ line }) => line)).toEqual([2, 3, 5, 6, 7]);
  });

  test('refuses what can be read only once, saying what to do', async () => {
    await expect(planInput('-', options())).rejects.toThrow('Cannot plan standard input: it can be read only once');
  });

  test('leaves nothing behind where the input cannot be read to its end', async () => {
    writeFileSync(input, Buffer.from('id,text\na,one\nb,\xff\n', 'latin1'));
    await expect(planInput(input, options())).rejects.toThrow('line 3 is not valid UTF-8');
    expect(readdirSync(join(directory, 'parts'))).toEqual([]);
  });

  test('refuses a plan that is torn, or none', async () => {
    await planInput(input, options());
    const text = readFileSync(file, 'utf8');
    for (const broken of [text.slice(0, -1), text.slice(0, 60), '', '{"plan":2}\n', `${text}{"chunk":9}\n`]) {
      writeFileSync(file, broken);
      expect(() => Plan.open(file)).toThrow('Cannot use the plan');
    }
  });
});
