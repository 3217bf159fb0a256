import { join } from 'node:path';
import { expect, test } from 'vitest';
import { emulatorFor, gleaner, readRun, temporaryDirectory } from './harness.ts';

test('the same receipts give the same results online and by batch jobs, which cost half', async () => {
  const directory = temporaryDirectory();
  // The first answer to this receipt breaks the schema, on both ways.
  const script = [{ contains: 'HARBOUR LANE', fault: 'schema-violation' as const }];
  const runs = [
    { name: 'online', more: [] },
    { name: 'batch', more: ['--batch', 'gs://bucket/night', '--wait', '--batch-reasks'] },
    { name: 'tables', more: ['--batch', 'bq://emulated-project.shop', '--wait', '--batch-reasks'] },
  ].map(async ({ name, more }) => {
    const { emulator, flags, env } = await emulatorFor({ script });
    await fetch(`${emulator.origin}/bigquery/v2/projects/emulated-project/datasets`, {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      body: JSON.stringify({ datasetReference: { datasetId: 'shop' } }),
    });
    const out = join(directory, name);
    const command = ['run', 'receipt', 'fixtures/receipts.csv', '--out', out, ...flags, ...more];
    const { code, stderr } = await gleaner(command, { env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return { run: readRun(out), stats: emulator.stats() };
  });
  const [online, batch, tables] = await Promise.all(runs);
  const dataOf = (one: typeof online) =>
    one?.run.results
      .map(({ id, data }) => [id, data])
      .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
  expect(dataOf(batch)).toEqual(dataOf(online));
  expect(dataOf(tables)).toEqual(dataOf(online));
  expect(tables?.run.usage.tokens).toEqual(batch?.run.usage.tokens);
  expect(tables?.run.usage.cost).toEqual(batch?.run.usage.cost);
  expect(tables?.stats.batch).toEqual(batch?.stats.batch);
  expect(batch?.run.results.length).toBeGreaterThan(30);
  expect(batch?.stats.requests).toBe(0);
  expect(batch?.run.usage.tokens.total).toBe(batch?.stats.batch.tokens.total);
  expect(batch?.run.usage.cost.usd).toBe(batch?.run.usage.batch?.usd.batch);
});

test('shards that collect at the same time, in one bucket, merge into what one process gives', async () => {
  const directory = temporaryDirectory();
  const { emulator, flags, env } = await emulatorFor({ batch: { queueMs: 3_600_000 } });
  const place = ['--batch', 'gs://bucket/night', '--chunk-rows', '4', '--out', join(directory, '{shard}')];
  const shards = () =>
    Promise.all(
      [0, 1, 2].map(async (index) => {
        const command = ['run', 'receipt', 'fixtures/receipts.csv', '--shard', `${index}/3`, ...place, ...flags];
        return (await gleaner(command, { env })).code;
      }),
    );
  expect(await shards()).toEqual([3, 3, 3]);
  emulator.advance(2 * 3_600_000);
  expect(await shards()).toEqual([0, 0, 0]);

  const parts = [0, 1, 2].map((index) => join(directory, `${index}-of-3`));
  const merged = join(directory, 'merged');
  expect(await gleaner(['merge', ...parts, '--out', merged], { env })).toMatchObject({ code: 0 });
  const { results, usage } = readRun(merged);
  expect(results.map(({ index }) => index)).toEqual(Array.from({ length: 38 }, (_, index) => index));
  const { batch, requests } = emulator.stats();
  expect(requests).toBe(0);
  expect(usage.batch).toMatchObject({ jobs: 3, matched: 38, missing: 0, unmatched: 0, repeated: 0 });
  expect(batch.jobs).toBe(3);
  expect(usage.tokens.total).toBe(batch.tokens.total);
});
