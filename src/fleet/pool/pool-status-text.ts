import { counted } from '../../text/counted.ts';
import { formatCount, formatDuration, formatUsd } from '../../text/format.ts';
import type { PoolStatus, QuotaStatus } from './pool-status.ts';
import { BREAKER, type Amount, type Caps } from './pool-store.ts';

/** Sessions at work are heard of every second: one that is silent for longer may have been killed, or stand still. */
const SILENT_MS = 3000;

/** A pool in a few lines for people. */
export function poolStatusText(status: PoolStatus, name: string): string {
  const { counted: all, held, lost, unclaimed, caps, graceMs, sessions, quotas } = status;
  if (!status.isThere) return `pool at ${name}: no run has come into it yet`;
  const spent = { tokens: all.tokens - held.tokens, nanoUsd: all.nanoUsd - held.nanoUsd };
  const isHeld = held.tokens > 0 || held.nanoUsd > 0;
  const isUnclaimed = unclaimed.tokens > 0 || unclaimed.nanoUsd > 0;
  return [
    `pool at ${name}: ${sessions.length === 1 ? '1 run' : `${sessions.length} runs`} at work`,
    line('spent', withCaps(spent, caps)),
    ...(lost.sessions > 0
      ? [
          line(
            'of it',
            `${amountText(lost)} were claimed by ${counted(lost.sessions, 'session')} that ended without a word, and may not be spent: that counts until the directories are gone on with, or workers need the room`,
          ),
        ]
      : []),
    ...(isHeld ? [line('held', `${amountText(held)} for calls under way and to come`)] : []),
    ...(isUnclaimed
      ? [
          line(
            'lost',
            `${amountText(unclaimed)} of what is spent are known from runs that knew the pool before it forgot`,
          ),
        ]
      : []),
    ...(graceMs > 0 ? [line('waits', `${formatDuration(graceMs)} until runs that know it have come back`)] : []),
    ...sessions.map(({ name: who, spent: own, heardOfMsAgo }) =>
      line(
        'run',
        `${who}: ${amountText(own)} spent, ${heardOfMsAgo < SILENT_MS ? `heard of ${formatDuration(heardOfMsAgo)} ago` : `silent for ${formatDuration(heardOfMsAgo)}: it was killed, stands still or is cut off`}`,
      ),
    ),
    ...quotas.map((quota) => line('quota', quotaText(quota))),
  ].join('\n');
}

function quotaText(quota: QuotaStatus): string {
  const { name, requestsPerMinute, tokensPerMinute, pausedMs, failures, silentMs, probe } = quota;
  const rates = [
    ...(requestsPerMinute === undefined ? [] : [`${formatCount(requestsPerMinute)} requests a minute`]),
    ...(tokensPerMinute === undefined ? [] : [`${formatCount(tokensPerMinute)} tokens a minute`]),
  ];
  const parts = [
    rates.length === 0 ? 'no rate is set' : rates.join(', '),
    ...(pausedMs > 0 ? [`paused for ${formatDuration(pausedMs)}`] : []),
    ...(failures >= BREAKER.after
      ? [
          `the service does not answer: ${formatCount(failures)} calls in a row failed, for ${formatDuration(silentMs)}${probe === null ? '' : ', one run tries it'}`,
        ]
      : []),
  ];
  return `${name}: ${parts.join('; ')}`;
}

function withCaps(spent: Amount, { tokens, nanoUsd }: Caps): string {
  const ofTokens = tokens === undefined ? '' : ` of ${formatCount(tokens)}`;
  const ofUsd = nanoUsd === undefined ? '' : ` of ${usdText(nanoUsd)}`;
  return `${formatCount(spent.tokens)}${ofTokens} tokens, ${usdText(spent.nanoUsd)}${ofUsd}`;
}

function amountText({ tokens, nanoUsd }: Amount): string {
  return nanoUsd === 0 ? `${formatCount(tokens)} tokens` : `${formatCount(tokens)} tokens and ${usdText(nanoUsd)}`;
}

function usdText(nanoUsd: number): string {
  return formatUsd(nanoUsd / 1e9);
}

function line(name: string, text: string): string {
  return `  ${name.padEnd(10)}  ${text}`;
}
