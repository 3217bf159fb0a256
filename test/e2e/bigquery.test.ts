import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EmulatedTables } from '../bigquery/emulated-tables.ts';
import { emulatorFor, gleaner, noteDefinition, readRun, temporaryDirectory, writeFile } from './harness.ts';

const FIELDS = [
  { name: 'id', type: 'STRING' },
  { name: 'text', type: 'STRING' },
];

function linesOf(ids: readonly string[]): string[] {
  return ids.map((id) => JSON.stringify({ id, text: `about ${id}` }));
}

async function shop() {
  const surroundings = await emulatorFor();
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
