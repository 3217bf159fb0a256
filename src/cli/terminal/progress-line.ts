import { counted } from '../../text/counted.ts';
import { clipText } from '../../text/clip-text.ts';
import { formatCount, formatForecast, formatRate, formatUsd } from '../../text/format.ts';
import type { RunProgress } from '../../run/session/run-progress.ts';
import type { ServiceHealth } from './service-health.ts';

/** An error's text may be long, and stands whole in the ledger's messages. */
const LONGEST_ERROR = 120;

/** How a run is going, as members of a log's object. */
export function progressFacts(
  progress: RunProgress,
  health: ServiceHealth,
  recordsPerSecond: number,
  total: number | undefined,
): object {
  const { extracted, rejected, callsSent, tokens, usd = null, concurrencyLimit } = progress;
  const { failed, retries, lastError, pause } = health;
  return {
    extracted,
    rejected,
    total: total ?? null,
    remaining: total === undefined ? null : Math.max(0, total - extracted - rejected),
    recordsPerSecond: Math.round(recordsPerSecond * 10) / 10,
    etaSeconds: secondsLeftOf(progress, recordsPerSecond, total) ?? null,
    callsSent,
    failed,
    retries,
    lastError: lastError ?? null,
    waitingFor: waitOf(progress, health) ?? null,
    pausedUntil: pause === undefined ? null : new Date(pause.until).toISOString(),
    tokens,
    usd,
    concurrencyLimit,
  };
}

/** Undefined where the total is not known, or nothing ends. */
function secondsLeftOf(
  { extracted, rejected }: RunProgress,
  recordsPerSecond: number,
  total: number | undefined,
): number | undefined {
  if (total === undefined || recordsPerSecond === 0) return undefined;
  return Math.round(Math.max(0, total - extracted - rejected) / recordsPerSecond);
}

/** One line for a log without a terminal. */
export function progressLine(
  progress: RunProgress,
  health: ServiceHealth,
  recordsPerSecond: number,
  total: number | undefined,
): string {
  const { extracted, rejected, tokens, usd, concurrencyLimit } = progress;
  const { failed, retries, isFailing, lastError } = health;
  const ended = formatCount(extracted + rejected);
  const wait = describeWait(progress, health);
  const secondsLeft = secondsLeftOf(progress, recordsPerSecond, total);
  const parts = [
    total === undefined ? `${ended} records` : `${ended} of ${formatCount(total)} records`,
    `${formatRate(recordsPerSecond)}/s`,
    ...(secondsLeft === undefined ? [] : [`about ${formatForecast(secondsLeft)} left`]),
    ...(wait === undefined ? [] : [wait]),
    `${formatCount(rejected)} rejected`,
    `${formatCount(tokens)} tokens`,
    ...(usd === undefined || usd === 0 ? [] : [formatUsd(usd)]),
    concurrencyLimit === 1 ? '1 call at a time' : `${concurrencyLimit} calls at a time`,
    ...(failed === 0 ? [] : [`${counted(failed, 'call')} failed and ${formatCount(retries)} repeated`]),
    ...(isFailing && lastError !== undefined ? [`none answered since: ${clipText(lastError, LONGEST_ERROR)}`] : []),
  ];
  return parts.join(', ');
}

type Wait = 'pause' | 'probe' | 'pool' | 'request-quota' | 'token-quota' | 'budget';

/** What calls wait for, as a word for programs. */
function waitOf({ quotaWait, isBudgetWait, waitsFor }: RunProgress, { pause }: ServiceHealth): Wait | undefined {
  if (waitsFor !== undefined) return 'pool';
  if (pause !== undefined) return pause.reason === 'outage' ? 'probe' : 'pause';
  if (quotaWait === undefined) return isBudgetWait ? 'budget' : undefined;
  return quotaWait === 'tokens' ? 'token-quota' : 'request-quota';
}

/** What calls wait for, in words. */
export function describeWait(progress: RunProgress, health: ServiceHealth): string | undefined {
  const wait = waitOf(progress, health);
  switch (wait) {
    case undefined:
      return undefined;
    case 'pause':
      return `the service asks to wait until ${timeOf(health)}`;
    case 'probe':
      return `next try at ${timeOf(health)}`;
    case 'pool':
      return `waits for ${progress.waitsFor}`;
    case 'request-quota':
      return 'waiting for requests of the minute (--rpm)';
    case 'token-quota':
      return 'waiting for tokens of the minute (--tpm)';
    case 'budget':
      return 'waiting for calls in flight, whose worst case fills the cap';
    default:
      return wait satisfies never;
  }
}

function timeOf({ pause }: ServiceHealth): string {
  return `${new Date(pause?.until ?? 0).toISOString().slice(11, 19)}Z`;
}
