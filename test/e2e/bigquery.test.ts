import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { BigQueryOptions } from 'gleaner/emulator';
import { EmulatedTables } from '../bigquery/emulated-tables.ts';
import {
  emulatorFor,
  gleaner,
  noteDefinition,
  readRun,
  startGleaner,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

const FIELDS = [
  { name: 'id', type: 'STRING' },
  { name: 'text', type: 'STRING' },
];

function linesOf(ids: readonly string[]): string[] {
  return ids.map((id) => JSON.stringify({ id, text: `about ${id}` }));
}

async function shop(bigQuery: BigQueryOptions = {}) {
  const surroundings = await emulatorFor({ bigQuery });
  const tables = new EmulatedTables(surroundings.emulator);
  await tables.createDataset();
  const directory = temporaryDirectory();
  const definition = writeFile(directory, 'note.ts', noteDefinition);
  return { ...surroundings, tables, directory, definition };
}

test('runs over a table, and goes on with it as it was', async () => {
  const { tables, flags, env, directory, definition } = await shop();
  await tables.createFilled('notes', FIELDS, linesOf(['c', 'a', 'b']));
  const out = join(directory, 'run');
  const command = ['run', definition, 'bq://my-project.shop.notes', '--out', out, ...flags];
  expect((await gleaner([...command, '--limit', '2'], { env })).stderr).toContain('2 extracted');
  expect(
    readRun(out)
      .results.map(({ id }) => id)
      .sort(),
  ).toEqual(['a', 'b']);

  const all = await gleaner(command, { env });
  expect(all).toMatchObject({ code: 0, stderr: expect.stringContaining('3 extracted') });

  // It has ended: what is new is another input.
  await tables.fill('notes', FIELDS, linesOf(['a', 'b', 'c', 'd']));
  expect(await gleaner(command, { env })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('the input has other contents'),
  });
  const accepted = await gleaner([...command, '--accept-changes'], { env });
  expect(accepted.stderr).toContain('4 extracted');
});

test('loses and doubles nothing from a table to a table, whatever is killed in between', async () => {
  const { tables, flags, env, directory, definition, emulator } = await shop({ jobMs: 300 });
  const ids = Array.from({ length: 40 }, (_, at) => `n${at}`);
  await tables.createFilled('notes', FIELDS, linesOf(ids));
  const out = join(directory, 'run');
  const command = ['run', definition, 'bq://my-project.shop.notes', '--out', out, '--concurrency', '2', ...flags];
  const killed = startGleaner(command, { env });
  await until(() => emulator.stats().requests >= 10);
  killed.process.kill('SIGKILL');
  await killed.done;
  // Whatever comes meanwhile is no matter of this run.
  await tables.fill('notes', FIELDS, linesOf(['new', ...ids.slice(20)]));
  const resumed = await gleaner(command, { env });
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringContaining('it is read as it was at') });
  expect(
    readRun(out)
      .results.map(({ id }) => id)
      .sort(),
  ).toEqual(ids.toSorted());

  const exported = ['export', out, '--output', 'bq://my-project.shop.results', ...flags];
  for (const isThere of [() => emulator.stats().bigQuery.loads >= 3, () => emulator.stats().bigQuery.queries >= 2]) {
    const half = startGleaner(exported, { env });
    await until(isThere);
    half.process.kill('SIGKILL');
    await half.done;
  }
  expect(await gleaner(exported, { env })).toMatchObject({
    code: 0,
    stderr: 'Wrote 40 results to bq://my-project.shop.results\n',
  });
  const rows = (await tables.rows('results')) ?? [];
  expect(rows.map(([id]) => id)).toEqual(ids.toSorted());
  expect(rows[0]).toHaveLength(4);
  expect(await tables.call('GET', 'datasets/shop/tables')).toMatchObject({ totalItems: 2 });
  // What the killed ones had loaded was not loaded again.
  expect(emulator.stats().bigQuery.loads).toBe(3);
});

test('says what is missing before anything is asked for', async () => {
  const { tables, flags, env, directory, definition } = await shop();
  await tables.create('notes', FIELDS);
  const byRow = writeFile(directory, 'by-row.ts', noteDefinition.replace("id: 'id',", ''));
  const run = (...more: string[]): string[] => ['--out', join(directory, 'run'), ...flags, ...more];
  const export_ = (...more: string[]): string[] => [
    'export',
    directory,
    '--output',
    'bq://my-project.shop.results',
    ...more,
    ...flags,
  ];
  const table = 'bq://my-project.shop.notes';
  const refusals = [
    { args: ['run', byRow, table, ...run()], message: 'rows are read by the column of their ids' },
    { args: ['run', definition, table, ...run('--format', 'csv')], message: 'with --format: that is about how files' },
    { args: ['run', definition, table, ...run('--id-field', 'Id')], message: 'did you mean "id"' },
    { args: ['run', definition, 'bq://shop.notes', ...run()], message: 'give bq://project.dataset.table' },
    { args: ['run', definition, table, ...run('--shard', '0/2')], message: 'in shards' },
    { args: ['estimate', definition, table], message: 'only a run reads from BigQuery' },
    { args: export_('--rejects'), message: 'with --rejects: rows are known by their ids' },
    { args: export_('--rows', 'items'), message: 'with --rows' },
    { args: export_('--format', 'csv'), message: 'a table has no format' },
  ];
  for (const { args, message } of refusals) {
    const { code, stderr } = await gleaner(args, { env });
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
  }
});

async function until(isSo: () => boolean): Promise<void> {
  for (let looks = 0; looks < 3000 && !isSo(); looks += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(isSo()).toBe(true);
}
