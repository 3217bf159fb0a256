import { appendFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { result, runDirectory } from '../export/run-fixture.ts';
import { gleaner, gleanerProcess, startGleaner, temporaryDirectory, writeFile } from './harness.ts';

interface Info {
  answers: number;
  unusable: number;
  oldest: string | null;
}

async function infoOf(path: string): Promise<Info> {
  const { code, stdout } = await gleaner(['cache', 'info', path]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as Info;
}

function runOf(from: number, count: number): string {
  return runDirectory({ results: Array.from({ length: count }, (_, at) => result(from + at, { a: from + at })) });
}

test('a cache is filled from several runs, and again without harm', async () => {
  const runs = [runOf(0, 600), runOf(500, 600)];
  appendFileSync(join(runs[1] ?? '', 'results.jsonl'), 'damaged\n{"id":"torn","ind');
  const cache = join(temporaryDirectory(), 'cache', 'answers.db');
  const first = await gleaner(['cache', 'rebuild', ...runs, '--cache', cache]);
  expect([first.code, first.stdout]).toEqual([0, '']);
  expect(first.stderr.split('\n')).toEqual([
    `${runs[0]}: 600 answers`,
    `${runs[1]}: 600 answers, 1 line skipped that holds none`,
    `${cache} holds 1,100 answers`,
    '',
  ]);
  expect((await gleaner(['cache', 'rebuild', ...runs], { env: { GLEANER_CACHE: cache } })).code).toBe(0);
  expect(await infoOf(cache)).toMatchObject({ answers: 1100, unusable: 0, oldest: '2026-01-01T01:00:00.000Z' });
});

test('a damaged cache is set aside, said so, and filled anew', async () => {
  const directory = temporaryDirectory();
  const cache = join(directory, 'answers.db');
  expect((await gleanerProcess(['cache', 'rebuild', runOf(0, 5), '--cache', cache])).code).toBe(0);
  // Of the first page only the header is left, which says whose file it is.
  const bytes = readFileSync(cache);
  writeFileSync(cache, bytes.fill(0x41, 100));
  // SQLite gives up the files beside a damaged one when the process ends.
  const info = await gleanerProcess(['cache', 'info', cache]);
  expect([info.code, info.stderr]).toEqual([2, expect.stringContaining('it is damaged')]);
  // The second is empty, and keeps those apart who open the first.
  expect(readdirSync(directory)).toEqual(['answers.db', 'answers.db-lock']);

  const { code, stderr } = await gleanerProcess(['cache', 'rebuild', runOf(0, 10), '--cache', cache]);
  expect(code).toBe(0);
  expect(stderr).toContain('it was set aside as');
  expect(readdirSync(directory).filter((name) => name.includes('.corrupt-'))).toHaveLength(1);
  expect((await infoOf(cache)).answers).toBe(10);
});

test('two processes fill one cache at once', async () => {
  const cache = join(temporaryDirectory(), 'answers.db');
  const runs = [runOf(0, 5000), runOf(5000, 5000)];
  const started = runs.map((run) => startGleaner(['cache', 'rebuild', run, '--cache', cache]));
  for (const { done } of started) expect((await done).code).toBe(0);
  expect(await infoOf(cache)).toMatchObject({ answers: 10_000, unusable: 0 });
});

test('kill -9 in the middle leaves a cache that the same command completes', async () => {
  const cache = join(temporaryDirectory(), 'answers.db');
  const run = runOf(0, 40_000);
  const { process: child, done } = startGleaner(['cache', 'rebuild', run, '--cache', cache]);
  await expect.poll(() => existsSync(`${cache}-wal`), { timeout: 10_000, interval: 2 }).toBe(true);
  child.kill('SIGKILL');
  expect((await done).signal).toBe('SIGKILL');
  const completed = await gleaner(['cache', 'rebuild', run, '--cache', cache]);
  expect(completed.code).toBe(0);
  expect(completed.stderr).not.toContain('set aside');
  expect(await infoOf(cache)).toMatchObject({ answers: 40_000, unusable: 0 });
});

test('what cannot be done is refused before anything is written', async () => {
  const directory = temporaryDirectory();
  const cache = join(directory, 'answers.db');
  const data = writeFile(directory, 'data.csv', 'id,text\n');
  const refusals: [string[], string][] = [
    [['rebuild', runOf(0, 1)], '--cache'],
    [['rebuild', '--cache', cache], 'run-dir'],
    [['rebuild', runOf(0, 1), join(directory, 'gone'), '--cache', cache], 'no such file or directory'],
    [['rebuild', runOf(0, 1), '--cache', directory], 'it is a directory'],
    [['rebuild', runOf(0, 1), '--cache', data], 'left alone'],
    [['info', cache], 'no such file or directory'],
    [['info', data], 'it is no answer cache and is left alone'],
  ];
  for (const [args, reason] of refusals) {
    const { code, stderr } = await gleaner(['cache', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining(reason)]);
  }
  expect(readdirSync(directory)).toEqual(['data.csv']);
});
