import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { checkBatch } from '../../src/doctor/check-batch.ts';
import type { CheckResult } from '../../src/doctor/check-result.ts';
import { startEmulator } from '../../src/emulator/index.ts';

const options = {
  target: 'gs://bucket/nights',
  project: 'project',
  location: 'us-central1',
  model: 'google/gemini-3.5-flash-lite',
  credentials: { headers: () => Promise.resolve({ authorization: 'Bearer any' }), refresh: () => undefined },
};

async function findings(emulator: string, send = false, target = options.target): Promise<Record<string, CheckResult>> {
  const found: Record<string, CheckResult> = {};
  for await (const result of checkBatch({ ...options, target, emulator, send })) found[result.name] = result;
  return found;
}

const statuses = (found: Record<string, CheckResult>): string[] =>
  Object.values(found).map(({ name, status }) => `${name}: ${status}`);

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a line in a table of BigQuery is written, read and removed again, and a dataset that is missing is named', async () => {
  const emulator = await startEmulator({});
  onTestFinished(() => emulator.close());
  const missing = await findings(emulator.origin, true, 'bq://my-project.shop');
  expect(missing['write']).toMatchObject({ status: 'failed', advice: 'create the dataset my-project.shop' });
  expect(missing['batch job']).toMatchObject({ status: 'skipped' });
  const dataset = `${emulator.origin}/bigquery/v2/projects/my-project/datasets`;
  const headers = { authorization: 'Bearer any', 'content-type': 'application/json' };
  const body = JSON.stringify({ datasetReference: { datasetId: 'shop' } });
  await fetch(dataset, { method: 'POST', headers, body });
  expect(statuses(await findings(emulator.origin, true, 'bq://my-project.shop'))).toEqual([
    'write: ok',
    'read: ok',
    'jobs: ok',
    'batch job: ok',
    'delete: ok',
  ]);
  const left = (await (await fetch(`${dataset}/shop/tables`, { headers })).json()) as object;
  expect(left).toMatchObject({ totalItems: 0 });
  expect(emulator.stats().batch.jobs).toBe(1);
});

test('what is written is read and removed again, and no job is made unless one is asked for', async () => {
  const emulator = await startEmulator({});
  onTestFinished(() => emulator.close());
  expect(statuses(await findings(emulator.origin))).toEqual([
    'write: ok',
    'read: ok',
    'jobs: ok',
    'batch job: skipped',
    'delete: ok',
  ]);
  expect(emulator.stats().batch.jobs).toBe(0);
  expect(statuses(await findings(emulator.origin, true))).toContain('batch job: ok');
  expect(emulator.stats().batch.jobs).toBe(1);
});

test('a model that the location does not serve is told with what to try', async () => {
  const emulator = await startEmulator({ batch: { faults: [{ kind: 'wrong-location' }] } });
  onTestFinished(() => emulator.close());
  const found = await findings(emulator.origin, true);
  expect(found['batch job']).toMatchObject({
    status: 'failed',
    advice: 'us-central1 has no batch jobs of google/gemini-3.5-flash-lite: try another location, such as global',
  });
  expect(found['delete']).toMatchObject({ status: 'ok' });
});

test('a refusal names the role and where it is missing', async () => {
  const origin = await serve((_, response) => {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { code: 403, message: 'Permission denied.', status: 'PERMISSION_DENIED' } }));
  });
  const found = await findings(origin, true);
  expect(found['write']?.advice).toBe('the role is roles/storage.objectUser on gs://bucket');
  expect(found['jobs']?.advice).toBe('the role is roles/aiplatform.user on the project project');
  expect(statuses(found)).toEqual([
    'write: failed',
    'read: skipped',
    'delete: skipped',
    'jobs: failed',
    'batch job: skipped',
  ]);
});
