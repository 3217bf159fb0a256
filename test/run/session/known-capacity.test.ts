import { expect, test } from 'vitest';
import { knownCapacity } from '../../../src/run/session/known-capacity.ts';
import type { Session } from '../../../src/store/manifest.ts';

const identity = { model: 'google/gemini-3.5-flash', service: 'vertex-ai' };
const session = (callsInFlight?: number): Session => ({
  startedAt: '2026-11-28T19:00:00.000Z',
  endedAt: null,
  status: 'interrupted',
  ...(callsInFlight === undefined ? {} : { callsInFlight }),
});

test('a session begins with half of what the last one found, which a killed one did not write down', () => {
  const sessions = [session(100), session(400), session()];
  expect(knownCapacity({ identity, sessions }, identity)).toBe(200);
});

test('nothing is known at first, of another model, and of another service', () => {
  const sessions = [session(400)];
  expect(knownCapacity(undefined, identity)).toBeUndefined();
  expect(knownCapacity({ identity, sessions: [session()] }, identity)).toBeUndefined();
  expect(knownCapacity({ identity, sessions }, { ...identity, model: 'google/gemini-3.1-pro' })).toBeUndefined();
  expect(knownCapacity({ identity, sessions }, { ...identity, service: 'emulator' })).toBeUndefined();
});
