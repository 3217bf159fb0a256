import { expect, it, onTestFinished } from 'vitest';
import { createTableInput, type TableInput, type TableInputOptions } from '../../src/bigquery/table-input.ts';
import type { BigQueryFaultKind } from '../../src/emulator/index.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';
import type { SourceRow } from '../../src/records/record.ts';
import { describeInputSource, ids } from '../records/input-source-conformance.ts';
import { credentials, emulatedTables, type EmulatedTables } from './emulated-tables.ts';

const FIELDS: JsonObject[] = [
  { name: 'id', type: 'STRING', mode: 'REQUIRED' },
  { name: 'place', type: 'INTEGER' },
];
const DAY_MS = 24 * 3600 * 1000;

function linesOf(all: readonly string[]): string[] {
  // Tables have no order of their own.
  return all.map((id, place) => JSON.stringify({ id, place })).toReversed();
}

function inputOf({ emulator }: EmulatedTables, options: Partial<TableInputOptions> = {}): TableInput {
  const input = createTableInput('bq://my-project.shop.receipts', {
    credentials,
    emulator: emulator.origin,
    idColumn: 'place',
    pageRows: 7,
    backoff: { baseMs: 1 },
    ...options,
  });
  onTestFinished(() => input.close());
  return input;
}

async function rowsOf(input: TableInput): Promise<SourceRow[]> {
  const rows: SourceRow[] = [];
  for await (const row of await input.open()) rows.push(row);
  return rows;
}

async function idsOf(input: TableInput): Promise<unknown[]> {
  return (await rowsOf(input)).map((row) => (row.kind === 'record' ? row.fields['id'] : row.message));
}

async function filled(bigQuery: Parameters<typeof emulatedTables>[0] = {}): Promise<EmulatedTables> {
  const tables = await emulatedTables(bigQuery);
  await tables.createFilled('receipts', FIELDS, linesOf(ids));
  return tables;
}

describeInputSource('a table of BigQuery', async () => inputOf(await filled()));

it('gives rows in the order of their ids, with the types of their columns', async () => {
  const tables = await emulatedTables();
  const fields: JsonObject[] = [
    { name: 'id', type: 'INTEGER' },
    { name: 'bytes', type: 'BYTES' },
    { name: 'at', type: 'TIMESTAMP' },
    { name: 'shop', type: 'RECORD', fields: [{ name: 'open', type: 'BOOLEAN' }] },
    { name: 'prices', type: 'NUMERIC', mode: 'REPEATED' },
  ];
  await tables.createFilled('receipts', fields, [
    '{"id":9007199254740993,"bytes":"AAEC","at":"2024-01-01T10:00:00.5Z","shop":{"open":true},"prices":[1.10,12345678901234567890.5]}',
    '{"id":-1}',
    '{"id":10}',
    '{"id":9}',
  ]);
  const input = inputOf(tables, { idColumn: 'id' });
  const source = await input.open();
  expect(source.columns).toEqual(['id', 'bytes', 'at', 'shop', 'prices']);
  expect(await rowsOf(input)).toEqual([
    { kind: 'record', index: 0, line: 1, fields: { id: -1, bytes: null, at: null, shop: null, prices: [] } },
    { kind: 'record', index: 1, line: 2, fields: { id: 9, bytes: null, at: null, shop: null, prices: [] } },
    { kind: 'record', index: 2, line: 3, fields: { id: 10, bytes: null, at: null, shop: null, prices: [] } },
    {
      kind: 'record',
      index: 3,
      line: 4,
      fields: {
        id: '9007199254740993',
        bytes: 'AAEC',
        at: '2024-01-01T10:00:00.5Z',
        shop: { open: true },
        prices: [1.1, '12345678901234567890.5'],
      },
    },
  ]);
});

it.each<{ kind: BigQueryFaultKind; times: number[] }>([
  { kind: 'unavailable', times: [6, 8, 9] },
  { kind: 'rate-limited', times: [6, 8, 9] },
  { kind: 'lost-insert-answer', times: [2] },
  { kind: 'job-backend-error', times: [2, 3] },
  { kind: 'slow-query', times: [1, 2, 5] },
  { kind: 'broken-page', times: [1, 3, 4] },
  { kind: 'results-expired', times: [1, 4] },
])('gives each row once though BigQuery fails: $kind', async ({ kind, times }) => {
  const tables = await filled({ faults: [{ kind, times }] });
  expect(await idsOf(inputOf(tables))).toEqual(ids);
});

