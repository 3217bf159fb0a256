import { zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import type { BigQueryStats } from '../cloud/bigquery/job-store.ts';
import type { BatchStats } from '../cloud/batch-service.ts';
import type { FaultKind } from './faults.ts';

/** Token sums, and how many answers they stand in. */
export interface TokenStats extends TokenUsage {
  calls: number;
}

/** What the emulator did since it started or was reset. */
export interface EmulatorStats {
  /** Chat requests received in full, answered or not. */
  requests: number;
  /** By HTTP status; `none` counts connections that were cut before a status, or where the client left first. */
  byStatus: Record<string, number>;
  byFault: Partial<Record<FaultKind, number>>;
  /** Tokens as the bodies sent to clients report them: what a client's ledger must add up to. */
  tokens: TokenStats;
  /** Tokens that were generated, and would be billed, but that no client could read: cut answers, missing usage. */
  undelivered: TokenStats;
  /** Sockets opened: small against `requests` when the client reuses connections. */
  connections: number;
  inFlight: number;
  maxInFlight: number;
  /** Access tokens given out by the token routes. */
  tokensIssued: number;
  /** What batch jobs were billed: not part of `tokens`. */
  batch: BatchStats;
  /** Jobs of BigQuery that were begun. */
  bigQuery: BigQueryStats;
}

export function emptyStats(): EmulatorStats {
  return {
    requests: 0,
    byStatus: {},
    byFault: {},
    tokens: emptyTokens(),
    undelivered: emptyTokens(),
    connections: 0,
    inFlight: 0,
    maxInFlight: 0,
    tokensIssued: 0,
    batch: { jobs: 0, billed: 0, tokens: { ...zeroUsage } },
    bigQuery: { queries: 0, loads: 0 },
  };
}

function emptyTokens(): TokenStats {
  return { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0, calls: 0 };
}

export function copyStats(stats: Readonly<EmulatorStats>): EmulatorStats {
  return {
    ...stats,
    byStatus: { ...stats.byStatus },
    byFault: { ...stats.byFault },
    tokens: { ...stats.tokens },
    undelivered: { ...stats.undelivered },
  };
}

export function countStatus(stats: EmulatorStats, status: number | undefined): void {
  const key = status ?? 'none';
  stats.byStatus[key] = (stats.byStatus[key] ?? 0) + 1;
}

export function countFault(stats: EmulatorStats, fault: FaultKind): void {
  stats.byFault[fault] = (stats.byFault[fault] ?? 0) + 1;
}

/** Adds in place: this runs once for every request. */
export function countTokens(sum: TokenStats, usage: Readonly<TokenUsage>): void {
  sum.prompt += usage.prompt;
  sum.cached += usage.cached;
  sum.completion += usage.completion;
  sum.reasoning += usage.reasoning;
  sum.total += usage.total;
  sum.calls += 1;
}
