import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FilePartStore } from '../../../src/fleet/parts/file-part-store.ts';
import { adoptRun, nameOfRun, type FleetRun } from '../../../src/fleet/queue/submission.ts';

const run = {
  version: 1,
  definition: { reference: 'schemas/receipt.ts', name: 'receipt', digest: 'abc' },
  input: 'receipts.csv',
  plan: 'def',
  answers: {},
} as unknown as FleetRun;
const name = nameOfRun(run, 'gs://bucket/out');

test('a run is the same one however its definition and its place are spelled', () => {
  const respelled = { ...run, definition: { ...run.definition, reference: './schemas/receipt.ts' } };
  expect(nameOfRun(respelled, 'gs://bucket/out')).toBe(name);
  expect(nameOfRun(run, 'gs://bucket/out/')).toBe(name);
});

test('another source of the definition, plan or place makes another run', () => {
  const names = [
    nameOfRun({ ...run, definition: { ...run.definition, digest: 'abd' } }, 'gs://bucket/out'),
    nameOfRun({ ...run, plan: 'deg' }, 'gs://bucket/out'),
    nameOfRun(run, 'gs://bucket/other'),
  ];
  expect(new Set([...names, name]).size).toBe(4);
});

test('a run that is submitted again with another service is refused, saying what is another', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'gleaner-submission-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const store = new FilePartStore(join(directory, 'run.fleet'));
  const emulated: FleetRun = { ...run, answers: { model: null, emulator: true, project: null } };
  await adoptRun(store, emulated);
  await adoptRun(store, { ...run, answers: { emulator: true, location: null } });
  await expect(
    adoptRun(store, { ...run, answers: { model: null, emulator: null, project: 'billed' } }),
  ).rejects.toThrow('emulator is not given now, was true; project is "billed" now, was not given');
});
