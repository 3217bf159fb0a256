import { createHash } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';
import { defineExtraction } from '../../src/extraction/define-extraction.ts';
import type { RunOptions } from '../../src/run/run-options.ts';
import { BatchRun, records, type receipt as texts } from './batch-run.ts';

let batch: BatchRun;
afterEach(() => batch.close());

const RECORDS = 30;
const mediaRoot = mkdtempSync(join(tmpdir(), 'gleaner-media-'));
/** Three pictures for all records. */
const pictures = [0, 1, 2].map((at) => Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.from([at])]));
for (const [at, bytes] of pictures.entries()) writeFileSync(join(mediaRoot, `${at}.png`), bytes);
const named = pictures.map((bytes) => `${createHash('sha256').update(bytes).digest('hex')}.png`);

const receipt = defineExtraction({
  name: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  schema: z.object({ total: z.number().nullable(), company: z.string() }),
  instructions: 'Extract the receipt.',
  prompt: (record: { id: string; text: string }) => [
    { type: 'text', text: record.text },
    { type: 'image_url', image_url: `${Number(record.id.slice(1)) % 3}.png` },
  ],
  id: 'id',
  request: { maxTokens: 500 },
} as never) as unknown as typeof texts;

async function objects(): Promise<string[]> {
  const { origin } = batch.emulator;
  const answer = await fetch(`${origin}/storage/v1/b/bucket/o`, { headers: { authorization: 'Bearer any' } });
  const { items = [] } = (await answer.json()) as { items?: { name: string }[] };
  return items.map(({ name }) => name);
}

const options: Omit<Partial<RunOptions>, 'input'> = { mediaRoot };

it('refuses files inside requests before anything is uploaded, and takes them where they may be put into Cloud Storage', async () => {
  batch = await BatchRun.start();
  const refused = await batch.command(records(RECORDS), {}, options, receipt);
  expect(refused).toMatchObject({ status: 'refused', exitCode: 2 });
  expect(refused.reason).toMatch(/^Cannot ask by batch jobs for records with files inside the request/);
  expect(await objects()).toEqual([]);

  const first = await batch.command(records(RECORDS), { uploadMedia: true }, options, receipt);
  expect(first).toMatchObject({ exitCode: 3, batch: { jobs: 1, lines: RECORDS } });
  const [begun] = batch.events;
  const run = begun?.event === 'begun' ? begun.run : '';
  // Each once, below the prefix, for this run; and no job has the bytes of one.
  const inFolder = named.map((name) => `night/gleaner-${run}-media/${name}`).toSorted();
  expect((await objects()).filter((name) => name.includes('-media/'))).toEqual(inFolder);
  batch.pass(200_000);
  const last = await batch.command(records(RECORDS), { uploadMedia: true }, options, receipt);
  expect(last).toMatchObject({ exitCode: 0, batch: { matched: RECORDS, unmatched: 0, missing: 0 } });
  expect(batch.results).toHaveLength(RECORDS);
  expect(batch.bill.online).toBe(0);

  // The record is the same record, whichever way its picture went.
  const fingerprints = new Map(batch.results.map(({ id, fingerprint }) => [id, fingerprint]));
  const online = await BatchRun.start();
  await online.command(records(RECORDS), { uploadMedia: true, onlineAfter: '0s' }, options, receipt);
  expect(new Map(online.results.map(({ id, fingerprint }) => [id, fingerprint]))).toEqual(fingerprints);
  await online.close();
});

it('refuses a run for its last record before the first is uploaded, and uploads what names its files where they lie', async () => {
  const late = (image: string): typeof texts =>
    defineExtraction({
      ...receipt,
      prompt: ({ id, text }: { id: string; text: string }) =>
        id === `r${RECORDS - 1}`
          ? [
              { type: 'text', text },
              { type: 'image_url', image_url: image },
            ]
          : text,
    } as never) as unknown as typeof texts;
  // More than one job, and a probe before them: all of that would be under way when the last record comes.
  const lane = { limits: { lines: 10, linesWithoutProbe: 5, probeLines: 3 } };
  batch = await BatchRun.start();
  for (const image of ['0.png', 'gs://elsewhere/without-extension']) {
    const refused = await batch.command(records(RECORDS), lane, options, late(image));
    expect(refused).toMatchObject({ status: 'refused', exitCode: 2, records: { rejected: 0, remaining: RECORDS } });
    expect(await objects()).toEqual([]);
    expect(batch.emulator.stats().batch.jobs).toBe(0);
  }
  const fine = await batch.command(records(RECORDS), { ...lane, wait: true }, options, late('gs://elsewhere/0.png'));
  expect(fine).toMatchObject({ exitCode: 0, batch: { jobs: 4, matched: RECORDS } });
});

it('takes what an earlier session has put there, and nothing else that stands in its place', async () => {
  batch = await BatchRun.start({ faults: [{ kind: 'missing-line', jobs: [1], share: 0.5 }] });
  const end = await batch.command(records(RECORDS), { uploadMedia: true, wait: true }, options, receipt);
  // The second job names the same files, and finds them.
  expect(end).toMatchObject({ exitCode: 0, batch: { jobs: 2, missing: 15 } });
  await batch.close();

  batch = await BatchRun.start({ faults: [{ kind: 'missing-line', jobs: [1], share: 0.5 }] });
  await batch.command(records(RECORDS), { uploadMedia: true }, options, receipt);
  const [path = ''] = (await objects()).filter((name) => name.includes('-media/'));
  await fetch(
    `${batch.emulator.origin}/upload/storage/v1/b/bucket/o?uploadType=media&name=${encodeURIComponent(path)}`,
    { method: 'POST', headers: { authorization: 'Bearer any' }, body: 'something else' },
  );
  batch.pass(200_000);
  const refused = await batch.command(records(RECORDS), { uploadMedia: true }, options, receipt);
  expect(refused).toMatchObject({ status: 'refused', exitCode: 2 });
  expect(refused.reason).toMatch(/^Cannot write gs:\/\/bucket\/night\/gleaner-.*: something else stands there/);
  // No job names a file that is not there.
  expect(batch.events.filter(({ event }) => event === 'creating')).toHaveLength(1);
});
