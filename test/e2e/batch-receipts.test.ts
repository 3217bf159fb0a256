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
  ].map(async ({ name, more }) => {
    const { emulator, flags, env } = await emulatorFor({ script });
    const out = join(directory, name);
    const command = ['run', 'receipt', 'fixtures/receipts.csv', '--out', out, ...flags, ...more];
    const { code, stderr } = await gleaner(command, { env });
    expect({ code, stderr }).toMatchObject({ code: 0 });
    return { run: readRun(out), stats: emulator.stats() };
  });
  const [online, batch] = await Promise.all(runs);
  const dataOf = (one: typeof online) =>
    one?.run.results
      .map(({ id, data }) => [id, data])
      .sort((left, right) => (String(left[0]) < String(right[0]) ? -1 : 1));
  expect(dataOf(batch)).toEqual(dataOf(online));
  expect(batch?.run.results.length).toBeGreaterThan(30);
  expect(batch?.stats.requests).toBe(0);
  expect(batch?.run.usage.tokens.total).toBe(batch?.stats.batch.tokens.total);
  expect(batch?.run.usage.cost.usd).toBe(batch?.run.usage.batch?.usd.batch);
});
