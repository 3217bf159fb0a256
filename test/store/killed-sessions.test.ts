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
    sessions.add({ call: 1, at: at(sent), latencyMs });
  expect(secondsOf(sessions.timed())).toEqual([14, 39, 31]);
});

test('a session without a call took no time that is known, and none reaches into the next', () => {
  const sessions = new KilledSessions([killed(0), killed(50), ended], Date.parse(at(300)));
  sessions.add({ call: 1, at: at(60), latencyMs: 120_000 });
  expect(secondsOf(sessions.timed())).toEqual([0, 50, 39]);
});

test('the answer of a batch job says nothing of how long the session lived that asked', () => {
  const sessions = new KilledSessions([killed(0)], Date.parse(at(300)));
  sessions.add({ call: 1, at: at(5), latencyMs: 250_000, via: 'batch' });
  expect(secondsOf(sessions.timed())).toEqual([5]);
});

test('sessions of version 0.1, which did not measure, are told by their end', () => {
  const old: Session = { startedAt: at(0), endedAt: at(9), status: 'finished' };
  const sessions = new KilledSessions([old]);
  sessions.add({ call: 1, at: at(5), latencyMs: 1 });
  expect(sessions.timed()).toEqual([old]);
});

test('a clock that was set back between two sessions takes nothing from the one that was killed', () => {
  const counted = (second: number, firstCall: number): Session => ({ ...killed(second), firstCall });
  const sessions = new KilledSessions([counted(600, 1), counted(100, 4), counted(160, 6)], Date.parse(at(50)));
  for (const [call, sent] of [
    [1, 601],
    [3, 640],
    [2, 630],
    [4, 103],
    [5, 150],
    [6, 165],
  ] as const)
    sessions.add({ call, at: at(sent), latencyMs: 2000 });
  expect(secondsOf(sessions.timed())).toEqual([42, 52, 7]);
});

test('stamps from before a session, as of a clock set back within it, make its time no less than none', () => {
  const sessions = new KilledSessions([{ ...killed(600), firstCall: 1 }], Date.parse(at(700)));
  sessions.add({ call: 1, at: at(100), latencyMs: 2000 });
  expect(secondsOf(sessions.timed())).toEqual([0]);
});

test('a session that an earlier version went on after is told by its stamps', () => {
  const sessions = new KilledSessions([{ ...killed(0), firstCall: 1 }, killed(50)], Date.parse(at(300)));
  sessions.add({ call: 1, at: at(20), latencyMs: 1000 });
  sessions.add({ call: 2, at: at(60), latencyMs: 1000 });
  expect(secondsOf(sessions.timed())).toEqual([21, 11]);
});
