import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkTable } from '../../src/doctor/check-table.ts';
import type { CheckResult } from '../../src/doctor/check-result.ts';
import { credentials, emulatedTables } from '../bigquery/emulated-tables.ts';

async function findings(emulator: string, target = 'bq://my-project.shop.receipts'): Promise<CheckResult[]> {
  const found: CheckResult[] = [];
  const options = { target, credentials, emulator, project: 'jobs-here', backoff: { baseMs: 1 } };
  for await (const result of checkTable(options)) found.push(result);
  return found;
}

test('looks at the table, has reading it reckoned, and leaves nothing behind', async () => {
  const tables = await emulatedTables();
  const fields = [
    { name: 'id', type: 'STRING' },
    { name: 'text', type: 'STRING' },
  ];
  await tables.createFilled('receipts', fields, ['{"id":"a"}', '{"id":"b"}']);
  const found = await findings(tables.emulator.origin);
  expect(found.map(({ name, status }) => `${name}: ${status}`)).toEqual([
    'dataset: ok',
    'table: ok',
    'query: ok',
    'write: ok',
  ]);
  expect(found.map(({ message }) => message)).toEqual([
    'my-project.shop is in EU',
    expect.stringContaining('has 2 rows in 2 columns, last written to at 20'),
    expect.stringMatching(/^jobs may run in jobs-here; reading the table is \d+ bytes$/),
    expect.stringContaining('was made and removed'),
  ]);
  expect(await tables.call('GET', 'datasets/shop/tables')).toMatchObject({ totalItems: 1 });
  expect(tables.emulator.stats().bigQuery).toEqual({ queries: 0, loads: 1 });
});

test('a table that is not there is one that an export makes', async () => {
  const { emulator } = await emulatedTables();
  expect(await findings(emulator.origin)).toMatchObject([
    { status: 'ok' },
    { status: 'ok', message: 'it is not there: an export makes it' },
    { status: 'ok', message: 'jobs may run in jobs-here' },
    { status: 'ok' },
  ]);
});

test('a dataset that is not there is to be made first', async () => {
  const { emulator } = await emulatedTables();
  const found = await findings(emulator.origin, 'bq://my-project.none.receipts');
  expect(found.map(({ status }) => status)).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
  expect(found[0]).toMatchObject({ advice: 'create the dataset my-project.none' });
});

test('names the role that is missing, and only warns where nothing may be written', async () => {
  const server = createServer((request, response) => {
    request.resume();
    const isRead = request.method === 'GET';
    response.writeHead(isRead ? 200 : 403, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isRead ? { location: 'EU', numRows: '3' } : { error: { code: 403, message: 'No.' } }));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  const found = await findings(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  expect(found).toMatchObject([
    { status: 'ok' },
    { status: 'ok' },
    { name: 'query', status: 'failed', advice: 'the role is roles/bigquery.jobUser on the project jobs-here' },
    { name: 'write', status: 'warning', advice: 'exports need roles/bigquery.dataEditor on my-project.shop' },
  ]);
});
