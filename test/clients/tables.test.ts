import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { exportToFile } from '../../src/export/export-run.ts';
import { deriveSchema } from '../../src/schema/derive.ts';
import { result, runDirectory } from '../export/run-fixture.ts';
import { absence, installedFolder } from './installed.ts';

const { outputSchema } = await deriveSchema(
  z.object({
    shop: z.string(),
    day: z.iso.date().nullable(),
    at: z.iso.datetime().nullable(),
    paid: z.boolean(),
    total: z.number().nullable(),
    count: z.int(),
    order: z.int().nullable(),
    note: z.string(),
    address: z.object({ city: z.string().nullable() }).nullable(),
    tags: z.array(z.string()),
    items: z.array(z.object({ sku: z.string(), qty: z.number() })),
  }),
);

const results = [
  result(0, {
    shop: 'Übung "1"\n=2 🧾',
    day: '2026-02-28',
    at: '2026-02-28T23:30:00.250Z',
    paid: true,
    total: 1.5,
    count: Number.MAX_SAFE_INTEGER,
    order: 7,
    note: 'zero \u200b width',
    address: { city: null },
    tags: ['ß', '日本'],
    items: [
      { sku: 'A', qty: 1 },
      { sku: 'B', qty: 2 },
    ],
  }),
  result(1, {
    shop: 'S',
    day: null,
    at: null,
    paid: false,
    total: null,
    count: 0,
    order: null,
    note: '',
    address: null,
    tags: [],
    items: [],
  }),
];

/** The results as files with types. */
async function exported(): Promise<{ parquet: string; sqlite: string; xlsx: string }> {
  const directory = runDirectory({ outputSchema, results });
  const place = mkdtempSync(join(tmpdir(), 'gleaner-tables-'));
  onTestFinished(() => rmSync(place, { recursive: true, force: true }));
  const files = { parquet: join(place, 'o.parquet'), sqlite: join(place, 'o.sqlite'), xlsx: join(place, 'o.xlsx') };
  for (const file of Object.values(files)) await exportToFile(directory, file);
  return files;
}

const folder = installedFolder('python-requirements-tables');
describe.skipIf(folder === undefined)(`exports in Python${absence(folder)}`, () => {
  test('DuckDB, pandas and sqlite3 read types, nulls, lists, dates and odd names as they were', async () => {
    const { parquet, sqlite, xlsx } = await exported();
    const program = fileURLToPath(new URL('python/read_tables.py', import.meta.url));
    const env = { ...process.env, PYTHONPATH: folder, PYTHONDONTWRITEBYTECODE: '1' };
    expect(execFileSync('python3', [program, parquet, sqlite, xlsx], { env, encoding: 'utf8' })).toBe('ok\n');
  });
});

const sqlite3 = '/usr/bin/sqlite3';
test.skipIf(!existsSync(sqlite3))(`the sqlite3 shell reads an export (skipped without ${sqlite3})`, async () => {
  const { sqlite } = await exported();
  const query = 'select "at", "order", total, "count", note from results order by "index"';
  expect(JSON.parse(execFileSync(sqlite3, ['-json', sqlite, query], { encoding: 'utf8' }))).toEqual([
    {
      at: '2026-02-28T23:30:00.250Z',
      order: 7,
      total: 1.5,
      count: Number.MAX_SAFE_INTEGER,
      note: 'zero \u200b width',
    },
    { at: null, order: null, total: null, count: 0, note: '' },
  ]);
});
