import { expect, test } from 'vitest';
import { KilledSessions } from '../../src/store/killed-sessions.ts';
import type { Session } from '../../src/store/manifest.ts';

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
const secondsOf = (sessions: readonly Session[]): (number | undefined)[] =>
  sessions.map(({ wallMs }) => (wallMs === undefined ? undefined : wallMs / 1000));

const killed = (second: number): Session => ({ startedAt: at(second), endedAt: null, status: 'running' });
const ended: Session = { startedAt: at(100), endedAt: at(140), status: 'finished', wallMs: 39_000 };

test('a killed session took until the end of its last call; what ended is left as it is', () => {
  const sessions = new KilledSessions([killed(0), ended, killed(200)], Date.parse(at(300)));
  for (const [sent, latencyMs] of [
    [3, 500],
    [10, 4000],
    [12, 250],
    [120, 9000],
    [230, 1000],
  ] as const)
    sessions.add({ at: at(sent), latencyMs });
  expect(secondsOf(sessions.timed())).toEqual([14, 39, 31]);
});

test('a session without a call took no time that is known, and none reaches into the next', () => {
  const sessions = new KilledSessions([killed(0), killed(50), ended], Date.parse(at(300)));
  sessions.add({ at: at(60), latencyMs: 120_000 });
  expect(secondsOf(sessions.timed())).toEqual([0, 50, 39]);
});

test('the answer of a batch job says nothing of how long the session lived that asked', () => {
  const sessions = new KilledSessions([killed(0)], Date.parse(at(300)));
  sessions.add({ at: at(5), latencyMs: 250_000, via: 'batch' });
  expect(secondsOf(sessions.timed())).toEqual([5]);
});

test('sessions of version 0.1, which did not measure, are told by their end', () => {
  const old: Session = { startedAt: at(0), endedAt: at(9), status: 'finished' };
  const sessions = new KilledSessions([old]);
  sessions.add({ at: at(5), latencyMs: 1 });
  expect(sessions.timed()).toEqual([old]);
});
