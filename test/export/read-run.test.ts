import { readdirSync, readlinkSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { z as z3 } from 'zod3';
import { readRejects, readResults } from '../../src/export/read-run.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { schemaDigest } from '../../src/extraction/schema-digest.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { result, runDirectory } from './run-fixture.ts';

const flat = defineExtraction({
  name: 'flat',
  schema: z.object({ rent: z.number(), city: z.string().nullable() }),
  instructions: 'Read the advert.',
  prompt: '{{text}}',
});

async function listOf<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const list: Item[] = [];
  for await (const item of items) list.push(item);
  return list;
}

test('readResults yields rows in input order, with their data typed', async () => {
  const directory = runDirectory({
    results: [result(2, { rent: 900, city: null }), result(0, { rent: 700.5, city: 'Ulm' })],
  });
  const rents: number[] = [];
  for await (const row of readResults(flat, directory)) {
    expectTypeOf(row.data).toEqualTypeOf<{ rent: number; city: string | null }>();
    rents.push(row.data.rent);
  }
  expect(rents).toEqual([700.5, 900]);
});

test('readResults yields what a run that is still at work has so far', async () => {
  const directory = runDirectory({ results: [result(0, { rent: 1, city: null })], status: 'running' });
  expect(await listOf(readResults(flat, directory))).toMatchObject([{ id: 'r0', index: 0, data: { rent: 1 } }]);
});

test('readResults refuses the run of another extraction', async () => {
  const directory = runDirectory({ results: [result(0, { total: 1 })] });
  const manifest = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as object;
  writeFileSync(join(directory, 'run.json'), JSON.stringify({ ...manifest, identity: { extraction: 'receipt' } }));
  await expect(listOf(readResults(flat, directory))).rejects.toThrow(
    `Cannot read the results in ${directory} as those of the extraction flat: they are of the extraction receipt`,
  );
});

test('readResults refuses rows of another schema, and reads those of the same one in other words', async () => {
  const derived = await deriveSchema(flat.schema);
  const whole = await deriveSchema(flat.schema, { dialect: 'whole' });
  const runOf = (schema: string): string => {
    const directory = runDirectory({ results: [result(0, { rent: 1, city: null })] });
    const manifest = JSON.parse(readFileSync(join(directory, 'run.json'), 'utf8')) as object;
    writeFileSync(
      join(directory, 'run.json'),
      JSON.stringify({ ...manifest, identity: { extraction: 'flat', schema } }),
    );
    return directory;
  };
  const edited = { ...flat, schema: z.object({ rent: z.number(), city: z.string() }) };
  const same = { ...flat, schema: z3.object({ rent: z3.number(), city: z3.union([z3.string(), z3.null()]) }) };
  for (const form of [derived, whole]) {
    const directory = runOf(schemaDigest(form));
    expect(await listOf(readResults(flat, directory))).toHaveLength(1);
    expect(await listOf(readResults(same, directory))).toHaveLength(1);
    await expect(listOf(readResults(edited, directory))).rejects.toMatchObject({
      code: 'run-differs',
      message: expect.stringContaining('its schema has changed since they were written'),
    });
  }
});

test('readResults refuses a directory that holds no run', async () => {
  await expect(listOf(readResults(flat, '/nowhere/run'))).rejects.toThrow('Cannot read the run directory /nowhere/run');
});

test.runIf(process.platform === 'linux')('readResults closes its file when the reader leaves early', async () => {
  const directory = runDirectory({ results: [0, 1, 2].map((index) => result(index, { rent: index, city: null })) });
  for await (const row of readResults(flat, directory)) if (row.index === 1) break;
  expect(openFilesBelow(directory)).toEqual([]);
});

test('readRejects yields the rejects in input order', async () => {
  const reject = (index: number): object => ({ id: null, index, error: { code: 'bad_record', message: 'No id' } });
  const directory = runDirectory({ rejects: [reject(4), reject(1)] });
  expect((await listOf(readRejects(directory))).map(({ index, error }) => [index, error.code])).toEqual([
    [1, 'bad_record'],
    [4, 'bad_record'],
  ]);
});

function openFilesBelow(directory: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${fd}`);
      return path.startsWith(directory) ? [path] : [];
    } catch {
      return [];
    }
  });
}
