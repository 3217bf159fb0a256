import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  accountFor,
  emulatorFor,
  gleaner,
  noteDefinition,
  noteRecords,
  readLines,
  readRun,
  temporaryDirectory,
  writeFile,
} from './harness.ts';

interface ResultLine {
  index: number;
  data: { total: number };
  answer?: { total: number };
  reused?: true;
}

const TOTAL = 'z.number().nullable()';

async function prepare(records = 10) {
  const directory = temporaryDirectory();
  const { emulator, flags, env } = await emulatorFor({ seed: 3 });
  const input = writeFile(directory, 'notes.jsonl', noteRecords(records));
  const cache = join(directory, 'answers.db');
  /** Writes the definition with another total, and gives its path. */
  const define = (total: string, before = ''): string =>
    writeFile(directory, 'note.ts', `${before}${noteDefinition.replace(TOTAL, total)}`);
  const run = (definition: string, out: string, ...rest: string[]) =>
    gleaner(['run', definition, input, '--out', join(directory, out), ...flags, ...rest], { cwd: directory, env });
  const results = (out: string): ResultLine[] =>
    readLines<ResultLine>(join(directory, out, 'results.jsonl')).sort((left, right) => left.index - right.index);
  return { directory, emulator, define, run, results, cache };
}

const inCents = 'z.number().transform((total) => Math.round(total * 100))';
const atMostFive = 'z.number().refine((total) => total <= 5, "more than five")';

test('an edited transform is refused by name, and accepted at no cost: every answer is judged again', async () => {
  const { directory, emulator, define, run, results } = await prepare();
  expect((await run(define('z.number()'), 'a')).code).toBe(0);
  const before = results('a');
  expect(before[4]).toMatchObject({ data: { total: 4.5 } });
  expect(before[4]).not.toHaveProperty('answer');

  const edited = define(inCents);
  const refused = await run(edited, 'a');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('the code of the definition changed');
  expect(refused.stderr).toContain('--accept-changes');
  expect(results('a')).toEqual(before);

  const accepted = await run(edited, 'a', '--accept-changes');
  expect(accepted.code).toBe(0);
  expect(results('a')[4]).toMatchObject({ data: { total: 450 }, answer: { total: 4.5 }, reused: true });

  // Taken back, nothing is made of what was made before.
  expect((await run(define('z.number()'), 'a', '--accept-changes')).code).toBe(0);
  expect(results('a').map(({ data }) => data)).toEqual(before.map(({ data }) => data));
  expect(emulator.stats().requests).toBe(10);
  accountFor(readRun(join(directory, 'a')));
});

test('an edited check reaches cached answers: those it refuses are asked for again, the others cost nothing', async () => {
  const { directory, emulator, define, run, results, cache } = await prepare();
  await run(define('z.number()'), 'monday', '--cache', cache);
  expect(emulator.stats().requests).toBe(10);
  const tuesday = await run(define(atMostFive), 'tuesday', '--cache', cache, '--max-reasks', '0');
  expect(tuesday.code).toBe(1);
  const { usage } = readRun(join(directory, 'tuesday'));
  // 0.50 to 4.50 pass.
  expect(usage.records).toMatchObject({ extracted: 5, reused: 5, rejected: 5 });
  expect(results('tuesday').every(({ data }) => data.total <= 5)).toBe(true);
  expect(emulator.stats().requests).toBe(15);

  // The rejects of a check that was too strict come back at no cost.
  const mended = await run(define('z.number()'), 'tuesday', '--accept-changes');
  expect(mended.code).toBe(0);
  expect(results('tuesday')).toHaveLength(10);
  expect(emulator.stats().requests).toBe(15);
});

test('an edited transform reaches cached answers, and answers of runs that a cache is rebuilt from', async () => {
  const { directory, emulator, define, run, results, cache } = await prepare();
  await run(define(inCents), 'monday', '--cache', cache);
  expect(results('monday')[4]).toMatchObject({ data: { total: 450 }, answer: { total: 4.5 } });
  const rebuilt = join(directory, 'rebuilt.db');
  await gleaner(['cache', 'rebuild', join(directory, 'monday'), '--cache', rebuilt]);
  const edited = define('z.number().transform((total) => -total)');
  for (const [night, file] of [
    ['tuesday', cache],
    ['wednesday', rebuilt],
  ] as const) {
    expect((await run(edited, night, '--cache', file)).code).toBe(0);
    expect(results(night)[4]).toMatchObject({ data: { total: -4.5 }, answer: { total: 4.5 } });
  }
  expect(emulator.stats().requests).toBe(10);
});

test('code that a definition imports is part of it', async () => {
  const { directory, emulator, define, run } = await prepare();
  writeFile(directory, 'total.ts', "import { z } from 'zod';\nexport const total = z.number();\n");
  const definition = define('total', "import { total } from './total.ts';\n");
  await run(definition, 'a', '--limit', '5');
  writeFile(directory, 'total.ts', `import { z } from 'zod';\nexport const total = ${inCents};\n`);
  const refused = await run(definition, 'a');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('the code of the definition changed (its own file, or one that it imports)');
  expect((await run(definition, 'a', '--accept-changes')).code).toBe(0);
  expect(emulator.stats().requests).toBe(10);
});

test('a run from before runs said what code they are of is continued, and its next edit is noticed', async () => {
  const { directory, emulator, define, run, results } = await prepare();
  const definition = define(inCents);
  await run(definition, 'a', '--limit', '5');
  const manifest = JSON.parse(readFileSync(join(directory, 'a/run.json'), 'utf8')) as { identity: { code: string } };
  const { code: _, ...identity } = manifest.identity;
  writeFile(directory, 'a/run.json', JSON.stringify({ ...manifest, identity }));
  expect((await run(definition, 'a')).code).toBe(0);
  expect(results('a')).toHaveLength(10);
  expect((await run(define('z.number()'), 'a')).code).toBe(2);
  expect(emulator.stats().requests).toBe(10);
});
