import { afterEach, expect, it } from 'vitest';
import type { EmulatorOptions } from '../../src/emulator/index.ts';
import { BatchRun, records } from './batch-run.ts';

let batch: BatchRun;
afterEach(() => batch.close());

const RECORDS = 40;
const TWO = { maxReasks: 2 };
/** Answers to these break the schema so many times. */
const broken = (...shops: readonly number[]): EmulatorOptions => ({
  script: shops.map((shop) => ({ contains: `Shop ${shop}\n`, fault: 'schema-violation' as const })),
});

function expectReconciled(): void {
  expect(batch.results.map(({ id }) => id).toSorted()).toEqual(
    Array.from({ length: RECORDS }, (_, at) => `r${at}`).toSorted(),
  );
  for (const { index, data } of batch.results) expect(data).toMatchObject({ total: index + 0.5 });
  const { ledger, bill } = batch;
  const tokens = (isBatch: boolean): number =>
    ledger.filter(({ via }) => (via === 'batch') === isBatch).reduce((sum, entry) => sum + entry.tokens.total, 0);
  expect({ batch: tokens(true), online: tokens(false) }).toEqual(bill);
}

const waysOf = (id: string) =>
  batch.ledger
    .filter((entry) => entry.id === id)
    .map(({ via, kind, round, outcome }) => [via, kind, round, outcome] as const);

it('sends invalid answers back in a next round of jobs, at half price, and pays for no answer twice', async () => {
  batch = await BatchRun.start({}, broken(7, 12, 7));
  const lane = { reasks: true };
  expect(await batch.command(records(RECORDS), lane, TWO)).toMatchObject({ exitCode: 3, batch: { jobs: 1 } });
  batch.pass(200_000);
  // Two records are asked again, by one job; the next session has their answers from the run directory.
  expect(await batch.command(records(RECORDS), lane, TWO)).toMatchObject({
    exitCode: 3,
    reason: '1 batch job with 2 records has not ended yet',
    records: { extracted: RECORDS - 2, remaining: 2 },
    batch: { jobs: 2, open: 1 },
  });
  expect(await batch.command(records(RECORDS), lane, TWO)).toMatchObject({ exitCode: 3, batch: { jobs: 2 } });
  batch.pass(200_000);
  expect(await batch.command(records(RECORDS), lane, TWO)).toMatchObject({ exitCode: 3, batch: { jobs: 3, open: 1 } });
  batch.pass(200_000);
  const end = await batch.command(records(RECORDS), lane, TWO);
  expect(end).toMatchObject({
    status: 'finished',
    exitCode: 0,
    calls: { byKind: { first: RECORDS, 're-ask': 3 } },
    batch: { jobs: 3, open: 0, matched: RECORDS + 3, unmatched: 0, missing: 0, calls: { online: 0 } },
  });
  expectReconciled();
  expect(waysOf('r7')).toEqual([
    ['batch', 'first', 1, 'invalid'],
    ['batch', 're-ask', 2, 'invalid'],
    ['batch', 're-ask', 3, 'extracted'],
  ]);
  expect(batch.results.find(({ id }) => id === 'r7')).toMatchObject({ attempts: 3 });
  expect(batch.bill.online).toBe(0);
  expect(batch.emulator.stats().requests).toBe(0);
  expect(end.cost.usd).toBe(end.batch?.usd.batch);
});

it('goes through all rounds in one session that waits', async () => {
  batch = await BatchRun.start({}, broken(1, 2, 3, 2));
  expect(await batch.command(records(RECORDS), { reasks: true, wait: true }, TWO)).toMatchObject({
    exitCode: 0,
    batch: { jobs: 3, calls: { online: 0 } },
  });
  expectReconciled();
});

it('sends answers back online when the deadline has passed, without asking the first question again', async () => {
  batch = await BatchRun.start({}, broken(5));
  const lane = { reasks: true, onlineAfter: '1h' };
  await batch.command(records(RECORDS), lane, TWO);
  batch.pass(200_000);
  await batch.command(records(RECORDS), lane, TWO);
  batch.pass(3_600_000);
  await batch.command(records(RECORDS), { ...lane, onlineAfter: '1h' });
  expectReconciled();
  expect(batch.ledger.filter(({ id, kind }) => id === 'r5' && kind === 'first')).toHaveLength(1);
});

it('a run that goes on without jobs has the answers that were paid for', async () => {
  batch = await BatchRun.start({}, broken(5));
  await batch.command(records(RECORDS), { reasks: true });
  batch.pass(200_000);
  await batch.command(records(RECORDS), { reasks: true });
  const end = await batch.command(records(RECORDS), { onlineAfter: '0s' });
  expect(end.exitCode).toBe(0);
  expect(waysOf('r5').filter(([, kind]) => kind === 'first')).toHaveLength(1);
  expectReconciled();
});

it.each([
  { kind: 'missing-line', jobs: [2] },
  { kind: 'failed-line', jobs: [2] },
  { kind: 'key-dropped', jobs: [1, 2], share: 1 },
  { kind: 'repeated-line', jobs: [1, 2], share: 1 },
  { kind: 'failed-with-rows', jobs: [2] },
  { kind: 'expired', jobs: [2] },
  { kind: 'lost-create-answer', jobs: [2] },
  { kind: 'doubled-create', jobs: [2] },
  { kind: 'foreign-line', jobs: [2] },
  { kind: 'missing-line', share: 1, jobs: [2, 3, 4, 5, 6] },
] as const)('a next round with the fault $kind ends every record once', async (fault) => {
  batch = await BatchRun.start({ faults: [fault], breakEvery: 5 }, broken(1, 4, 9, 16, 25, 36, 16));
  const end = await batch.command(records(RECORDS), { reasks: true, wait: true }, TWO);
  expect(end).toMatchObject({ exitCode: 0, batch: { open: 0 } });
  expectReconciled();
  // What no job answers is asked online in the end.
  expect((end.batch?.calls.online ?? 0) > 0).toBe('share' in fault && fault.kind === 'missing-line');
});
