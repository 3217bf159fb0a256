import { htmlReport } from '../../report/html/report.ts';
import type { Budget } from '../../accounting/budget.ts';
import { toUsd } from '../../accounting/price-of.ts';
import type { Prices } from '../../accounting/prices.ts';
import type { BatchFigures, UsageReport } from '../../accounting/usage-report.ts';
import type { PromiseKeeper } from '../../cascade/calibration.ts';
import { hasReports } from '../../store/has-reports.ts';
import type { KeptAnswers } from '../../store/kept-answers.ts';
import type { Manifest, Session } from '../../store/manifest.ts';
import type { RunDirectory } from '../../store/run-directory.ts';
import { exitCodeOf, type AcceptanceLimits } from './exit-code.ts';
import type { OpenedRun } from './open-run.ts';
import { rejectAdvice } from './reject-advice.ts';
import type { RunJournal } from './run-journal.ts';
import type { SessionEnd } from './run-session.ts';

export interface FinishOptions extends OpenedRun {
  directory: RunDirectory;
  journal: Pick<RunJournal, 'extracted' | 'reused' | 'rejected' | 'isEmpty'>;
  /** Where records take several calls. */
  answers: KeptAnswers | undefined;
  /** Where a cascade makes a promise. */
  calibration?: PromiseKeeper | undefined;
  extraction: string;
  model: string | undefined;
  limits: Pick<UsageReport['limits'], 'totalTokens' | 'costUsd'> & AcceptanceLimits;
  budget: Pick<Budget, 'spent'>;
  prices: Pick<Prices, 'used'>;
  cache: string | undefined;
  /** How many calls in flight the service was found to bear; absent where none was made. */
  callsInFlight?: number | undefined;
  /** Whether the reports are left to the run that this one is a part of. */
  isPart?: boolean | undefined;
  /** How the session ended. */
  ended: SessionEnd;
  /** How that leaves the run, which is something else where only rejects were tried again. */
  end: SessionEnd;
  /** Rows of the input that nobody took; undefined where they were not counted. */
  rest: number | undefined;
  /** What batch jobs did, where there were any. */
  figures?: BatchFigures | undefined;
}

/**
 * Ends a session: makes the figures and writes them down. profile.json, usage.json and report.html come first and run.json last, so that a run
 * whose manifest has an end has reports that say the same. A finished run that is only confirmed keeps its session and times; its
 * reports are written anew where they are not what the ledger adds up to.
 *
 * @throws {StoreError} when the reports cannot be written
 */
export function finishRun(options: FinishOptions): UsageReport {
  const { directory, manifest, ended } = options;
  if (isConfirmation(options)) {
    const usage = usageOf(options, manifest.sessions);
    if (ended.status === 'finished' && !hasReports(directory, textOf(usage))) write(options, usage);
    return usage;
  }
  manifest.end(options.end, options.callsInFlight);
  const usage = usageOf(options, manifest.sessions);
  write(options, usage);
  return usage;
}

/** Whether the session found a finished run, and had nothing to add to it. */
export function isConfirmation({
  previous,
  journal,
  recovered,
}: Pick<FinishOptions, 'previous' | 'journal' | 'recovered'>): boolean {
  return previous?.status === 'finished' && journal.isEmpty && recovered.openCalls === 0;
}

function write(
  { directory, manifest, aggregates, answers, isPart = false, ended }: FinishOptions,
  usage: UsageReport,
): void {
  try {
    if (!directory.failure.aborted) {
      directory.flush();
      directory.checkPlaces();
    }
    if (!isPart) {
      directory.writeReport('profile', `${JSON.stringify(aggregates.profile(), null, 2)}\n`);
      directory.writeReport('usage', textOf(usage));
      directory.writeReport(
        'report',
        htmlReport({ directory: directory.path, usage, manifest: manifest.manifest, aggregates, advice: rejectAdvice }),
      );
    }
    if (ended.status === 'finished') {
      directory.endRetrying();
      if (answers?.isSpent === true) directory.endAnswered();
    }
    manifest.save();
  } catch (error) {
    // What made the directory fail first says more than that the reports met the same.
    throw directory.failure.aborted ? directory.failure.reason : error;
  }
}

function textOf(usage: UsageReport): string {
  return `${JSON.stringify(usage, null, 2)}\n`;
}

function usageOf(
  {
    extraction,
    model,
    limits,
    budget,
    prices,
    cache,
    journal,
    tally,
    aggregates,
    calibration,
    end,
    rest,
    figures,
  }: FinishOptions,
  sessions: readonly Readonly<Session>[],
): UsageReport {
  const { totalTokens, costUsd, maxRejectRate: rejectRate, minRecords } = limits;
  const records = {
    read: journal.extracted + journal.rejected + end.unfinished,
    extracted: journal.extracted,
    rejected: journal.rejected,
    reused: journal.reused,
    remaining: rest === undefined ? null : rest + end.unfinished,
  };
  const { spent } = budget;
  const cascade = tally.cascade?.report(aggregates.kept, calibration?.report());
  return {
    status: end.status,
    reason: end.reason ?? null,
    exitCode: exitCodeOf(end, records, limits),
    extraction,
    model: model ?? null,
    startedAt: sessions[0]?.startedAt ?? '',
    endedAt: sessions.at(-1)?.endedAt ?? '',
    wallMs: wallMs(sessions),
    records,
    limits: {
      totalTokens,
      costUsd,
      // Without a cap no dollars are counted: the price may not be known.
      counted: { totalTokens: spent.tokens, costUsd: costUsd === null ? null : toUsd(spent.nanoUsd) },
      rejectRate,
      minRecords,
    },
    cache: cache ?? null,
    prices: pricesOf(prices),
    ...tally.report(),
    ...(cascade === undefined ? {} : { cascade }),
    ...(figures === undefined ? {} : { batch: figures }),
  };
}

/** What the calls were priced with, on the days they were made: it stays so when a finished run is confirmed at another price. */
function pricesOf(prices: Pick<Prices, 'used'>): UsageReport['prices'] {
  return prices.used().map(({ model, usdPer1MTokens, validFrom, source }) => ({
    model,
    ...usdPer1MTokens,
    validFrom,
    source,
  }));
}

/** Sessions of versions that did not measure their time are judged by the clock on the wall, which may have been set back. */
function wallMs(sessions: Manifest['sessions'] | readonly Readonly<Session>[]): number {
  let sum = 0;
  for (const { startedAt, endedAt, wallMs: measured } of sessions) {
    if (measured !== undefined) sum += measured;
    else if (endedAt !== null) sum += Math.max(0, Date.parse(endedAt) - Date.parse(startedAt));
  }
  return sum;
}
