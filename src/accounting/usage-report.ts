import type { TokenUsage } from '../completion/usage.ts';
import type { TokenPrices } from '../models/price.ts';
import type { CascadeReport } from './cascade-tally.ts';
import type { RunStatus } from '../store/manifest.ts';

export interface UsageSlice {
  calls: number;
  tokens: TokenUsage;
}

/** How many values were read in another form than they were written in, in all. */
export function countCoerced({ coerced }: Pick<UsageReport['calls'], 'coerced'>): number {
  let sum = 0;
  // Reports of older versions know nothing of it.
  for (const fields of Object.values(coerced ?? {})) for (const count of Object.values(fields)) sum += count;
  return sum;
}

/** What batch jobs did for a run, and what of it does not add up. */
export interface BatchFigures {
  jobs: number;
  /** Jobs that have not ended. */
  open: number;
  /** Lines that were submitted, and what came of them. */
  lines: number;
  matched: number;
  failed: number;
  missing: number;
  /** Lines that answer nothing that was asked; they were billed. */
  unmatched: number;
  repeated: number;
  /** Answers that came after their record had been asked for in another way. */
  paidTwice: number;
  /** Second jobs of one submission. */
  doubled: number;
  /** The ledger by the way of its calls. Dollars: null where a price is not known. */
  calls: { batch: number; online: number };
  tokens: { batch: number; online: number };
  usd: { batch: number | null; online: number | null };
}

/** usage.json: what a run did and what it cost, over all its sessions. */
export interface UsageReport {
  status: RunStatus;
  /** Why the run ended before its end, where it did. */
  reason: string | null;
  /** What the command ends with: 0, 1, 2, 3, 4, 130 or 143. */
  exitCode: number;
  extraction: string;
  model: string | null;
  startedAt: string;
  endedAt: string;
  /** Time spent running, summed over the sessions. */
  wallMs: number;
  records: {
    read: number;
    extracted: number;
    rejected: number;
    /** Results carried over from earlier runs without a call. */
    reused: number;
    /** Records of the input that have not ended; null where the rest of the input was not counted. */
    remaining: number | null;
  };
  rejectsByCode: Record<string, number>;
  /** The limits of the last session. */
  limits: {
    /** Caps, null where there were none. */
    totalTokens: number | null;
    costUsd: number | null;
    /** What counts against them by now: as reported, and the most that a call can have cost where that is not known. Dollars: null without a cap. */
    counted: { totalTokens: number; costUsd: number | null };
    /** Share of rejects above which a finished run exits with 1. */
    rejectRate: number;
    /** Records below which it does. */
    minRecords: number;
  };
  /** The file of the answers that runs share; null where there was none. */
  cache: string | null;
  /** The prices that `cost` was reckoned with, by model and first day. */
  prices: (TokenPrices & { model: string; validFrom: string; source: string })[];
  calls: {
    sent: number;
    /** Calls for which the service reported tokens. */
    billed: number;
    /** Calls that the service answered without reporting tokens: what they cost is not known, and not in `cost`. */
    unmetered: number;
    /** Calls whose end is not known, because the process was killed or gave up on them. */
    unsettled: number;
    /** Answers that were mended before they could be read: of another notation than JSON, in a fence or among prose. */
    repaired: number;
    /** Values that were read in another form than they were written in, by rule and field. */
    coerced: Record<string, Record<string, number>>;
    /** By HTTP status; calls without one by `network`, `timeout` or `unsettled`. */
    byStatus: Record<string, number>;
    byKind: Record<string, number>;
  };
  /** As the service reported them, summed over every call; `wasted` is the part of `total` that gave no result. */
  tokens: TokenUsage & { wasted: number };
  byTrafficType: Record<string, UsageSlice>;
  byModel: Record<string, UsageSlice>;
  cost: {
    /** US dollars for all calls; null where the price of a model that was used is not known. */
    usd: number | null;
    /** Whether more may have been billed: for answers without usage, broken answers, calls whose end is not known. */
    isLowerBound: boolean;
    /** The part of it that gave no result. */
    wastedUsd: number | null;
    /** Models whose price is not known. */
    unpricedModels: string[];
  };
  latencyMs: { p50: number; p90: number; p99: number; max: number };
  /** Only where a cheap and a strong model shared the records. */
  cascade?: CascadeReport;
  /** Absent where no batch jobs were used. */
  batch?: BatchFigures;
}
