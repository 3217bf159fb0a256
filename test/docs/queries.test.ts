import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { attemptEntry, resultEntry } from '../store/run-files.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const page = readFileSync(new URL('../../docs/results.md', import.meta.url), 'utf8');
const sql = /```sql\n(.*?)```/s.exec(page)?.[1] ?? '';
// Set TEST_PYTHON to an interpreter that has it: pip install duckdb pytz
const python = process.env['TEST_PYTHON'] ?? 'python3';
const hasDuckDb = spawnSync(python, ['-c', 'import duckdb']).status === 0;

test('the queries of docs/results.md quote the column whose name is a reserved word', () => {
  const statements = sql.replaceAll(/^--.*$/gm, '');
  expect(statements).toContain('"at"');
  expect(statements).not.toMatch(/(?<!["\w])at(?!["\w])/);
});

test.skipIf(!hasDuckDb)('DuckDB runs them over the files of a run', () => {
  const place = temporaryDirectory();
  const run = join(place, 'runs/flats');
  mkdirSync(run, { recursive: true });
  const results = [0, 1].map((index) => ({ ...resultEntry(index), data: { city: 'Lima' } }));
  const attempts = [0, 1].map((index) => attemptEntry(index + 1, index, 'extracted'));
  for (const [name, entries] of Object.entries({ results, attempts })) {
    writeFileSync(join(run, `${name}.jsonl`), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  }
  const code =
    'import duckdb, json, sys; print(json.dumps([[str(row) for row in duckdb.sql(q).fetchall()] for q in json.loads(sys.argv[1])]))';
  const queries = sql.split(';').filter((query) => /^\s*select/m.test(query));
  const answers = JSON.parse(
    execFileSync(python, ['-c', code, JSON.stringify(queries)], { cwd: place, encoding: 'utf8' }),
  ) as string[][];
  expect(answers.map((rows) => rows.length)).toEqual([1, 1, 1]);
  expect(answers[0]?.[0]).toMatch(/^\('Lima', 2, /);
  expect(answers[2]?.[0]).toMatch(/, 2, \d+\)$/);
});
