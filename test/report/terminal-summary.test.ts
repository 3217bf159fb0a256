import { join } from 'node:path';
import { expect, test } from 'vitest';
import { terminalSummary, type SummaryOptions } from '../../src/report/terminal-summary.ts';
import type { UsageReport } from '../../src/accounting/usage-report.ts';

const nothing: UsageReport = {
  status: 'finished',
  reason: null,
  exitCode: 0,
  extraction: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  startedAt: '2026-11-23T10:00:00.000Z',
  endedAt: '2026-11-23T10:00:00.012Z',
  wallMs: 12,
  records: { read: 0, extracted: 0, rejected: 0, reused: 0, remaining: 0 },
  limits: {
    totalTokens: null,
    costUsd: null,
    counted: { totalTokens: 0, costUsd: 0 },
    rejectRate: 0,
    minRecords: 1,
  },
  cache: null,
  prices: [],
  rejectsByCode: {},
  calls: { sent: 0, billed: 0, unmetered: 0, unsettled: 0, repaired: 0, coerced: {}, byStatus: {}, byKind: {} },
  tokens: { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0, wasted: 0 },
  byTrafficType: {},
  byModel: {},
  cost: { usd: 0, isLowerBound: false, wastedUsd: 0, unpricedModels: [] },
  latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
};

const much: UsageReport = {
  ...nothing,
  wallMs: 245_000,
  records: { read: 1600, extracted: 1500, rejected: 100, reused: 20, remaining: 3 },
  rejectsByCode: { bad_record: 60, truncated: 40 },
  calls: {
    sent: 1800,
    billed: 1650,
    unmetered: 0,
    unsettled: 2,
    repaired: 3,
    coerced: {},
    byStatus: { 200: 1650, 429: 148, unsettled: 2 },
    byKind: { first: 1500, retry: 150, 're-ask': 150 },
  },
  tokens: { prompt: 900_000, cached: 1000, completion: 90_000, reasoning: 10_000, total: 1_000_000, wasted: 50_000 },
  byTrafficType: { ON_DEMAND: { calls: 1650, tokens: nothing.tokens } },
  cost: { usd: 1.25, isLowerBound: false, wastedUsd: 0.0625, unpricedModels: [] },
  latencyMs: { p50: 800, p90: 1200, p99: 4000, max: 9000 },
};

test('terminalSummary of a run over an empty input says no more than there is', () => {
  expect(terminalSummary(nothing, 'runs/first').split('\n')).toEqual([
    'receipt: finished',
    '  records     0 extracted, 0 rejected',
    '  calls       0 sent, 0 billed',
    '  tokens      0 total, 0 prompt, 0 completion',
    '  time        12 ms',
    '  written to  runs/first',
  ]);
});

test('terminalSummary of a full run says all', () => {
  expect(terminalSummary(much, 'runs/first').split('\n')).toEqual([
    'receipt: finished',
    '  records     1,500 extracted, 100 rejected (bad_record 60, truncated 40), 20 reused, 3 remaining',
    '  calls       1,800 sent, 1,650 billed, 150 retries, 150 re-asks, 2 unsettled, 3 answers mended',
    '  by status   200 1,650, 429 148, unsettled 2',
    '  tokens      1,000,000 total, 900,000 prompt, 1,000 of it cached, 90,000 completion, 10,000 reasoning, 50,000 wasted',
    '  traffic     ON_DEMAND 1,650',
    '  cost        $1.25, of it $0.0625 wasted',
    '  time        4 min 05 s, 6.5 records/s',
    '  latency     p50 800 ms, p90 1200 ms, p99 4000 ms, max 9000 ms',
    '  written to  runs/first',
    `  rejects     see ${join('runs/first', 'rejects.jsonl')}`,
  ]);
});

test('terminalSummary names what to type next, and where the page is', () => {
  const lines = (next: SummaryOptions['next'], width?: number): string[] =>
    terminalSummary(nothing, 'runs/1', { next, width }).split('\n');
  const page = join('runs/1', 'report.html');
  const command = 'gleaner export runs/1';
  expect(lines({ command }).at(-1)).toBe(`  next        ${command}, or look at ${page}`);
  expect(lines(undefined).at(-1)).toBe('  written to  runs/1');
  // It is to be copied, so nothing breaks it.
  const long = `gleaner run receipt receipts.csv --out runs/1 --emulator --model google/${'m'.repeat(40)}`;
  expect(lines({ command: long }, 60).slice(-2)).toEqual([`  next        ${long}`, `              or look at ${page}`]);
  expect(lines({ command, first: 'mend receipts.csv' }, 80).slice(-3)).toEqual([
    '  next        mend receipts.csv, then',
    `              ${command}`,
    `              or look at ${page}`,
  ]);
});

