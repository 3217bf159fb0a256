import { expect, test } from 'vitest';
import { readOpenCalls } from '../../src/status/open-calls.ts';

const at = '2026-01-01T00:00:00.000Z';

/** A run with one call at a time, which goes on while its files are read. */
function movingRun(): Parameters<typeof readOpenCalls>[0] & { settle(upTo: number): void } {
  let settled = 0;
  let read = 0;
  return {
    settle: (upTo) => (settled = upTo),
    readLedger: () => (read = settled),
    readNotes: (take) => {
      settled += 30;
      for (let call = 1; call <= settled + 1; call += 1) take({ call, at: `${at}#${call}` });
      settled += 5;
    },
    isSettled: (call) => call <= read,
  };
}

test('calls that are sent and settled while the files are read are not open', () => {
  const run = movingRun();
  run.settle(100);
  // At the end of the reading call 131 had been noted last, and has been settled since.
  expect(readOpenCalls(run)).toEqual({ count: 0, oldestAt: null });
});

test('the call that nobody has settled is open, and its note says since when', () => {
  expect(
    readOpenCalls({
      readLedger: () => undefined,
      readNotes: (take) => {
        for (const call of [1, 2, 3]) take({ call, at });
        take({ call: 'torn' });
      },
      isSettled: (call) => call === 1,
    }),
  ).toEqual({ count: 2, oldestAt: at });
});
