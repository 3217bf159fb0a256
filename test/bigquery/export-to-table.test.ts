import { expect, it } from 'vitest';
import { exportToTable, type TableExportOptions } from '../../src/bigquery/export-to-table.ts';
import type { BigQueryFaultKind } from '../../src/emulator/index.ts';
import type { JsonValue } from '../../src/json/value.ts';
import { result, runDirectory } from '../export/run-fixture.ts';
import { credentials, emulatedTables, type EmulatedTables } from './emulated-tables.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    total: { type: ['number', 'null'] },
    count: { type: 'integer' },
    paid: { type: 'boolean' },
    day: { type: 'string', format: 'date' },
    at: { type: 'string', format: 'date-time' },
    shop: { type: 'object', properties: { name: { type: 'string' } }, additionalProperties: false },
    items: { type: 'array', items: { type: 'string' } },
  },
  additionalProperties: false,
};

const ADDRESS = 'bq://my-project.shop.results';

function put({ emulator }: EmulatedTables, directory: string, options: Partial<TableExportOptions> = {}) {
  return exportToTable(directory, ADDRESS, {
    credentials,
    emulator: emulator.origin,
    backoff: { baseMs: 1 },
    ...options,
  });
}

function runOf(ids: readonly string[], total = 1): string {
  return runDirectory({
    outputSchema: SCHEMA,
    results: ids.map((id, index) => result(index, { total, count: index }, id)),
  });
}

async function totalsIn(tables: EmulatedTables): Promise<Record<string, JsonValue>> {
  const rows = (await tables.rows('results')) ?? [];
  expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length);
  return Object.fromEntries(rows.map(([id, , total]) => [String(id), total ?? null]));
}

async function tablesBeside(tables: EmulatedTables): Promise<number> {
  return (await tables.call('GET', 'datasets/shop/tables'))['totalItems'] as number;
}

it('makes the table with the columns of the schema, and fills it', async () => {
  const tables = await emulatedTables();
  const data = {
    total: 12.5,
    count: 3,
    paid: true,
    day: '2024-02-29',
    at: '2024-02-29T10:00:00.123456+01:00',
    shop: { name: 'tea & co' },
    items: ['green', 'black'],
  };
  const directory = runDirectory({
    outputSchema: SCHEMA,
    results: [result(0, data, 'a'), result(1, { total: null }, 'b')],
  });
  expect(await put(tables, directory)).toMatchObject({ count: 2, unplaced: 0, isFinished: true });
  const { schema } = await tables.call('GET', 'datasets/shop/tables/results');
  expect(
    (schema as { fields: { name: string; type: string; mode: string }[] }).fields.map(
      ({ name, type, mode }) => `${name} ${type} ${mode}`,
    ),
  ).toEqual([
    'id STRING REQUIRED',
    'index INT64 NULLABLE',
    'total FLOAT64 NULLABLE',
    'count INT64 NULLABLE',
    'paid BOOL NULLABLE',
    'day DATE NULLABLE',
    'at TIMESTAMP NULLABLE',
    'shop_name STRING NULLABLE',
    'items JSON NULLABLE',
  ]);
  expect(await tables.rows('results')).toEqual([
    ['a', '0', '12.5', '3', 'true', '2024-02-29', '1.709197200123456e+9', 'tea & co', '["green","black"]'],
    ['b', '1', null, null, null, null, null, null, null],
  ]);
  expect(await tablesBeside(tables)).toBe(1);
});

it('replaces rows of the same ids, adds the others, and removes none', async () => {
  const tables = await emulatedTables();
  await put(tables, runOf(['a', 'b'], 1));
  await put(tables, runOf(['b', 'c'], 2));
  expect(await totalsIn(tables)).toEqual({ a: '1', b: '2', c: '2' });
  // An export that was made before counts again where it is repeated.
  await put(tables, runOf(['a', 'b'], 1));
  expect(await totalsIn(tables)).toEqual({ a: '1', b: '1', c: '2' });
  expect(await tablesBeside(tables)).toBe(1);
});

it('makes the table alone where there are no results', async () => {
  const tables = await emulatedTables();
  expect(await put(tables, runOf([]))).toMatchObject({ count: 0 });
  expect(await tables.rows('results')).toEqual([]);
  expect(tables.emulator.stats().bigQuery).toEqual({ queries: 0, loads: 0 });
});

it('leaves columns of the table alone that the results do not have', async () => {
  const tables = await emulatedTables();
  const fields = [
    { name: 'ID', type: 'INT64' },
    { name: 'Total', type: 'NUMERIC' },
    { name: 'note', type: 'STRING' },
  ];
  await tables.createFilled('results', fields, ['{"ID":7,"Total":1.5,"note":"kept"}']);
  const directory = runDirectory({
    outputSchema: SCHEMA,
    results: [result(0, { total: 2.25 }, '7'), result(1, { total: 3 }, '8')],
  });
  await put(tables, directory, { columns: ['id', 'total'] });
  expect(await tables.rows('results')).toEqual([
    ['7', '2.25', 'kept'],
    ['8', '3', null],
  ]);
});

it.each<{ kind: BigQueryFaultKind; times: number[] }>([
  { kind: 'unavailable', times: [2, 3, 5, 8, 12, 13, 17] },
  { kind: 'rate-limited', times: [2, 3, 5, 8, 12, 13, 17] },
  { kind: 'lost-insert-answer', times: [1] },
  { kind: 'lost-insert-answer', times: [2] },
  { kind: 'job-backend-error', times: [1, 2] },
  { kind: 'job-backend-error', times: [2, 3, 4] },
])('writes each row once though BigQuery fails: $kind $times', async ({ kind, times }) => {
  const tables = await emulatedTables({ faults: [{ kind, times }] });
  const ids = Array.from({ length: 100 }, (_, at) => `r${at}`);
  await put(tables, runOf(ids));
  expect(Object.keys(await totalsIn(tables)).sort()).toEqual(ids.toSorted());
  expect(await tablesBeside(tables)).toBe(1);
});

