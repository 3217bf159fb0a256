import { expect, test } from 'vitest';
import { exitCodeOf } from '../../../src/run/session/exit-code.ts';
import type { SessionEnd } from '../../../src/run/session/run-session.ts';

const lax = { maxRejectRate: 0.02, minRecords: 1 };

test.each<[string, Partial<SessionEnd>, [number, number], number]>([
  ['every record extracted', {}, [100, 0], 0],
  ['rejects within the limit', {}, [100, 2], 0],
  ['one reject too many', {}, [100, 3], 1],
  ['an input without records', {}, [0, 0], 1],
  ['something that nobody can run', { status: 'refused' }, [5, 0], 2],
  ['a service that is down', { status: 'stopped', reason: 'the service has not answered' }, [5, 0], 3],
  ['a disk that is full', { status: 'failed' }, [5, 0], 3],
  ['a cap that is used up', { status: 'stopped', isCapped: true }, [5, 0], 4],
  ['Ctrl-C', { status: 'interrupted', reason: 'SIGINT received' }, [5, 0], 130],
  ['kill', { status: 'interrupted', reason: 'SIGTERM received twice' }, [5, 0], 143],
  ['a closed terminal', { status: 'interrupted', reason: 'SIGHUP received' }, [5, 0], 143],
  ['a program that aborts', { status: 'interrupted', reason: 'enough' }, [5, 0], 130],
])('%s', (_name, end, [read, rejected], code) => {
  const given = { status: 'finished' as const, reason: undefined, ...end };
  expect(exitCodeOf(given, { read, rejected }, lax)).toBe(code);
});

test('how many records an input must hold is for the user to say', () => {
  const finished = { status: 'finished' as const, reason: undefined };
  expect(exitCodeOf(finished, { read: 0, rejected: 0 }, { maxRejectRate: 0, minRecords: 0 })).toBe(0);
  expect(exitCodeOf(finished, { read: 99, rejected: 0 }, { maxRejectRate: 0, minRecords: 100 })).toBe(1);
});
