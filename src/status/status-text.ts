import { isEmulatorName } from '../completion/service.ts';
import { counted } from '../text/counted.ts';
import { formatCount, formatDuration, formatForecast, formatRate, formatUsd } from '../text/format.ts';
import { reckonRest } from './run-rest.ts';
import type { RunState } from './run-follower.ts';
import type { RunTotal } from './run-total.ts';

/** What a run does now, in a few lines for people. */
export function statusText(
  state: RunState,
  directory: string,
  { total = null, now = Date.now() }: { total?: RunTotal | null; now?: number } = {},
): string {
  const { usage, openCalls } = state;
  const { records, calls, tokens } = usage;
  return [
    `${usage.extraction} in ${directory}: ${sessionText(state)}`,
    line(
      'records',
      `${formatCount(records.extracted)} extracted, ${formatCount(records.rejected)} rejected${rest(state)}`,
    ),
    ...totalLines(state, total, now),
    line(
      'calls',
      `${formatCount(calls.sent)} ended${unsettled(calls)}, ${formatCount(openCalls.count)} open${oldest(openCalls.oldestAt, now)}`,
    ),
    line('tokens', `${usage.cost.isLowerBound ? 'at least ' : ''}${formatCount(tokens.total)}${costText(state)}`),
    line(
      'time',
      `${formatDuration(usage.wallMs)}${rateText(usage.wallMs, records.extracted + records.rejected - records.reused)}`,
    ),
    ...batchLines(state),
    ...waitLines(state, now),
    ...(usage.reason === null ? [] : [line('reason', usage.reason)]),
  ].join('\n');
}

/** One line, for those that follow. */
export function statusLineOf(state: RunState, total: RunTotal | null = null, now = Date.now()): string {
  const { usage, openCalls } = state;
  const { records, tokens } = usage;
  const { etaSeconds } = reckonRest(state, total, now);
  return [
    new Date(now).toISOString().slice(11, 19),
    `${formatCount(records.extracted)} extracted`,
    `${formatCount(records.rejected)} rejected`,
    ...(total === null ? [] : [`of ${totalText(total)}`]),
    ...(etaSeconds === null ? [] : [`about ${formatForecast(etaSeconds)} left`]),
    `${formatCount(openCalls.count)} open`,
    `${formatCount(tokens.total)} tokens`,
    ...(usage.cost.usd === null ? [] : [formatUsd(usage.cost.usd)]),
  ].join('  ');
}

/** Of a run whose records all have ended, the line above says it. */
function totalLines(state: RunState, total: RunTotal | null, now: number): string[] {
  if (state.session.state === 'ended' && state.usage.status === 'finished') return [];
  if (total === null) return [line('total', 'not known: the input cannot be read to its end from here')];
  const { remaining, etaSeconds } = reckonRest(state, total, now);
  const time = etaSeconds === null ? '' : `, about ${formatForecast(etaSeconds)} at this session's pace`;
  const source = total.how === 'counted' ? '' : ' by the first part of the input';
  return [line('total', `${totalText(total)}${source}, ${formatCount(remaining ?? 0)} to go${time}`)];
}

function totalText({ records, how }: RunTotal): string {
  return how === 'counted' ? formatCount(records) : `about ${formatCount(records)}`;
}

function batchLines({ batch }: RunState): string[] {
  if (batch === null) return [];
  const { jobs, open } = batch;
  const rest = open === 0 ? 'all have ended' : `${formatCount(open)} open, whose end nobody knows before`;
  return [line('batch', `${counted(jobs, 'job')}, ${rest}`)];
}

function sessionText({ session, manifest }: RunState): string {
  const { state, holder } = session;
  const who = holder === null ? '' : ` (process ${holder.pid} on ${holder.host}, since ${holder.since})`;
  switch (state) {
    case 'at work':
      return `at work${who}`;
    case 'unknown':
      return `perhaps at work: whether its process lives cannot be seen from here${who}`;
    case 'killed':
      return 'nobody is at work; the last session was killed, and the same command continues';
    case 'ended':
      return manifest.status;
    default:
      return state satisfies never;
  }
}

function rest({ usage, session }: RunState): string {
  const { reused, remaining } = usage.records;
  const carried = reused === 0 ? '' : `, ${formatCount(reused)} reused`;
  return remaining === null || session.state === 'at work'
    ? carried
    : `${carried}, ${formatCount(remaining)} remaining`;
}

/** They may have been billed, and nobody was told how much. */
function unsettled({ unsettled: count }: RunState['usage']['calls']): string {
  return count === 0 ? '' : ` (${formatCount(count)} with an end that nobody knows)`;
}

function costText({ usage, manifest }: RunState): string {
  const { usd } = usage.cost;
  if (usd === null) return ', at a price that is not known';
  return `, ${formatUsd(usd)}${isEmulatorName(manifest.identity['service']) ? ' at list prices' : ''}`;
}

function rateText(wallMs: number, asked: number): string {
  return wallMs === 0 || asked <= 0 ? '' : `, ${formatRate((asked * 1000) / wallMs)} records/s`;
}

/** What is waited for shows in the calls that are open, and in how the last ones ended. */
function waitLines({ session, openCalls, recent }: RunState, now: number): string[] {
  if (session.state !== 'at work') return [];
  const { calls, failed, lastFailure, lastAt } = recent;
  const isFailing = failed * 2 > calls && lastFailure !== null;
  if (isFailing) {
    const what = [lastFailure.status, lastFailure.code].filter((part) => part !== null).join(' ');
    return [line('waits', `for the service: ${failed} of the last ${calls} calls failed, the last one with ${what}`)];
  }
  if (openCalls.count > 0 || lastAt === null) return [];
  const idle = now - Date.parse(lastAt);
  return idle < 5000
    ? []
    : [
        line(
          'waits',
          `no call is open, and the last one was sent ${formatDuration(idle)} ago: a quota, a pause that the service asked for, or a cap`,
        ),
      ];
}

function oldest(at: string | null, now: number): string {
  return at === null ? '' : `, the oldest for ${formatDuration(Math.max(0, now - Date.parse(at)))}`;
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}
