import { zeroUsage } from '../../src/completion/usage.ts';
import { ReportAggregates } from '../../src/accounting/run-profile.ts';
import type { ReportParts } from '../../src/report/html/parts.ts';
import type { UsageReport } from '../../src/accounting/usage-report.ts';
import type { AttemptEntry, RejectEntry, ResultEntry } from '../../src/store/entries.ts';
import type { JsonValue } from '../../src/json/value.ts';
import type { Manifest } from '../../src/store/manifest.ts';

const startedAt = '2026-11-23T10:00:00.000Z';
const endedAt = '2026-11-23T10:01:00.000Z';

export const emptyUsage: UsageReport = {
  status: 'finished',
  reason: null,
  exitCode: 0,
  extraction: 'receipt',
  model: 'google/gemini-3.5-flash-lite',
  startedAt,
  endedAt,
  wallMs: 60_000,
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

export const manifest: Manifest = {
  version: 1,
  gleaner: '0.1.0',
  node: 'v20.20.0',
  status: 'finished',
  identity: { extraction: 'receipt', model: 'google/gemini-3.5-flash-lite' },
  settings: { input: 'receipts.csv', concurrency: 16, limit: null },
  sessions: [{ startedAt, endedAt, status: 'finished' }],
};

export function reportParts(parts: Partial<ReportParts> = {}): ReportParts {
  return {
    directory: 'runs/receipts',
    usage: emptyUsage,
    manifest,
    aggregates: new ReportAggregates(),
    advice: {},
    ...parts,
  };
}

export function resultOf(data: JsonValue, entry: Partial<ResultEntry> = {}): ResultEntry {
  return { id: 'r1', index: 0, data, attempts: 1, tokens: { ...zeroUsage }, fingerprint: 'f', ...entry };
}

export function rejectOf(error: RejectEntry['error'], entry: Partial<RejectEntry> = {}): RejectEntry {
  return { id: 'r1', index: 0, error, attempts: 1, tokens: { ...zeroUsage }, record: {}, ...entry };
}

export function attemptAt(at: number, entry: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    call: 1,
    id: 'r1',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    tokens: { ...zeroUsage },
    latencyMs: 100,
    at: new Date(at).toISOString(),
    ...entry,
  };
}

/** A page on which everything that comes from outside is `text`, in as many variations as there are bounds to reach. */
export function partsFullOf(text: string, entries = 120): ReportParts {
  const many = Array.from({ length: entries }, (_, index) => `${index}${text}`);
  const aggregates = new ReportAggregates();
  for (const [index, one] of many.entries()) {
    const data = Object.fromEntries(many.map((name) => [name, text]));
    aggregates.addResult(resultOf(index % 3 === 0 ? text : data, { id: one, attempts: index }));
    aggregates.addReject(
      rejectOf(
        { code: one, message: text, line: index, issues: many.map((path) => ({ path, message: text })) },
        { id: one },
      ),
    );
    aggregates.addReject(
      rejectOf({ code: 'schema_violation', message: text, issues: [{ path: one, message: text }] }, { id: one }),
    );
    aggregates.addAttempt(
      attemptAt(index * 7_000_000, { outcome: 'failed', code: one, model: one, latencyMs: index ** 2 }),
    );
    aggregates.addAttempt({ ...attemptAt(0), at: text });
  }
  const tokens = { ...zeroUsage, prompt: 5, total: 5 };
  const counts = Object.fromEntries(many.map((name) => [name, 7]));
  const slices = Object.fromEntries(many.map((name) => [name, { calls: 7, tokens }]));
  const usage: UsageReport = {
    ...emptyUsage,
    status: 'stopped',
    reason: text,
    extraction: text,
    model: text,
    startedAt: text,
    endedAt: text,
    records: { read: 9, extracted: 5, rejected: 4, reused: 1, remaining: null },
    rejectsByCode: { schema_violation: 9, ...counts },
    calls: {
      sent: 9,
      billed: 8,
      unmetered: 0,
      unsettled: 1,
      repaired: 0,
      coerced: {},
      byStatus: counts,
      byKind: counts,
    },
    tokens: { ...tokens, wasted: 1 },
    byTrafficType: slices,
    byModel: slices,
    cost: { usd: null, isLowerBound: false, wastedUsd: null, unpricedModels: many },
    latencyMs: { p50: 10, p90: 20, p99: 30, max: 40 },
  };
  const settings = Object.fromEntries(many.map((name) => [name, text]));
  const session = { startedAt: text, endedAt: text, status: 'stopped', reason: text } as const;
  return {
    directory: text,
    usage,
    aggregates,
    manifest: {
      ...manifest,
      gleaner: text,
      node: text,
      identity: settings,
      settings,
      sessions: many.map(() => session),
    },
    advice: Object.fromEntries(many.map((name) => [name, { meaning: 'It happened', advice: 'look into it' }])),
  };
}
