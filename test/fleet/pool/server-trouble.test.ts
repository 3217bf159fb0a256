import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parsePoolAddress } from '../../../src/fleet/pool/pool-address.ts';
import { RedisStore } from '../../../src/fleet/pool/redis-store.ts';
import { isOfConnection } from '../../../src/fleet/queue/outage.ts';
import { startRedis, whyNoRedis } from '../redis-server.ts';

describe.skipIf(whyNoRedis !== undefined)('a server that answers and can do nothing now', () => {
  test.each([
    {
      what: 'has no memory left',
      command: ['CONFIG', 'SET', 'maxmemory', '1'],
      says: /maxmemory up; raise it.*\(OOM /,
    },
    { what: 'is a replica', command: ['REPLICAOF', '127.0.0.1', '1'], says: /address of the primary.*\(READONLY / },
  ])('and $what says what to do, and is waited for', async ({ command, says }) => {
    const server = await startRedis({ appendOnly: false });
    const redis = new Redis(server.port, '127.0.0.1');
    onTestFinished(async () => {
      redis.disconnect();
      await server.close();
    });
    const [name = '', ...rest] = command;
    await redis.call(name, ...rest);
    const store = new RedisStore({ redis, problem: undefined }, parsePoolAddress(server.url), 'emulator');
    const by = { run: 'r', id: 'r', session: 's', name: 'receipt' };
    const nothing = { tokens: 0, nanoUsd: 0 };
    const money = { spent: nothing, committed: nothing, needed: nothing, wanted: nothing };
    const calls = { calls: 0, tokens: 0, credit: 0, pauseMs: 0, answered: false, failures: 0, wantsProbe: false };
    const joins = { newEpoch: 'e', caps: {}, runCaps: { revision: 0 }, rates: {}, memory: undefined };
    const ask = { account: by, ...money, ...calls, leaves: false, leaseMs: 1000 };
    const error = await store.join(ask, joins).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(says) });
    expect(isOfConnection((error as Error).cause)).toBe(true);
  });
});

test.each(['MISCONF', 'OOM', 'READONLY', 'MASTERDOWN', 'CLUSTERDOWN', 'BUSY', 'LOADING'])(
  '%s is waited for, not taken for a fault of ours',
  (word) => {
    expect(isOfConnection(new Error(`${word} the server says why`))).toBe(true);
    expect(isOfConnection(new Error(`The value ${word} is wrong`))).toBe(false);
  },
);
