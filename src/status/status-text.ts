import { isEmulatorName } from '../completion/service.ts';
import { formatCount, formatDuration, formatUsd } from '../text/format.ts';
import type { RunState } from './run-follower.ts';

/** What a run does now, in a few lines for people. */
export function statusText(state: RunState, directory: string, now = Date.now()): string {
  const { usage, openCalls } = state;
  const { records, calls, tokens } = usage;
  return [
    `${usage.extraction} in ${directory}: ${sessionText(state)}`,
    line(
      'records',
      `${formatCount(records.extracted)} extracted, ${formatCount(records.rejected)} rejected${rest(state)}`,
    ),
    line(
      'calls',
      `${formatCount(calls.sent)} ended, ${formatCount(openCalls.count)} open${oldest(openCalls.oldestAt, now)}`,
    ),
    line('tokens', `${formatCount(tokens.total)}${costText(state)}`),
    line(
      'time',
      `${formatDuration(usage.wallMs)}${rateText(usage.wallMs, records.extracted + records.rejected - records.reused)}`,
    ),
    ...waitLines(state, now),
    ...(usage.reason === null ? [] : [line('reason', usage.reason)]),
  ].join('\n');
}

/** One line, for those that follow. */
export function statusLineOf({ usage, openCalls }: RunState, now = Date.now()): string {
  const { records, tokens } = usage;
  return [
    new Date(now).toISOString().slice(11, 19),
    `${formatCount(records.extracted)} extracted`,
    `${formatCount(records.rejected)} rejected`,
    `${formatCount(openCalls.count)} open`,
    `${formatCount(tokens.total)} tokens`,
    ...(usage.cost.usd === null ? [] : [formatUsd(usage.cost.usd)]),
  ].join('  ');
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

function costText({ usage, manifest }: RunState): string {
  const { usd } = usage.cost;
  if (usd === null) return ', at a price that is not known';
  return `, ${formatUsd(usd)}${isEmulatorName(manifest.identity['service']) ? ' at list prices' : ''}`;
}

function rateText(wallMs: number, asked: number): string {
  return wallMs === 0 || asked <= 0 ? '' : `, ${((asked * 1000) / wallMs).toFixed(1)} records/s`;
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
