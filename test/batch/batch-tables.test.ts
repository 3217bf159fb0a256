import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BatchFault, BigQueryFault } from '../../src/emulator/index.ts';
import { BatchRun, receipt, records } from './batch-run.ts';

const RECORDS = 40;
const PLACE = { target: 'bq://my-project.shop.night' };

let batch: BatchRun;
afterEach(() => batch.close());

async function start(faults: BatchFault[] = [], tables: BigQueryFault[] = []): Promise<void> {
  batch = await BatchRun.start({ faults }, { bigQuery: { faults: tables, pageRows: 7 } });
  await call('POST', 'datasets', { datasetReference: { datasetId: 'shop' }, location: 'EU' });
}

async function call(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${batch.emulator.origin}/bigquery/v2/projects/my-project/${path}`, {
    method,
    headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return (await answer.json()) as Record<string, unknown>;
}

async function tables(): Promise<string[]> {
  const { tables: found = [] } = await call('GET', 'datasets/shop/tables');
  return (found as { id: string }[]).map(({ id }) => id);
}

/** Every record has ended once, with what stands in it, and the ledger says what the service bills. */
function expectReconciled(): void {
  expect(batch.results.map(({ id }) => id).toSorted()).toEqual(
    Array.from({ length: RECORDS }, (_, at) => `r${at}`).toSorted(),
  );
  for (const { index, data } of batch.results) expect(data).toMatchObject({ total: index + 0.5 });
  const tokens = (isBatch: boolean): number =>
    batch.ledger.filter(({ via }) => (via === 'batch') === isBatch).reduce((sum, entry) => sum + entry.tokens.total, 0);
  expect({ batch: tokens(true), online: tokens(false) }).toEqual(batch.bill);
}

it('puts lines into one table and reads answers from another, and comes to what Cloud Storage comes to', async () => {
  await start();
  expect(await batch.command(records(RECORDS), PLACE)).toMatchObject({ exitCode: 3, records: { remaining: RECORDS } });
  expect(await tables()).toEqual([expect.stringMatching(/^my-project:shop\.night_gleaner_[0-9a-f]{8}_0001_r1_lines$/)]);
  batch.pass(200_000);
  const summary = await batch.command(records(RECORDS), PLACE);
  expect(summary).toMatchObject({ status: 'finished', batch: { jobs: 1, lines: RECORDS, matched: RECORDS } });
  expectReconciled();
  expect(await tables()).toEqual([expect.stringMatching(/_lines$/), expect.stringMatching(/_answers$/)]);
  // What was answered is read once, and a finished run reads nothing.
  const { queries } = batch.emulator.stats().bigQuery;
  await batch.command(records(RECORDS), PLACE);
  expect([queries, batch.emulator.stats().bigQuery.queries]).toEqual([1, 1]);

  const files = await BatchRun.start();
  const same = await files.command(records(RECORDS), { wait: true });
  expect(files.results.map(({ id, data }) => [id, data]).toSorted()).toEqual(
    batch.results.map(({ id, data }) => [id, data]).toSorted(),
  );
  expect(summary.cost).toEqual(same.cost);
  await files.close();
});

describe('whatever a job does wrong, every record ends once and every token is in the ledger', () => {
  it.each<{ faults: BatchFault[]; figures?: object; jobs?: number }>([
    { faults: [{ kind: 'text-columns' }] },
    { faults: [{ kind: 'missing-line', jobs: [1] }], figures: { missing: 4 }, jobs: 2 },
    { faults: [{ kind: 'failed-line', jobs: [1] }], figures: { failed: 4 }, jobs: 2 },
    { faults: [{ kind: 'repeated-line' }], figures: { repeated: 4 } },
    { faults: [{ kind: 'foreign-line' }], figures: { unmatched: 1 } },
    { faults: [{ kind: 'key-dropped', share: 1 }], figures: { matched: RECORDS } },
    { faults: [{ kind: 'stats-wrong' }] },
    { faults: [{ kind: 'partially-succeeded' }] },
    { faults: [{ kind: 'failed-with-rows', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'failed-without-rows', jobs: [1] }], figures: { missing: RECORDS }, jobs: 2 },
    { faults: [{ kind: 'expired', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'cancelled-part', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'lost-create-answer', jobs: [1] }] },
    { faults: [{ kind: 'doubled-create', jobs: [1] }], jobs: 2 },
  ])('$faults.0.kind', async ({ faults, figures = {}, jobs = 1 }) => {
    await start(faults);
    const summary = await batch.command(records(RECORDS), { ...PLACE, wait: true });
    expect(summary).toMatchObject({ status: 'finished', batch: { jobs, open: 0, ...figures } });
    expectReconciled();
  });
});

describe('whatever BigQuery does wrong, lines arrive once and answers are read whole', () => {
  it.each<BigQueryFault>([
    { kind: 'unavailable', times: [2, 4, 6, 8] },
    { kind: 'rate-limited', times: [2, 4] },
    { kind: 'lost-insert-answer', times: [1] },
    { kind: 'lost-insert-answer', times: [2] },
    { kind: 'job-backend-error', times: [1, 2] },
    { kind: 'slow-query' },
    { kind: 'broken-page', times: [2] },
    { kind: 'results-expired', times: [1] },
  ])('$kind $times', async (fault) => {
    await start([], [fault]);
    const summary = await batch.command(records(RECORDS), { ...PLACE, wait: true });
    expect(summary).toMatchObject({ status: 'finished', batch: { jobs: 1, matched: RECORDS } });
    expectReconciled();
  });

  it('begins its reading again where rows are gone in the middle of it, as nothing puts them in order', async () => {
    await start([], [{ kind: 'results-expired', times: [3] }]);
    const stopped = await batch.command(records(RECORDS), { ...PLACE, wait: true });
    expect(stopped).toMatchObject({ records: { extracted: 0 } });
    expect(await batch.command(records(RECORDS), PLACE)).toMatchObject({ status: 'finished' });
    expectReconciled();
  });
});

it('cancels at a deadline, keeps the rows that are there and asks the rest online', async () => {
  await start();
  expect(await batch.command(records(RECORDS), PLACE)).toMatchObject({ exitCode: 3 });
  batch.pass(90_000);
  const summary = await batch.command(records(RECORDS), { ...PLACE, onlineAfter: '0s' });
  expect(summary).toMatchObject({ status: 'finished' });
  expect(batch.bill.batch).toBeGreaterThan(0);
  expect(batch.bill.online).toBeGreaterThan(0);
  expectReconciled();
});

it('reads the table that two jobs of one create call were given once', async () => {
  await start([{ kind: 'doubled-create', jobs: [1] }]);
  await batch.command(records(RECORDS), PLACE);
  // Nobody looks before both have ended.
  batch.pass(200_000);
  const summary = await batch.command(records(RECORDS), PLACE);
  expect(summary).toMatchObject({ status: 'finished', batch: { jobs: 2, matched: RECORDS, paidTwice: 0 } });
  expectReconciled();
});

describe('refused before a line is sent', () => {
  beforeEach(() => start());

  it.each([
    ['bq://my-project', 'it must name a project and a dataset'],
    ['bq://my-project.shop.a.b', 'it must name a project and a dataset'],
    ['bq://My.shop', 'it must name a project and a dataset'],
  ])('%s', async (target, why) => {
    await expect(batch.command(records(1), { target })).rejects.toThrow(why);
  });

  it('a dataset that is not there', async () => {
    const summary = await batch.command(records(3), { target: 'bq://my-project.nowhere' });
    expect(summary).toMatchObject({ status: 'refused', exitCode: 2 });
    expect(summary.reason).toContain('Cannot look at the dataset my-project.nowhere: HTTP 404');
  });

  it('files of requests, as a table holds none', async () => {
    await expect(batch.command(records(1), { ...PLACE, uploadMedia: true }, {}, receipt)).rejects.toThrow(
      'a table holds none',
    );
  });

  it('open jobs whose lines are in Cloud Storage', async () => {
    await batch.command(records(3));
    const summary = await batch.command(records(3), PLACE);
    expect(summary).toMatchObject({ status: 'refused', exitCode: 2 });
    expect(summary.reason).toContain('are in gs://bucket');
  });
});
