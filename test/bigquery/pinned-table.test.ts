import { expect, it } from 'vitest';
import type { BigQuery } from '../../src/bigquery/big-query.ts';
import { pinTable, type PinOptions } from '../../src/bigquery/pinned-table.ts';
import { readTableFacts } from '../../src/bigquery/table-facts.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';

const ADDRESS = { project: 'my-project', dataset: 'shop', table: 'notes' };
const DAY_MS = 24 * 3600 * 1000;
const MONDAY_MS = Date.UTC(2026, 0, 5);

function pin(table: JsonObject, nowMs: number, options: Partial<PinOptions> = {}) {
  const facts = readTableFacts({ schema: { fields: [{ name: 'id', type: 'STRING' }] }, numRows: '3', ...table });
  const client = { table: () => Promise.resolve({ facts, nowMs }) } as unknown as BigQuery;
  return pinTable(client, ADDRESS, { mayBePast: true, ...options });
}

function modified(ms: number): JsonObject {
  return { lastModifiedTime: String(ms) };
}

async function begunOnMonday(table: JsonObject = {}): Promise<JsonValue> {
  return (await pin({ ...modified(MONDAY_MS), ...table }, MONDAY_MS + 5000)).identity;
}

it('reads a table as of when it is looked at, in whole seconds of the service', async () => {
  expect(await pin(modified(MONDAY_MS), MONDAY_MS + 5999)).toMatchObject({ asOfMs: MONDAY_MS + 5000, isPast: false });
  // The service tells its time in whole seconds, and that of the last change in thousandths, within which it came.
  expect(await pin(modified(MONDAY_MS + 700), MONDAY_MS)).toMatchObject({ asOfMs: MONDAY_MS + 701 });
});

it('reads a table that is as it was as of today, however long ago the run began', async () => {
  const before = await begunOnMonday();
  const nowMs = MONDAY_MS + 30 * DAY_MS;
  expect(await pin(modified(MONDAY_MS), nowMs, { before })).toMatchObject({
    identity: before,
    asOfMs: nowMs,
    isPast: false,
  });
});

it.each([
  { what: 'written to', table: modified(MONDAY_MS + DAY_MS) },
  { what: 'of other rows', table: { ...modified(MONDAY_MS), numRows: '4' } },
  { what: 'streamed into, which its figures do not show', table: { ...modified(MONDAY_MS), streamingBuffer: {} } },
])('reads a table as it was where it is $what', async ({ table }) => {
  const before = await begunOnMonday();
  const nowMs = MONDAY_MS + DAY_MS;
  expect(await pin(table, nowMs, { before })).toMatchObject({
    identity: before,
    asOfMs: MONDAY_MS + 5000,
    isPast: true,
  });
  const another = await pin(table, nowMs, { before, mayBePast: false });
  expect(another.identity).not.toEqual(before);
  expect(another.isPast).toBe(false);
});

it('trusts the figures of no table that was streamed into when the run began', async () => {
  const before = await begunOnMonday({ streamingBuffer: {} });
  expect(await pin(modified(MONDAY_MS), MONDAY_MS + DAY_MS, { before })).toMatchObject({ isPast: true });
});

it('takes nothing over from the input of another kind, or another table', async () => {
  for (const before of ['standard input', { sha256: 'x' }, { table: 'a.b.c', snapshot: '2026-01-05T00:00:00.000Z' }]) {
    expect(await pin(modified(MONDAY_MS), MONDAY_MS, { before })).toMatchObject({
      asOfMs: MONDAY_MS + 1,
      isPast: false,
    });
  }
});

it.each(['VIEW', 'EXTERNAL', 'MATERIALIZED_VIEW', 'SNAPSHOT'])('refuses a %s, whose rows may change', async (type) => {
  await expect(pin({ type }, MONDAY_MS)).rejects.toThrow('make a table of it');
});
