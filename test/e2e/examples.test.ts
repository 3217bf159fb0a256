import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { definition, first, Repository } from '../cli/repository.ts';
import { gleaner, noteDefinition, noteRecords, root, temporaryDirectory, writeFile } from './harness.ts';

/** A shell in which `gleaner` and `npx gleaner` are the built command. */
function shell(command: string, args: readonly string[], cwd: string, env = {}): SpawnSyncReturns<string> {
  const bin = temporaryDirectory();
  symlinkSync(join(root, 'bin/gleaner.js'), join(bin, 'gleaner'));
  const PATH = `${bin}:${dirname(process.execPath)}:${process.env['PATH']}`;
  return spawnSync(command, args, { cwd, encoding: 'utf8', env: { PATH, HOME: cwd, ...env } });
}

test('nightly.sh writes the results of a whole run, leaves those of yesterday otherwise, and goes on the same day', () => {
  const directory = temporaryDirectory();
  const nightly = (...flags: string[]) =>
    shell(join(root, 'examples/nightly.sh'), ['note.ts', 'notes.jsonl', 'runs', '--emulator', ...flags], directory);
  writeFile(directory, 'note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', noteRecords(3));
  mkdirSync(join(directory, 'runs'));
  expect(nightly().status).toBe(0);
  const results = readFileSync(join(directory, 'runs/latest.csv'), 'utf8');
  expect(results).toContain('note-2');

  appendFileSync(join(directory, 'notes.jsonl'), 'broken\n');
  expect(nightly().status).toBe(1);
  expect(readFileSync(join(directory, 'runs/latest.csv'), 'utf8')).toBe(results);
  expect(nightly('--max-reject-rate', '0.5').status).toBe(0);
  expect(readdirSync(join(directory, 'runs')).filter((name) => name.includes('part'))).toEqual([]);
});

test('monthly-totals.mjs adds up what was extracted', () => {
  const directory = temporaryDirectory();
  const { stdout, stderr, status } = shell('node', [join(root, 'examples/monthly-totals.mjs'), 'totals'], directory);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toBe('2026-02 19.75\n2026-03 30.00\n3 receipts, 3 calls\n');
});

test('the steps of schemas.yml pass an edit that keeps results readable, and fail one that breaks them', async () => {
  const workflow = readFileSync(join(root, 'examples/schemas.yml'), 'utf8');
  const steps = [...workflow.matchAll(/run: npx (gleaner .*)/g)].map(([, line = '']) => line);
  expect(steps).toHaveLength(2);
  const repository = await Repository.locked((args, cwd) => gleaner(args, { cwd }));
  repository.git('update-ref', 'refs/remotes/origin/main', 'main');
  const env = { BASE: 'main', GITHUB_STEP_SUMMARY: join(repository.path, 'summary.md') };
  const check = () => steps.map((step) => shell('sh', ['-c', step], repository.path, env).status);
  expect(check()).toEqual([0, 0]);
  repository.write('schemas/invoice.ts', definition([...first, 'vat: z.number()']));
  await repository.gleaner('schema', 'lock');
  expect(check()).toEqual([0, 1]);
  expect(readFileSync(env.GITHUB_STEP_SUMMARY, 'utf8')).toContain('vat');
});
