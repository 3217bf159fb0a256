import { expect, test } from 'vitest';
import { EmulatedTables } from '../bigquery/emulated-tables.ts';
import { emulatorFor, gleaner, noteDefinition, temporaryDirectory, writeFile } from './harness.ts';

test('a line for each check, exit 0; the emulator is asked once, and only with --send', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'note.ts', noteDefinition);
  const { emulator, flags, env } = await emulatorFor();
  const looked = await gleaner(['doctor', './note.ts', ...flags], { cwd, env });
  expect(looked).toMatchObject({ code: 0, stderr: '' });
  expect(looked.stdout).toMatch(/^ok {7}network {6}http:\/\/127\.0\.0\.1:\d+ answers within \d+ ms$/m);
  expect(looked.stdout).toMatch(/^ok {7}clock /m);
  expect(looked.stdout).toMatch(/^skipped {2}call .*; give --send to have one made$/m);
  expect(emulator.stats().requests).toBe(0);

  const asked = await gleaner(['doctor', './note.ts', ...flags, '--send', '--json'], { cwd, env });
  expect(JSON.parse(asked.stdout)).toMatchObject({ ok: true });
  expect(emulator.stats().requests).toBe(1);
});

test('what is missing is a finding with what to do, and exit 1', async () => {
  const cwd = temporaryDirectory();
  const { code, stdout } = await gleaner(['doctor', '--location', 'global'], { cwd });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed {3}service .*set --project or GOOGLE_CLOUD_PROJECT/m);
  expect(stdout).toMatch(/^skipped {2}definition {3}there is none below schemas\//m);
});

test('a place where nobody listens is told as such', async () => {
  const cwd = temporaryDirectory();
  const { code, stdout } = await gleaner(['doctor', '--base-url', 'http://127.0.0.1:9/v1'], { cwd });
  expect(code).toBe(1);
  expect(stdout).toMatch(/^failed {3}network .*connection refused/m);
});

test('with --batch what batch jobs need is tried below the place', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'note.ts', noteDefinition);
  const { emulator, flags, env } = await emulatorFor();
  const { code, stdout } = await gleaner(['doctor', './note.ts', ...flags, '--batch', 'gs://bucket/try'], { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {7}write .*gs:\/\/bucket\/try\/gleaner-doctor-/m);
  expect(stdout).toMatch(/^ok {7}delete /m);
  expect(stdout).toMatch(/^skipped {2}batch job .*; give --send to have one made$/m);
  expect(emulator.stats().batch.jobs).toBe(0);
});

test('with --table what reading and writing a table needs is tried', async () => {
  const cwd = temporaryDirectory();
  writeFile(cwd, 'note.ts', noteDefinition);
  const { emulator, flags, env } = await emulatorFor();
  const tables = new EmulatedTables(emulator);
  await tables.createDataset();
  await tables.create('notes', [{ name: 'id', type: 'STRING' }]);
  const command = ['doctor', './note.ts', ...flags, '--table', 'bq://my-project.shop.notes'];
  const { code, stdout } = await gleaner(command, { cwd, env });
  expect(code).toBe(0);
  expect(stdout).toMatch(/^ok {7}table .*has 0 rows in 1 column,/m);
  expect(stdout).toMatch(/^ok {7}query .*jobs may run in emulated-project; reading the table is/m);
});