it('reads on as the table was when the run began, whatever was written to it meanwhile', async () => {
  const tables = await filled();
  const first = inputOf(tables);
  const before = (await first.identity()) as JsonValue;
  expect(before).toMatchObject({ table: 'my-project.shop.receipts', rows: ids.length });
  const source = await first.open();
  const read: unknown[] = [];
  for await (const row of source) {
    if (row.index === 8) await tables.fill('receipts', FIELDS, linesOf(['new', 'newer']));
    read.push(row.kind === 'record' ? row.fields['id'] : undefined);
  }
  expect(read).toEqual(ids);

  const notices: string[] = [];
  const later = inputOf(tables, { before, onNotice: (notice) => notices.push(notice) });
  expect(await later.identity()).toEqual(before);
  expect(await idsOf(later)).toEqual(ids);
  expect(notices).toEqual([expect.stringContaining('it is read as it was at')]);

  // Days later its rows are not kept with the query any more, but with the table.
  tables.emulator.advance(3 * DAY_MS);
  expect(await idsOf(inputOf(tables, { before }))).toEqual(ids);
});

it('says what to do once the state that a run was begun with is not kept any more', async () => {
  const tables = await filled();
  const before = (await inputOf(tables).identity()) as JsonValue;
  await tables.fill('receipts', FIELDS, linesOf(['new']));
  tables.emulator.advance(8 * DAY_MS);
  const error = await rowsOf(inputOf(tables, { before })).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'input-unreadable', message: expect.stringContaining('Begin another run') });
});

it('goes on after weeks with a table that is as it was', async () => {
  const tables = await filled();
  const before = (await inputOf(tables).identity()) as JsonValue;
  tables.emulator.advance(30 * DAY_MS);
  const later = inputOf(tables, { before });
  expect(await later.identity()).toEqual(before);
  expect(await idsOf(later)).toEqual(ids);
});

it('is another input once the table was written to, for a run that has ended', async () => {
  const tables = await filled();
  const before = (await inputOf(tables).identity()) as JsonValue;
  expect(await inputOf(tables, { before, mayBePast: false }).identity()).toEqual(before);
  await tables.fill('receipts', FIELDS, linesOf(['new']));
  const now = inputOf(tables, { before, mayBePast: false });
  expect(await now.identity()).not.toEqual(before);
  expect(await idsOf(now)).toEqual(['new']);
});

it('has the query made once, however often it is opened within a day', async () => {
  const tables = await filled();
  const before = (await inputOf(tables).identity()) as JsonValue;
  await idsOf(inputOf(tables, { before }));
  const input = inputOf(tables, { before });
  await idsOf(input);
  await idsOf(input);
  expect(tables.emulator.stats().bigQuery).toEqual({ queries: 1, loads: 1 });
});

it.each([
  { address: 'bq://my-project.shop.none', message: 'Cannot read bq://my-project.shop.none: there is no such table' },
  { address: 'bq://my-project.other.receipts', message: 'there is no such table, or the account does not see it' },
  { idColumn: 'ID', message: 'it has no column "ID" to take ids from; did you mean "id"' },
  { idColumn: 'tags', message: 'by its column "tags": it is repeated, and ids are STRING or INT64' },
  { idColumn: 'share', message: 'by its column "share": it is FLOAT64' },
])('refuses $address$idColumn', async ({ address = 'bq://my-project.shop.receipts', idColumn = 'id', message }) => {
  const tables = await emulatedTables();
  await tables.create('receipts', [
    { name: 'id', type: 'STRING' },
    { name: 'tags', type: 'STRING', mode: 'REPEATED' },
    { name: 'share', type: 'FLOAT' },
  ]);
  const input = createTableInput(address, { credentials, emulator: tables.emulator.origin, idColumn });
  onTestFinished(() => input.close());
  const error = await rowsOf(input).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: 'input-unreadable', message: expect.stringContaining(message) });
});

it('gives its credentials to hosts of Google only', () => {
  const endpoint = 'https://bigquery.example.com';
  expect(() => createTableInput('bq://my-project.shop.receipts', { credentials, idColumn: 'id', endpoint })).toThrow(
    'Cannot send Google credentials to bigquery.example.com',
  );
});
