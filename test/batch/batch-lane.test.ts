import { appendFileSync, existsSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { BatchFault } from '../../src/emulator/index.ts';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import { BatchRun, receipt, records } from './batch-run.ts';

let batch: BatchRun;
afterEach(() => batch.close());

const RECORDS = 40;

/** Every record has ended once, and the ledger says what the service bills. */
function expectReconciled({ extracted = RECORDS } = {}): void {
  expect(batch.results.map(({ id }) => id).toSorted()).toEqual(
    Array.from({ length: extracted }, (_, at) => `r${at}`).toSorted(),
  );
  for (const { index, data } of batch.results) expect(data).toMatchObject({ total: index + 0.5 });
  const { ledger, bill } = batch;
  const tokens = (isBatch: boolean): number =>
    ledger.filter(({ via }) => (via === 'batch') === isBatch).reduce((sum, entry) => sum + entry.tokens.total, 0);
  expect({ batch: tokens(true), online: tokens(false) }).toEqual(bill);
  expect(new Set(ledger.map(({ call }) => call)).size).toBe(ledger.length);
  expect(existsSync(join(batch.out, 'batches'))).toBe(false);
}

it('submits and stops, and the same command collects and finishes, at half the price', async () => {
  batch = await BatchRun.start();
  const first = await batch.command(records(RECORDS));
  expect(first).toMatchObject({ status: 'stopped', exitCode: 3, records: { extracted: 0, remaining: RECORDS } });
  expect(first.reason).toBe('1 batch job with 40 records has not ended yet');
  // Too early: nothing new, and no second job.
  expect(await batch.command(records(RECORDS))).toMatchObject({ exitCode: 3, batch: { jobs: 1, open: 1 } });
  batch.pass(200_000);
  const last = await batch.command(records(RECORDS));
  expect(last).toMatchObject({
    status: 'finished',
    exitCode: 0,
    batch: { jobs: 1, open: 0, lines: RECORDS, matched: RECORDS },
  });
  expectReconciled();
  expect(batch.emulator.stats().requests).toBe(0);
  expect(batch.ledger[0]).toMatchObject({
    via: 'batch',
    round: 1,
    job: expect.stringContaining('batchPredictionJobs'),
    status: 200,
  });
  // Once more changes nothing.
  expect(await batch.command(records(RECORDS))).toMatchObject({
    status: 'finished',
    cost: last.cost,
    batch: last.batch,
  });

  const online = await BatchRun.start();
  const same = await online.command(records(RECORDS), { onlineAfter: '0s' });
  expect(same.batch).toBeUndefined();
  expect(online.results.map(({ id, data }) => [id, data]).toSorted()).toEqual(
    batch.results.map(({ id, data }) => [id, data]).toSorted(),
  );
  expect(last.cost.usd).toBeCloseTo((same.cost.usd ?? 0) / 2, 7);
  await online.close();
});

describe('whatever a job does wrong, every record ends once and every token is in the ledger', () => {
  it.each<{ faults: BatchFault[]; figures?: object; jobs?: number; online?: boolean }>([
    { faults: [{ kind: 'missing-line', jobs: [1] }], figures: { missing: 4 }, jobs: 2 },
    { faults: [{ kind: 'failed-line', jobs: [1] }], figures: { failed: 4, missing: 0 }, jobs: 2 },
    { faults: [{ kind: 'repeated-line' }], figures: { repeated: 4 } },
    { faults: [{ kind: 'foreign-line' }], figures: { unmatched: 1 } },
    { faults: [{ kind: 'torn-last-line' }] },
    { faults: [{ kind: 'key-dropped', share: 1 }], figures: { matched: RECORDS } },
    { faults: [{ kind: 'sharded-names' }] },
    { faults: [{ kind: 'incremental-file' }] },
    { faults: [{ kind: 'stats-empty' }] },
    { faults: [{ kind: 'stats-wrong' }] },
    { faults: [{ kind: 'no-traffic-type' }] },
    { faults: [{ kind: 'partially-succeeded' }] },
    { faults: [{ kind: 'failed-with-rows', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'failed-without-rows', jobs: [1] }], figures: { missing: 40 }, jobs: 2 },
    { faults: [{ kind: 'expired', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'cancelled-part', jobs: [1] }], figures: { missing: 20 }, jobs: 2 },
    { faults: [{ kind: 'lost-create-answer', jobs: [1] }] },
    { faults: [{ kind: 'doubled-create', jobs: [1] }], jobs: 2, figures: { doubled: 1 } },
    // What no job answers is asked for online in the end.
    { faults: [{ kind: 'missing-line', share: 0.5 }], jobs: 3, online: true },
  ])('$faults.0.kind', async ({ faults, figures = {}, jobs = 1, online = false }) => {
    batch = await BatchRun.start({ faults, breakEvery: 4 });
    const end = await batch.command(records(RECORDS), { wait: true });
    expect(end).toMatchObject({ status: 'finished', exitCode: 0, batch: { jobs, open: 0, ...figures } });
    expectReconciled();
    expect(batch.bill.online > 0).toBe(online);
  });
});

it('asks again online for answers that the schema refuses', async () => {
  batch = await BatchRun.start({}, { script: [{ contains: 'Shop 7', fault: 'schema-violation' }] });
  const end = await batch.command(records(RECORDS), { wait: true });
  expect(end).toMatchObject({ exitCode: 0, calls: { byKind: { first: RECORDS, 're-ask': 1 } } });
  expectReconciled();
  const of7 = batch.ledger.filter(({ id }) => id === 'r7');
  expect(of7.map(({ via, kind, outcome }) => [via, kind, outcome])).toEqual([
    ['batch', 'first', 'invalid'],
    [undefined, 're-ask', 'extracted'],
  ]);
  expect(batch.results.find(({ id }) => id === 'r7')).toMatchObject({ attempts: 2 });
});

it('asks the rest online when the deadline has passed, keeps what the job had done, and counts what was paid twice', async () => {
  batch = await BatchRun.start({ runMs: 4 * 3_600_000 });
  expect(await batch.command(records(RECORDS), { onlineAfter: '2h' })).toMatchObject({ exitCode: 3 });
  batch.pass(3_600_000);
  expect(await batch.command(records(RECORDS), { onlineAfter: '2h' })).toMatchObject({ exitCode: 3 });
  batch.pass(3_600_000);
  const end = await batch.command(records(RECORDS), { onlineAfter: '2h' });
  expect(end).toMatchObject({
    exitCode: 0,
    batch: { jobs: 1, open: 0, calls: { batch: 19, online: 21 }, paidTwice: 0 },
  });
  expectReconciled();
  expect(batch.events.map(({ event }) => event)).toEqual([
    'deadline',
    'begun',
    'planned',
    'uploaded',
    'creating',
    'created',
    'cancelling',
    'ended',
    'collected',
  ]);
});

it('does not wait without end for a job that does not stop, and counts what it still brings', async () => {
  batch = await BatchRun.start({ cancelMs: 3_600_000, runMs: 4 * 3_600_000 });
  await batch.command(records(RECORDS), { onlineAfter: '1h' });
  batch.pass(3_700_000);
  const end = await batch.command(records(RECORDS), { onlineAfter: '1h' });
  expect(end).toMatchObject({ exitCode: 3, records: { extracted: RECORDS, remaining: 0 }, batch: { open: 1 } });
  batch.pass(3_700_000);
  const last = await batch.command(records(RECORDS), { onlineAfter: '1h' });
  expect(last).toMatchObject({ exitCode: 0, batch: { open: 0 } });
  expect(last.batch?.paidTwice).toBeGreaterThan(0);
  expectReconciled();
});

it('leaves what it has submitted while the deadline passed, and does not wait for it', async () => {
  batch = await BatchRun.start({ queueMs: 48 * 3_600_000 });
  const slow = records(RECORDS);
  /** An input in whose middle an hour passes. */
  const input: typeof slow = {
    ...slow,
    open: async (signal) => {
      const rows = await slow.open(signal);
      return {
        ...rows,
        async *[Symbol.asyncIterator]() {
          for await (const row of rows) {
            if (row.index === 20 && batch.waitedMs === 0) batch.pass(3_600_000);
            yield row;
          }
        },
      };
    },
  };
  const end = await batch.command(input, { onlineAfter: '30m', wait: true });
  expect(end).toMatchObject({ exitCode: 0, batch: { jobs: 1, open: 0, calls: { batch: 0, online: RECORDS } } });
  expect(batch.waitedMs).toBeLessThan(2 * 3_600_000);
  expectReconciled();
});

it('tells a job to stop that a killed session had only written down to be told', async () => {
  batch = await BatchRun.start({ queueMs: 48 * 3_600_000 });
  expect(await batch.command(records(RECORDS), { onlineAfter: '1h' })).toMatchObject({ exitCode: 3 });
  batch.pass(2 * 3_600_000);
  // As it stands after a kill between the two.
  appendFileSync(
    join(batch.out, 'batches.jsonl'),
    `${JSON.stringify({ at: new Date().toISOString(), event: 'cancelling', shard: 1 })}\n`,
  );
  const end = await batch.command(records(RECORDS), { onlineAfter: '1h' });
  expect(end).toMatchObject({ exitCode: 0, batch: { open: 0, calls: { batch: 0, online: RECORDS } } });
  expect(batch.events.filter(({ event }) => event === 'cancelling' || event === 'left')).toHaveLength(1);
});

it('waits for jobs beyond a deadline that an earlier command had and this one has not', async () => {
  batch = await BatchRun.start({ queueMs: 5 * 3_600_000 });
  expect(await batch.command(records(RECORDS), { onlineAfter: '1h' })).toMatchObject({ exitCode: 3 });
  batch.pass(2 * 3_600_000);
  const end = await batch.command(records(RECORDS), { wait: true });
  expect(end).toMatchObject({ exitCode: 0, batch: { jobs: 1, calls: { batch: RECORDS, online: 0 } } });
});

it('cuts shards at lines and bytes, and where the money ends', async () => {
  batch = await BatchRun.start();
  const limits = { lines: 15 };
  expect(await batch.command(records(RECORDS), { limits })).toMatchObject({
    exitCode: 3,
    batch: { jobs: 3, lines: RECORDS },
  });
  expect(batch.events.flatMap((event) => (event.event === 'planned' ? [event.lines] : []))).toEqual([15, 15, 10]);
  await batch.close();

  batch = await BatchRun.start();
  const one = await batch.command(records(RECORDS), { limits: { bytes: 3000 }, wait: true });
  expect(one.exitCode).toBe(0);
  for (const event of batch.events) if (event.event === 'planned') expect(event.bytes).toBeLessThanOrEqual(3000);
  const most = batch.events
    .flatMap((event) => (event.event === 'planned' ? [event.mayCost.tokens] : []))
    .reduce((sum, tokens) => sum + tokens, 0);
  await batch.close();

  batch = await BatchRun.start();
  const capped = await batch.command(records(RECORDS), {}, { maxTotalTokens: Math.round(most / 2) });
  expect(capped).toMatchObject({ exitCode: 3 });
  const [planned] = batch.events.flatMap((event) => (event.event === 'planned' ? [event] : []));
  expect(planned?.lines).toBeLessThan(RECORDS * 0.6);
  expect(planned?.mayCost.tokens).toBeLessThanOrEqual(most / 2);
  // What the job did not use pays for the next, until it is used up.
  const end = await batch.command(records(RECORDS), { wait: true }, { maxTotalTokens: Math.round(most / 2) });
  expect(end.limits.counted.totalTokens).toBeLessThanOrEqual(most / 2);
  expect([0, 4]).toContain(end.exitCode);
  expect(end.batch?.jobs).toBeGreaterThan(1);
});

it('sends a few lines ahead of many, and stops where their answers do not obey the schema', async () => {
  const limits = { linesWithoutProbe: 30, probeLines: 5 };
  batch = await BatchRun.start();
  expect(await batch.command(records(RECORDS), { limits })).toMatchObject({ exitCode: 3, batch: { lines: 5 } });
  batch.pass(200_000);
  expect(await batch.command(records(RECORDS), { limits })).toMatchObject({
    exitCode: 3,
    batch: { jobs: 2, lines: RECORDS },
  });
  batch.pass(200_000);
  expect(await batch.command(records(RECORDS), { limits })).toMatchObject({ exitCode: 0 });
  expectReconciled();
  await batch.close();

  batch = await BatchRun.start({ faults: [{ kind: 'degenerate-json-schema' }] });
  const refused = await batch.command(records(RECORDS), { limits, wait: true, schemaField: 'responseJsonSchema' });
  expect(refused).toMatchObject({ status: 'refused', exitCode: 2, batch: { jobs: 1, lines: 5 } });
  expect(refused.reason).toMatch(/^of the 5 answers of the probe job 5 do not obey the schema/);
  // The field by which it is asked for makes the difference; those of the probe were asked again online.
  expect(await batch.command(records(RECORDS), { limits, wait: true, probe: false })).toMatchObject({ exitCode: 0 });
});

it('stops where a job failed for something that is to be mended, and goes on when it is', async () => {
  batch = await BatchRun.start({ faults: [{ kind: 'service-agent', jobs: [1] }] });
  const refused = await batch.command(records(RECORDS), { wait: true });
  expect(refused).toMatchObject({ status: 'refused', exitCode: 2 });
  expect(refused.reason).toMatch(
    /failed: The service agent .* does not have storage\.objects\.get access to the input file \(code 7\)$/,
  );
  expect(await batch.command(records(RECORDS), { wait: true })).toMatchObject({ exitCode: 0 });
  expectReconciled();
  await batch.close();

  batch = await BatchRun.start({ faults: [{ kind: 'wrong-location', jobs: [1] }] });
  expect(await batch.command(records(RECORDS), { wait: true })).toMatchObject({
    exitCode: 2,
    reason: expect.stringMatching(/HTTP 404 NOT_FOUND: Publisher Model/),
  });
  expect(await batch.command(records(RECORDS), { wait: true })).toMatchObject({ exitCode: 0 });
  expectReconciled();
});

it('is refused before anything is uploaded where jobs cannot do it', async () => {
  batch = await BatchRun.start();
  const of = (parts: object): typeof receipt =>
    defineExtraction({ ...receiptParts, ...parts } as never) as unknown as typeof receipt;
  const receiptParts = {
    name: 'r',
    model: 'google/gemini-3.5-flash-lite',
    schema: z.object({ total: z.number() }),
    instructions: 'i',
    prompt: '{{text}}',
  };
  const refusal = (parts: object, input = records(1)): Promise<string> =>
    batch.command(input, {}, {}, of(parts)).then(
      () => 'was run',
      (error: Error) => error.message,
    );
  expect(await refusal({ stream: true })).toMatch(/by batch jobs: their answers come whole/);
  expect(await refusal({ request: { cachedContent: 'projects/p/locations/l/cachedContents/1' } })).toMatch(
    /take no "cachedContent"/,
  );
  expect(await refusal({ request: { extraBody: { top_k: 1 } } })).toMatch(/no place for "extraBody"/);
  expect(await refusal({ model: 'meta/llama-4-maas' })).toMatch(/for Google's models/);
  expect(await refusal({ schema: z.object({ prices: z.record(z.string(), z.number()) }) })).toMatch(
    /prices by the native API: its keys are free/,
  );
  expect(await refusal({}, { ...records(1), canReopen: false })).toMatch(/this one can be read once only/);
  const media = { prompt: () => [{ type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } }] };
  expect(await batch.command(records(1), {}, {}, of(media))).toMatchObject({
    exitCode: 2,
    reason: expect.stringMatching(/name them by gs:\/\/ addresses in the prompt, or have them uploaded$/),
  });
  const { origin } = batch.emulator;
  const listed = await fetch(`${origin}/storage/v1/b/bucket/o`, { headers: { authorization: 'Bearer any' } });
  expect(await listed.json()).toEqual({ kind: 'storage#objects' });
  expect(batch.emulator.stats().batch.jobs).toBe(0);
});

it('does not take answers to another question when changes are accepted while a job is open', async () => {
  batch = await BatchRun.start();
  await batch.command(records(RECORDS));
  const changed = defineExtraction({
    ...receipt,
    instructions: 'Extract the receipt, in dollars.',
  } as never) as unknown as typeof receipt;
  const next = await batch.command(records(RECORDS), {}, { acceptChanges: true }, changed);
  expect(next).toMatchObject({ exitCode: 3, batch: { jobs: 2, open: 2 } });
  batch.pass(200_000);
  expect(await batch.command(records(RECORDS), {}, {}, changed)).toMatchObject({ exitCode: 0, batch: { open: 0 } });
  expectReconciled();
  expect(batch.results).toHaveLength(RECORDS);
});

it('looks for answers where the lines were put, and asks nothing again where another place is named', async () => {
  batch = await BatchRun.start();
  expect(await batch.command(records(RECORDS))).toMatchObject({ exitCode: 3 });
  batch.pass(200_000);
  const elsewhere = await batch.command(records(RECORDS), { target: 'gs://other/night' });
  expect(elsewhere).toMatchObject({ status: 'refused', exitCode: 2 });
  expect(elsewhere.reason).toMatch(/^Cannot go on with .* in gs:\/\/other: .* are in gs:\/\/bucket; /);
  // Below another prefix of it they are found.
  const finished = await batch.command(records(RECORDS), { target: 'gs://bucket/day' });
  expect(finished).toMatchObject({ status: 'finished', batch: { jobs: 1, matched: RECORDS } });
  expectReconciled();
});

it('goes on where this account may not cancel: it says so once, and what the job answers is paid for', async () => {
  batch = await BatchRun.start({ queueMs: 48 * 3_600_000 });
  const origin = await withoutCancelling(batch.emulator.origin);
  const lane = { emulator: origin, onlineAfter: '1h' };
  expect(await batch.command(records(RECORDS), lane)).toMatchObject({ exitCode: 3 });
  batch.pass(2 * 3_600_000);
  const notices: string[] = [];
  const onNotice = (notice: string): void => void notices.push(notice);
  const end = await batch.command(records(RECORDS), lane, { onNotice });
  expect(end).toMatchObject({ exitCode: 3, records: { extracted: RECORDS }, batch: { open: 1 } });
  expect(notices.filter((notice) => notice.includes('HTTP 403'))).toEqual([
    expect.stringMatching(/^Cannot cancel the batch job .* Until then it goes on, and what it answers is paid for$/),
  ]);
  // A later command is not held up by it either, and takes the rest into the ledger.
  batch.pass(72 * 3_600_000);
  expect(await batch.command(records(RECORDS), lane)).toMatchObject({ exitCode: 0, batch: { open: 0 } });
  expectReconciled();
});

/** The emulator, for an account that may not cancel jobs. */
async function withoutCancelling(origin: string): Promise<string> {
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (request.url?.endsWith(':cancel') === true) {
        response.writeHead(403, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { code: 403, status: 'PERMISSION_DENIED', message: 'Denied.' } }));
        return;
      }
      const { host, authorization = '', 'content-type': type, 'content-range': range } = request.headers;
      const headers = {
        authorization,
        ...(type === undefined ? {} : { 'content-type': type }),
        ...(range === undefined ? {} : { 'content-range': range }),
      };
      const answer = await fetch(`${origin}${request.url}`, {
        method: request.method ?? 'GET',
        headers,
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      });
      const location = answer.headers.get('location')?.replace(origin, `http://${host}`);
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'application/json',
        ...(location === undefined ? {} : { location }),
      });
      response.end(Buffer.from(await answer.arrayBuffer()));
    })();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
