import { expect, test } from 'vitest';
import { poolStatusText } from '../../../src/fleet/pool/pool-status-text.ts';
import type { PoolStatus } from '../../../src/fleet/pool/pool-status.ts';
import { fleetStatusText } from '../../../src/fleet/queue/fleet-status.ts';

const nothing = { tokens: 0, nanoUsd: 0 };
const session = { run: 'r', account: 'a', spent: { tokens: 500, nanoUsd: 0 }, claimed: { tokens: 800, nanoUsd: 0 } };
const status: PoolStatus = {
  isThere: true,
  caps: { tokens: 10_000 },
  counted: { tokens: 2000, nanoUsd: 0 },
  held: { tokens: 300, nanoUsd: 0 },
  lost: { tokens: 700, nanoUsd: 0, sessions: 2 },
  unclaimed: nothing,
  graceMs: 0,
  sessions: [
    { ...session, name: 'receipt, process 1', heardOfMsAgo: 400 },
    { ...session, name: 'receipt, process 2', heardOfMsAgo: 9000 },
  ],
  quotas: [],
};

test('a pool says which of its runs are silent, and what of the spending is no more than claimed by lost ones', () => {
  expect(poolStatusText(status, 'pool.test:6379').split('\n')).toEqual([
    'pool at pool.test:6379: 2 runs at work',
    '  spent       1,700 of 10,000 tokens, $0.00',
    '  of it       700 tokens were claimed by 2 sessions that ended without a word, and may not be spent: that counts until the directories are gone on with, or workers need the room',
    '  held        300 tokens for calls under way and to come',
    '  run         receipt, process 1: 500 tokens spent, heard of 400 ms ago',
    '  run         receipt, process 2: 500 tokens spent, silent for 9.0 s: it was killed, stands still or is cut off',
  ]);
});

test('a fleet says which of its workers are silent', () => {
  const worker = { name: 'w1', run: 'r', chunk: 3, records: 10, recordsPerSecond: 12, seenMsAgo: 4000 };
  const workers = [worker, { ...worker, name: 'w2', seenMsAgo: 25_000 }];
  expect(fleetStatusText({ runs: [], workers, recordsPerSecond: 12 }).split('\n')).toEqual([
    'fleet: 0 runs, 2 workers, 12.0 records/s',
    '  worker w1: at chunk 3, 12.0 records/s',
    '  worker w2: at chunk 3, silent for 25.0 s: it was killed, stands still or is cut off',
  ]);
});
