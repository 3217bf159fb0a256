import { afterEach, beforeEach, expect, test } from 'vitest';
import { PooledQuota } from '../../../src/fleet/pool/pooled-quota.ts';
import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import { simulateTime, type SimulatedTime } from '../../pacing/simulated-time.ts';
import { ModelStore } from './model-store.ts';

let time: SimulatedTime;
beforeEach(() => void (time = simulateTime()));
afterEach(() => time.restore());

function open(store: ModelStore): PoolSession {
  const session = new PoolSession({
    store,
    account: { run: 'night', id: 'night', session: 'first', name: 'receipt' },
    join: { caps: { tokens: 1000 }, rates: {} },
    runCaps: () => ({ revision: 0 }),
    memory: undefined,
    newEpoch: () => `epoch-${performance.now()}`,
  });
  session.attach({
    say: (ask) => {
      ask.spent = ask.committed = ask.needed = { tokens: 100, nanoUsd: 0 };
      ask.wanted = { tokens: ask.leaves ? 100 : 600, nanoUsd: 0 };
    },
    hear: () => undefined,
  });
  return session;
}

test('a session that ends after its server was started again gives back what it did not spend', async () => {
  const store = new ModelStore(() => performance.now());
  const session = open(store);
  session.exchangeSoon();
  await time.advance(10_000);
  expect(store.pool?.accounts.get('night')?.tokens).toBe(600);
  store.server += 1;
  await session.close();
  expect(store.pool?.accounts.get('night')?.tokens).toBe(100);
});

test('a session that ends while the pool is away leaves its claim, and lets nobody wait', async () => {
  const store = new ModelStore(() => performance.now());
  const session = open(store);
  session.exchangeSoon();
  await time.advance(10_000);
  store.isDown = true;
  await time.advance(3000);
  await session.close();
  store.isDown = false;
  expect(store.pool?.accounts.get('night')?.tokens).toBe(600);
  // Whoever reads its directory puts that right.
  await time.advance(60_000);
  const { session: name = '', seen = 0 } = store.pool?.accounts.get('night') ?? {};
  const by = { run: 'night', id: 'night', session: 'second', name: 'receipt' };
  const lowering = { account: by, lowers: { session: name, seen }, spent: { tokens: 100, nanoUsd: 0 } };
  expect(await store.lower(lowering)).toBe('lowered');
  expect(store.pool?.accounts.get('night')?.tokens).toBe(100);
});

test('a busy session exchanges a message for each bunch of turns, and an idle one a message a second', async () => {
  const store = new ModelStore(() => performance.now());
  let messages = 0;
  const session = new PoolSession({
    store: {
      name: store.name,
      join: (...asked) => store.join(...asked),
      exchange: async (...asked) => {
        messages += 1;
        await new Promise((resolve) => setTimeout(resolve, 15));
        return store.exchange(...asked);
      },
    },
    account: { run: 'night', id: 'night', session: 'first', name: 'receipt' },
    join: { caps: {}, rates: { requestsPerMinute: 6000 } },
    runCaps: () => ({ revision: 0 }),
    memory: undefined,
    newEpoch: () => 'epoch-1',
  });
  const quota = new PooledQuota(session);
  session.attach(quota);
  session.exchangeSoon();
  const messagesIn = async (ms: number): Promise<number> => {
    const before = messages;
    await time.advance(ms);
    return messages - before;
  };
  await time.advance(2000);
  expect(await messagesIn(10_000)).toBeLessThanOrEqual(10);

  const end = new AbortController();
  let calls = 0;
  const callers = Array.from({ length: 150 }, async () => {
    for (;;) {
      await quota.take(0, end.signal);
      calls += 1;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
  const ends = Promise.allSettled(callers);
  await time.advance(5000);
  calls = 0;
  // A bunch is a second's worth of turns, and is asked for before the last of the one before it.
  expect(await messagesIn(10_000)).toBeLessThanOrEqual(12);
  expect(calls).toBeGreaterThan(980);
  end.abort(new Error('the end'));
  await Promise.all([ends, session.close(), quota.close(), time.advance(1000)]);
});