test('terminalSummary of a retry that asked for nothing tells nothing of the run', () => {
  const text = (retried: { extracted: number; rejected: number }): string =>
    terminalSummary(much, 'runs/1', { retried });
  expect(text({ extracted: 0, rejected: 0 })).toBe(
    `${much.extraction}: nothing was tried again, and nothing was sent; runs/1 is as it was`,
  );
  expect(text({ extracted: 1, rejected: 0 })).toContain('1 of 1 reject extracted now');
});

test('terminalSummary counts one thing as one', () => {
  const calls = { ...much.calls, byKind: { first: 1, retry: 1, 're-ask': 1 } };
  expect(row({ ...much, calls }, 'calls')).toBe(
    '1,800 sent, 1,650 billed, 1 retry, 1 re-ask, 2 unsettled, 3 answers mended',
  );
});

test('terminalSummary shows what was wrong with a few rejects, and where the others are', () => {
  const text = terminalSummary(much, 'out', { rejectExamples: ['line 3: No id in column "id"', 'line 9: Empty'] });
  expect(text.split('\n').slice(-3)).toEqual([
    '  rejects     line 3: No id in column "id"',
    '              line 9: Empty',
    `              see ${join('out', 'rejects.jsonl')}`,
  ]);
});

test('terminalSummary says of an emulated run what it would have cost, and that it did not', () => {
  const cost = (usage: UsageReport): string | undefined =>
    terminalSummary(usage, 'out', { isEmulated: true })
      .split('\n')
      .find((line) => line.startsWith('  cost'))
      ?.slice(14);
  expect(cost(much)).toBe('the real service would have cost $1.25; the emulator answered, and nothing was billed');
  expect(cost({ ...much, cost: { usd: null, isLowerBound: false, wastedUsd: null, unpricedModels: ['a'] } })).toBe(
    'the emulator answered, and nothing was billed',
  );
  expect(cost(nothing)).toBeUndefined();
});

test('terminalSummary says that nothing was left to do', () => {
  const [headline] = terminalSummary(much, 'out', { isUnchanged: true }).split('\n');
  expect(headline).toBe('receipt: finished before; nothing was left to do, and nothing was sent');
});

test('terminalSummary fits the terminal', () => {
  const lines = terminalSummary(much, 'out', { width: 60 }).split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(lines).toContain('  tokens      1,000,000 total, 900,000 prompt,');
});

test.each([
  { status: 'finished', reason: null, headline: 'receipt: finished' },
  { status: 'interrupted', reason: 'SIGINT', headline: 'receipt: interrupted; the same command continues: SIGINT' },
  { status: 'stopped', reason: null, headline: 'receipt: stopped; the same command continues' },
  { status: 'refused', reason: 'Cannot call the model', headline: 'receipt: cannot go on: Cannot call the model' },
  {
    status: 'failed',
    reason: 'Cannot write to runs/first/results.jsonl: the disk is full (ENOSPC)',
    headline:
      'receipt: failed; the same command continues once the cause is mended: ' +
      'Cannot write to runs/first/results.jsonl: the disk is full (ENOSPC)',
  },
] as const)('terminalSummary begins with how the run ended: $status', ({ status, reason, headline }) => {
  expect(terminalSummary({ ...nothing, status, reason }, 'runs/first').split('\n')[0]).toBe(headline);
});

function row(usage: UsageReport, name: string): string | undefined {
  return terminalSummary(usage, 'runs/first')
    .split('\n')
    .find((line) => line.startsWith(`  ${name.padEnd(10)}  `))
    ?.slice(14);
}

test('terminalSummary says that a cost is unknown, and for which models', () => {
  const cost = { usd: null, isLowerBound: false, wastedUsd: null, unpricedModels: ['google/new', 'google/newer'] };
  expect(row({ ...much, cost }, 'cost')).toBe('unknown: no price for google/new, google/newer');
});

test('terminalSummary says nothing of waste where there was none', () => {
  expect(row({ ...much, cost: { ...much.cost, wastedUsd: 0 } }, 'cost')).toBe('$1.25');
});

test('terminalSummary says nothing of what remains where that was not counted', () => {
  const usage = { ...much, records: { ...much.records, remaining: null, reused: 0 } };
  expect(row(usage, 'records')).toBe('1,500 extracted, 100 rejected (bad_record 60, truncated 40)');
});
