import { readFileSync } from 'node:fs';
import type { UsageReport } from '../accounting/usage-report.ts';
import type { UsageTally } from '../accounting/usage-tally.ts';
import type { FoundRun } from '../export/find-run.ts';
import { isJsonObject } from '../json/value.ts';
import type { Manifest } from '../store/manifest.ts';

/** What the last session wrote into usage.json, and over it what is settled by now. */
export function liveUsage({
  manifest,
  onFile,
  counts: { extracted, reused, rejected },
  tally,
  openCalls,
  endedAt,
}: {
  manifest: Manifest;
  onFile: UsageReport | undefined;
  counts: { extracted: number; reused: number; rejected: number };
  tally: UsageTally;
  openCalls: number;
  /** Until when the session is known to have worked: now, where it is at work. */
  endedAt: number;
}): UsageReport {
  if (manifest.status !== 'running' && onFile !== undefined) return onFile;
  const { extraction, model } = manifest.identity;
  const [first, latest] = [manifest.sessions[0], manifest.sessions.at(-1)];
  const startedAt = latest === undefined ? endedAt : Date.parse(latest.startedAt);
  const earlier = manifest.sessions.slice(0, -1).reduce((sum, { wallMs = 0 }) => sum + wallMs, 0);
  return {
    reason: null,
    exitCode: 0,
    limits: {
      totalTokens: null,
      costUsd: null,
      counted: { totalTokens: tally.tokens.total, costUsd: null },
      rejectRate: 0,
      minRecords: 0,
    },
    cache: null,
    prices: [],
    ...onFile,
    status: manifest.status,
    extraction: String(extraction),
    model: typeof model === 'string' ? model : null,
    startedAt: first?.startedAt ?? new Date(endedAt).toISOString(),
    endedAt: new Date(Math.max(startedAt, endedAt)).toISOString(),
    wallMs: earlier + Math.max(0, endedAt - startedAt),
    records: { read: extracted + rejected + openCalls, extracted, rejected, reused, remaining: null },
    ...tally.report(),
  };
}

/** Undefined where no session has ended, or its report is damaged. */
export function usageOnFile(run: FoundRun): UsageReport | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(run.file('usage'), 'utf8'));
    return isJsonObject(value) && isJsonObject(value['records']) ? (value as unknown as UsageReport) : undefined;
  } catch {
    return undefined;
  }
}
