import type { RunProgress } from '../../../src/run/session/run-progress.ts';

type Changeable<Type> = { -readonly [Member in keyof Type]: Type[Member] };

/** A run's progress as a test wants it, to be changed as the test goes on. */
export function progressOf(given: Partial<RunProgress>): Changeable<RunProgress> {
  return {
    rowsTaken: 0,
    extracted: 0,
    rejected: 0,
    endedBefore: 0,
    callsSent: 0,
    tokens: 0,
    usd: undefined,
    concurrencyLimit: 16,
    quotaWait: undefined,
    waitsFor: undefined,
    isBudgetWait: false,
    ...given,
  };
}
