import { describe, expect, test } from 'vitest';
import { zeroUsage } from '../../../src/completion/usage.ts';
import { progressFacts, progressLine } from '../../../src/cli/terminal/progress-line.ts';
import { ServiceHealth } from '../../../src/cli/terminal/service-health.ts';
import type { RunEvent } from '../../../src/run/events.ts';
import { progressOf } from './progress.ts';

const NOW = Date.parse('2026-11-23T22:00:00Z');
const call = { id: 'a', index: 0, attempt: 1 };
const failed: RunEvent = {
  type: 'call-end',
  ...call,
  outcome: 'failed',
  status: 503,
  message: 'HTTP 503 UNAVAILABLE: overloaded',
  tokens: zeroUsage,
  latencyMs: 3,
};
const answered: RunEvent = {
  type: 'call-end',
  ...call,
  outcome: 'invalid',
  status: 200,
  tokens: zeroUsage,
  latencyMs: 3,
};
const repeated: RunEvent = { type: 'retry-wait', ...call, delayMs: 500 };

function healthAfter(...events: RunEvent[]): ServiceHealth {
  const health = new ServiceHealth(() => NOW);
  for (const event of events) health.onEvent(event);
  return health;
}

function pause(reason: 'retry-after' | 'outage', seconds: number): RunEvent {
  return { type: 'pause', reason, pauseMs: seconds * 1000, until: NOW + seconds * 1000 };
}

describe('a progress line', () => {
  test('of a run that fares well tells figures only', () => {
    expect(progressLine(progressOf({ extracted: 3 }), healthAfter(answered), 1.5, 40)).toBe(
      '3 of 40 records, 1.5/s, about 25 s left, 0 rejected, 0 tokens, 16 calls at a time',
    );
  });

  test('while a service refuses everything tells how often, with what, and when the next try is', () => {
    const health = healthAfter(failed, repeated, failed, repeated, failed, pause('outage', 4));
    expect(progressLine(progressOf({ concurrencyLimit: 1 }), health, 0, 40)).toBe(
      '0 of 40 records, 0.0/s, next try at 22:00:04Z, 0 rejected, 0 tokens, 1 call at a time, ' +
        '3 calls failed and 2 repeated, none answered since: HTTP 503 UNAVAILABLE: overloaded',
    );
    expect(progressFacts(progressOf({}), health, 0, 40)).toMatchObject({
      failed: 3,
      retries: 2,
      lastError: 'HTTP 503 UNAVAILABLE: overloaded',
      waitingFor: 'probe',
      pausedUntil: '2026-11-23T22:00:04.000Z',
    });
  });

  test('names a wait that the service asks for, and a shorter one does not cut it', () => {
    const health = healthAfter(failed, pause('retry-after', 600), pause('outage', 60));
    expect(progressLine(progressOf({}), health, 0, undefined)).toContain('the service asks to wait until 22:10:00Z');
  });

  test('names the quota that calls wait for, and a pause that is over no more', () => {
    const health = healthAfter(pause('retry-after', 0));
    expect(progressFacts(progressOf({ quotaWait: 'tokens' }), health, 0, 1)).toMatchObject({
      waitingFor: 'token-quota',
      pausedUntil: null,
    });
    expect(progressLine(progressOf({ quotaWait: 'requests' }), health, 0, 1)).toContain('(--rpm)');
  });

  test('names the budget where calls wait for those in flight, after what holds back all calls', () => {
    const waiting = progressOf({ isBudgetWait: true });
    expect(progressFacts(waiting, healthAfter(), 0, 1)).toMatchObject({ waitingFor: 'budget' });
    expect(progressLine(waiting, healthAfter(), 0, 1)).toContain('calls in flight, whose worst case fills the cap');
    expect(progressFacts({ ...waiting, quotaWait: 'tokens' }, healthAfter(), 0, 1)).toMatchObject({
      waitingFor: 'token-quota',
    });
    expect(progressFacts(waiting, healthAfter(pause('outage', 60)), 0, 1)).toMatchObject({ waitingFor: 'probe' });
  });

  test('does not call answered what is answered again', () => {
    const line = progressLine(progressOf({}), healthAfter(failed, repeated, answered), 0, 1);
    expect(line).toContain('1 call failed and 1 repeated');
    expect(line).not.toContain('overloaded');
  });
});