it('sends large results in pieces, and goes on after what has arrived', async () => {
  const tables = await emulatedTables({ faults: [{ kind: 'unavailable', times: [10, 11, 13] }] });
  const ids = Array.from({ length: 5000 }, (_, at) => `${at}-${'x'.repeat(200)}`);
  await put(tables, runOf(ids), { pieceBytes: 256 * 1024 });
  expect(Object.keys(await totalsIn(tables))).toHaveLength(5000);
  expect(tables.emulator.stats().bigQuery.loads).toBe(1);
});

it.each([0, 40])('comes to the same after a kill before any of its calls, where jobs take %i ms', async (jobMs) => {
  let calls = 0;
  let dieAt = Number.POSITIVE_INFINITY;
  const mortal = {
    headers: () => {
      calls += 1;
      return calls >= dieAt ? Promise.reject(new Error('killed')) : credentials.headers();
    },
    refresh: () => undefined,
  };
  const whole = await emulatedTables();
  await put(whole, runOf(['a', 'b', 'c'], 2), { credentials: mortal });
  const all = calls;
  expect(all).toBeGreaterThan(10);
  for (let at = 1; at <= all; at += jobMs === 0 ? 1 : 3) {
    const tables = await emulatedTables({ jobMs });
    await put(tables, runOf(['a', 'old'], 1));
    [calls, dieAt] = [0, at];
    const directory = runOf(['a', 'b', 'c'], 2);
    await put(tables, directory, { credentials: mortal }).catch(() => undefined);
    await put(tables, directory);
    expect(await totalsIn(tables)).toEqual({ a: '2', b: '2', c: '2', old: '1' });
    expect(await tablesBeside(tables)).toBe(1);
  }
});

it('takes the job of a killed command for its own, and sends nothing again', async () => {
  const tables = await emulatedTables({ jobMs: 60_000 });
  await tables.create('results', [
    { name: 'id', type: 'STRING' },
    { name: 'index', type: 'INT64' },
  ]);
  const stopped = {
    ...credentials,
    headers: () =>
      tables.emulator.stats().bigQuery.loads > 0 ? Promise.reject(new Error('killed')) : credentials.headers(),
  };
  await expect(put(tables, runOf(['a']), { columns: ['id', 'index'], credentials: stopped })).rejects.toThrow();
  tables.emulator.advance(60_000);
  const going = put(tables, runOf(['a']), { columns: ['id', 'index'] });
  while (tables.emulator.stats().bigQuery.queries === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  tables.emulator.advance(60_000);
  await going;
  expect(tables.emulator.stats().bigQuery).toEqual({ queries: 1, loads: 1 });
  expect(await tables.rows('results')).toEqual([['a', '0']]);
});

const ID = { name: 'id', type: 'STRING' };
it.each([
  {
    fields: [ID, { name: 'total', type: 'STRING' }],
    message:
      'its column "total" is STRING, and the results have number, which goes into FLOAT64 or NUMERIC or BIGNUMERIC',
  },
  {
    fields: [ID, { name: 'total', type: 'FLOAT', mode: 'REPEATED' }],
    message: 'its column "total" is ARRAY<FLOAT64>, and the results have number',
  },
  {
    fields: [
      { name: 'id', type: 'FLOAT' },
      { name: 'total', type: 'FLOAT' },
    ],
    message: 'its column "id" is FLOAT64',
  },
  { fields: [ID], message: 'ALTER TABLE `my-project.shop.results` ADD COLUMN `total` FLOAT64' },
  {
    fields: [ID, { name: 'total', type: 'FLOAT' }, { name: 'tenant', type: 'STRING', mode: 'REQUIRED' }],
    message: 'its column "tenant" is required, and the results have none of that name',
  },
])('refuses before anything is sent: $message', async ({ fields, message }) => {
  const tables = await emulatedTables();
  await tables.create('results', fields);
  const error = await put(tables, runOf(['a']), { columns: ['id', 'total'] }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'output-unwritable', message: expect.stringContaining(message) });
  expect(tables.emulator.stats().bigQuery).toEqual({ queries: 0, loads: 0 });
  expect(await tables.rows('results')).toEqual([]);
});

it('names the column, and not the value, of a row that the table does not take', async () => {
  const tables = await emulatedTables();
  await tables.create('results', [
    { name: 'id', type: 'INT64' },
    { name: 'total', type: 'FLOAT' },
  ]);
  const error = await put(tables, runOf(['secret-name']), { columns: ['id', 'total'] }).catch(
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({
    code: 'output-unwritable',
    message: expect.stringMatching(/its column "id" does not take a value \(invalid, job gleaner_load_\w+\)/),
  });
  expect(String(error)).not.toContain('secret');
  expect(await tables.rows('results')).toEqual([]);
});

it.each([
  { address: 'bq://my-project.none.results', message: 'look at the dataset my-project.none' },
  { address: 'bq://results', message: 'give bq://project.dataset.table' },
])('refuses $address', async ({ address, message }) => {
  const { emulator } = await emulatedTables();
  const going = exportToTable(runOf(['a']), address, { credentials, emulator: emulator.origin });
  await expect(going).rejects.toThrow(message);
});

it('writes no rows without ids', async () => {
  const tables = await emulatedTables();
  await expect(put(tables, runOf(['a']), { columns: ['total'] })).rejects.toThrow('add id to the columns');
});
