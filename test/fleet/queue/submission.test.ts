import { expect, test } from 'vitest';
import { nameOfRun, type FleetRun } from '../../../src/fleet/queue/submission.ts';

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
