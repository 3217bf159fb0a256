import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { onTestFinished, expect, test, vi } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import { Prices } from '../../../src/accounting/prices.ts';
import type { UsageReport } from '../../../src/accounting/usage-report.ts';
import { zeroUsage } from '../../../src/completion/usage.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { finishRun } from '../../../src/run/session/finish-run.ts';
import { openRun } from '../../../src/run/session/open-run.ts';
import { RunJournal } from '../../../src/run/session/run-journal.ts';
import type { SessionEnd } from '../../../src/run/session/run-session.ts';
import type { AttemptEntry } from '../../../src/store/entries.ts';
import type { Manifest } from '../../../src/store/manifest.ts';
import { RunDirectory } from '../../../src/store/run-directory.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

const model = 'google/gemini-3.5-flash-lite';
const tokens = { ...zeroUsage, prompt: 1000, completion: 100, total: 1100 };
const finished: SessionEnd = { status: 'finished', reason: undefined, unfinished: 0 };

interface OneSession {
  directory: RunDirectory;
  journal: RunJournal;
  /** Makes a call for record number `index`, and ends it so. */
  call(index: number, status: 'extracted' | 'rejected'): Promise<void>;
  finish(ended?: SessionEnd): UsageReport;
  close(): void;
}

/** A session over a real directory, from its opening to its reports, with calls that the test makes. */
async function session(path: string): Promise<OneSession> {
  const directory = await RunDirectory.open(path);
  let isOpen = true;
  const close = (): void => {
    if (isOpen) directory.close();
    isOpen = false;
  };
  onTestFinished(close);
  const prices = new Prices({ model });
  const budget = new Budget({ prices, maxTokens: 100_000 });
  const identity: Manifest['identity'] = { extraction: 'receipt' };
  const options = {
    directory,
    budget,
    prices,
    model,
    identity,
    settings: () => ({}),
    outputSchema: {},
    onNotice: undefined,
  };
  const opened = openRun(options);
  const { recovered, tally, aggregates, manifest } = opened;
  const journal = new RunJournal({
    directory,
    tally,
    aggregates,
    answers: undefined,
    nextCall: recovered.nextCall,
    extracted: recovered.extracted,
    reused: recovered.reused,
    rejected: recovered.rejected,
    emit: undefined,
    onFirstEntry: () => manifest.begin(),
    onAnswer: () => undefined,
  });
  return {
    directory,
    journal,
    async call(index, status) {
      const about = { id: `r${index}`, index, attempt: 1, kind: 'first', at: '2026-11-27T22:00:00.000Z' } as const;
      const { ordinal: call, isNoted } = journal.open(about);
      await isNoted;
      const attempt: AttemptEntry = {
        ...about,
        call,
        status: 200,
        outcome: status === 'extracted' ? status : 'invalid',
        tokens,
        model,
      };
      journal.settle(attempt, outcomeOf(index, status));
      budget.addEarlier(attempt);
    },
    finish: (ended = finished) =>
      finishRun({
        ...opened,
        directory,
        journal,
        answers: undefined,
        extraction: 'receipt',
        model,
        limits: { totalTokens: 100_000, costUsd: null, maxRejectRate: 0, minRecords: 1 },
        budget,
        prices,
        cache: undefined,
        ended,
        end: ended,
        rest: 0,
      }),
    close,
  };
}

function outcomeOf(index: number, status: 'extracted' | 'rejected'): Outcome {
  const base = { recordId: `r${index}`, index, attempts: 1, usage: tokens, fingerprint: `f${index}` };
  return status === 'extracted'
    ? { ...base, status, data: { total: 1 }, json: { total: 1 }, isReused: false }
    : { ...base, status, record: { text: 'x' }, reason: { code: 'invalid_json', message: 'No total' } };
}

const read = (directory: RunDirectory, name: 'usage' | 'manifest' | 'profile' | 'report'): string =>
  readFileSync(directory.file(name), 'utf8');

