import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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

test('Dockerfile copies what a project has, and starts the command of its lock', () => {
  const directory = temporaryDirectory();
  writeFile(directory, 'package.json', '{ "type": "module" }');
  writeFile(directory, 'package-lock.json', '{}');
  mkdirSync(join(directory, 'vendor'));
  mkdirSync(join(directory, 'schemas'));
  mkdirSync(join(directory, 'node_modules/.bin'), { recursive: true });
  symlinkSync(join(root, 'bin/gleaner.js'), join(directory, 'node_modules/.bin/gleaner'));
  writeFile(directory, 'schemas/note.ts', noteDefinition);
  writeFile(directory, 'notes.jsonl', noteRecords(3));
  const lines = readFileSync(join(root, 'examples/Dockerfile'), 'utf8').split('\n');
  const argumentsOf = (name: string): string =>
    lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1) ?? '';
  const copied = lines.filter((line) => line.startsWith('COPY ')).flatMap((line) => line.split(' ').slice(1, -1));
  expect(copied.filter((path) => !existsSync(join(directory, path)))).toEqual([]);
  const [command = '', ...given] = JSON.parse(argumentsOf('ENTRYPOINT')) as string[];
  const asked =
    lines
      .find((line) => line.includes('docker run'))
      ?.split(' extract run ')[1]
      ?.split(' ') ?? [];
  const places = { receipt: 'note', '/data/receipts.csv': 'notes.jsonl', '/data/runs/today': 'out' };
  const typed = asked.map((word) => places[word as keyof typeof places] ?? word);
  expect(shell(join(directory, command), [...given, 'run', ...typed], directory)).toMatchObject({ status: 0 });
  expect(readFileSync(join(directory, 'out/results.jsonl'), 'utf8')).toContain('note-2');
  const [help = ''] = JSON.parse(argumentsOf('CMD')) as string[];
  expect(shell(join(directory, command), [...given, help], directory).stdout).toContain('Usage: gleaner');
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