test('the reports add up to the ledger, and the manifest names the session and its end', async () => {
  const run = await session(temporaryDirectory());
  await run.call(0, 'extracted');
  await run.call(1, 'rejected');
  const usage = run.finish();
  expect(usage).toMatchObject({
    status: 'finished',
    exitCode: 1,
    records: { read: 2, extracted: 1, rejected: 1, remaining: 0 },
    calls: { sent: 2, billed: 2 },
    tokens: { total: 2200, wasted: 1100 },
    limits: { counted: { totalTokens: 2200, costUsd: null } },
  });
  expect(JSON.parse(read(run.directory, 'usage'))).toEqual(usage);
  expect(JSON.parse(read(run.directory, 'profile'))).toMatchObject({ results: 1, fields: { total: {} } });
  expect(JSON.parse(read(run.directory, 'manifest'))).toMatchObject({
    status: 'finished',
    sessions: [{ status: 'finished' }],
  });
  expect(read(run.directory, 'report')).toContain('invalid_json');
});

test('a second session counts what the first one did, and keeps its ordinals', async () => {
  const path = temporaryDirectory();
  const first = await session(path);
  await first.call(0, 'extracted');
  await first.call(1, 'extracted');
  first.finish({ status: 'stopped', unfinished: 1, reason: 'The network went away' });
  first.close();
  const second = await session(path);
  expect(second.journal.extracted).toBe(2);
  await second.call(2, 'extracted');
  expect(second.finish()).toMatchObject({
    exitCode: 0,
    records: { extracted: 3 },
    calls: { sent: 3 },
    tokens: { total: 3300 },
  });
  const lines = readFileSync(second.directory.file('attempts'), 'utf8').trim().split('\n');
  expect(lines.map((line) => (JSON.parse(line) as AttemptEntry).call)).toEqual([1, 2, 3]);
  const { sessions } = JSON.parse(read(second.directory, 'manifest')) as Manifest;
  expect(sessions.map(({ status, reason }) => [status, reason])).toEqual([
    ['stopped', 'The network went away'],
    ['finished', undefined],
  ]);
});

test('to confirm a finished run changes nothing on file, but for reports that were lost or are not what the ledger says', async () => {
  const path = temporaryDirectory();
  const first = await session(path);
  await first.call(0, 'extracted');
  const usage = first.finish();
  first.close();
  const before = statSync(first.directory.file('report')).ino;

  const confirmed = await session(path);
  expect(confirmed.finish()).toEqual(usage);
  expect(statSync(confirmed.directory.file('report')).ino).toBe(before);
  confirmed.close();

  for (const harm of [
    () => rmSync(first.directory.file('report')),
    () => writeFileSync(first.directory.file('usage'), '{"status":"running"}\n'),
  ]) {
    harm();
    const mending = await session(path);
    expect(mending.finish()).toEqual(usage);
    mending.close();
    expect(JSON.parse(read(first.directory, 'usage'))).toEqual(usage);
    expect(read(first.directory, 'report')).toContain('receipt');
    expect((JSON.parse(read(first.directory, 'manifest')) as Manifest).sessions).toHaveLength(1);
  }
});

test('a finished run to which something is added has another session, and says running until that ends', async () => {
  const path = temporaryDirectory();
  const first = await session(path);
  await first.call(0, 'extracted');
  first.finish();
  first.close();
  const second = await session(path);
  await second.call(1, 'extracted');
  expect((JSON.parse(read(second.directory, 'manifest')) as Manifest).status).toBe('running');
  second.finish();
  expect((JSON.parse(read(second.directory, 'manifest')) as Manifest).sessions).toHaveLength(2);
});

test('the time of a session is measured by a clock that nobody sets', async () => {
  vi.useFakeTimers({ now: Date.parse('2026-10-25T02:59:00Z'), toFake: ['Date', 'performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const path = temporaryDirectory();
  const first = await session(path);
  await first.call(0, 'extracted');
  vi.advanceTimersByTime(90_000);
  vi.setSystemTime(Date.parse('2026-10-25T02:00:30Z'));
  expect(first.finish({ ...finished, status: 'stopped' }).wallMs).toBe(90_000);
  first.close();

  const second = await session(path);
  await second.call(1, 'extracted');
  vi.advanceTimersByTime(30_000);
  vi.setSystemTime(Date.parse('2026-10-25T09:00:00Z'));
  const usage = second.finish();
  expect(usage.wallMs).toBe(120_000);
  const { sessions } = JSON.parse(read(second.directory, 'manifest')) as Manifest;
  expect(sessions.map(({ wallMs }) => wallMs)).toEqual([90_000, 30_000]);
});
