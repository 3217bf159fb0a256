import fc from 'fast-check';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parsePoolAddress } from '../../../src/fleet/pool/pool-address.ts';
import { POOL_SCRIPT } from '../../../src/fleet/pool/pool-script.ts';
import type {
  Amount,
  PoolAsk,
  PoolJoin,
  PoolMemory,
  PoolReply,
  PoolStore,
  RunCaps,
} from '../../../src/fleet/pool/pool-store.ts';
import { tellRunCaps } from '../../../src/fleet/pool/run-caps.ts';
import { RedisStore } from '../../../src/fleet/pool/redis-store.ts';
import { startRedis, whyNoRedis, type RedisServer } from '../redis-server.ts';
import { ModelStore } from './model-store.ts';

const LEASE_MS = 1000;

/** The script with a clock that a test sets, on a server that it starts again in its thoughts. */
const TIMED_SCRIPT = POOL_SCRIPT.replace("redis.call('TIME')", "redis.call('LRANGE', 'clock', 0, 1)").replace(
  "redis.pcall('INFO', 'server')",
  "redis.call('GET', 'server')",
);

/** Submissions of a run, of which workers may have earlier ones. */
const runCaps: fc.Arbitrary<RunCaps> = fc.record(
  { revision: fc.nat(3), tokens: fc.integer({ min: 1, max: 2000 }), nanoUsd: fc.integer({ min: 1, max: 2000 }) },
  { requiredKeys: ['revision'] },
);
const amount = fc.record({ tokens: fc.nat(1000), nanoUsd: fc.nat(1000) });
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });
const wish = fc.record({
  spent: amount,
  inFlight: amount,
  next: amount,
  more: amount,
  calls: fc.nat(20),
  tokens: fc.nat(5000),
  credit: fc.integer({ min: -100, max: 5000 }),
  pauseMs: fc.constantFrom(0, 0, 0, 400),
  answered: fc.boolean(),
  failures: fc.constantFrom(0, 0, 7, 25),
  wantsProbe: fc.boolean(),
  leaves: fc.constantFrom(false, false, false, true),
});
const step = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('ask' as const), who: fc.nat(2), wish }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      who: fc.nat(2),
      caps: fc.record({
        tokens: maybe(fc.integer({ min: 1, max: 4000 })),
        nanoUsd: maybe(fc.integer({ min: 1, max: 4000 })),
      }),
      rates: fc.record({
        requestsPerMinute: maybe(fc.integer({ min: 1, max: 60_000 })),
        tokensPerMinute: maybe(fc.integer({ min: 1, max: 1e6 })),
      }),
      runCaps,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('submit' as const), who: fc.nat(2), runCaps }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('lower' as const),
      who: fc.nat(2),
      spent: amount,
      isSame: fc.constantFrom(true, true, true, false),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(1, 40, 300, 900, 1500, 61_000) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('forget' as const, 'save' as const, 'lose' as const, 'new-server' as const),
    }),
  },
);

/** Says the same to both pools, in order, and keeps what a session would remember. */
class Twins {
  readonly #stores: readonly PoolStore[];
  readonly #memory: (PoolMemory | undefined)[] = [];
  readonly #joins: PoolJoin[] = [];
  readonly #sessions: number[] = [];
  readonly #isIn: boolean[] = [];
  #epochs = 0;

  constructor(stores: readonly PoolStore[]) {
    this.#stores = stores;
  }

  restart(who: number, join: Pick<PoolJoin, 'caps' | 'rates' | 'runCaps'>): void {
    this.#joins[who] = { ...join, memory: undefined, newEpoch: '' };
    this.#sessions[who] = (this.#sessions[who] ?? 0) + 1;
    this.#isIn[who] = false;
  }

  async say(who: number, asked: typeof wish extends fc.Arbitrary<infer Wish> ? Wish : never): Promise<PoolReply[]> {
    const { spent, inFlight, next, more, ...rest } = asked;
    const committed = sum(spent, inFlight);
    const needed = sum(committed, next);
    const ask: PoolAsk = {
      ...rest,
      account: {
        run: runOf(who),
        id: `${who}`,
        session: `${who}-${this.#sessions[who] ?? 0}`,
        name: 'receipt',
      },
      spent,
      committed,
      needed,
      wanted: sum(needed, more),
      leaseMs: LEASE_MS,
    };
    const memory = this.#memory[who];
    this.#epochs += 1;
    const join = {
      caps: {},
      runCaps: { revision: 0 },
      rates: {},
      ...this.#joins[who],
      memory,
      newEpoch: `epoch-${this.#epochs}`,
    };
    const replies: PoolReply[] = [];
    for (const store of this.#stores) {
      replies.push(
        await (this.#isIn[who] === true && memory !== undefined ? store.exchange(ask, memory) : store.join(ask, join)),
      );
    }
    const [reply] = replies;
    this.#isIn[who] = reply?.kind === 'state';
    if (reply?.kind === 'state')
      this.#memory[who] = {
        earlier:
          memory === undefined || memory.epoch === reply.epoch
            ? (memory?.earlier ?? [])
            : [...memory.earlier, memory.epoch],
        epoch: reply.epoch,
        version: reply.version,
        total: reply.total,
        runTotal: reply.runTotal,
        own: reply.claim,
      };
    return replies;
  }
}

/** Two are parts of one run. */
function runOf(who: number): string {
  return who === 0 ? 'one' : 'others';
}

function sum(one: Amount, other: Amount): Amount {
  return { tokens: one.tokens + other.tokens, nanoUsd: one.nanoUsd + other.nanoUsd };
}

async function dump(redis: Redis): Promise<[string, Buffer][]> {
  const keys = await redis.keys('*');
  return Promise.all(
    keys.map(async (key): Promise<[string, Buffer]> => [key, (await redis.dumpBuffer(key)) as Buffer]),
  );
}

/** Turns of the rates are whole microseconds in the one and not in the other. */
function roughly(reply: PoolReply | undefined): unknown {
  if (reply?.kind !== 'state') return reply;
  return { ...reply, callsInMs: 0, tokensInMs: 0 };
}

describe.skipIf(whyNoRedis !== undefined)('the script of a pool', () => {
  let server: RedisServer;
  let redis: Redis;
  beforeAll(async () => {
    server = await startRedis({ appendOnly: false });
    redis = new Redis(server.port, '127.0.0.1');
  });
  afterAll(async () => {
    redis?.disconnect();
    await server?.close();
  });

  test('does what the model does, whatever is asked of it by whom and when', async () => {
    const address = parsePoolAddress(server.url);
    const ends = new Set<string>();
    let by = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        let now = 1_764_000_000_000;
        const setClock = async (): Promise<void> => {
          await redis.set('server', `run_id:${model.server}`);
          await redis.del('clock');
          await redis.rpush('clock', String(Math.floor(now / 1000)), String((now % 1000) * 1000));
        };
        let saved: { model: () => void; redis: [string, Buffer][] } | undefined;
        const model = new ModelStore(() => now);
        await redis.flushdb();
        await setClock();
        const script = new RedisStore({ redis, problem: undefined }, address, 'emulator', TIMED_SCRIPT);
        const twins = new Twins([model, script]);
        for (const one of steps) {
          if (one.kind === 'time') {
            now += one.ms;
            await setClock();
            // The server's own clock would end it.
            if (one.ms >= LEASE_MS) await redis.del('{gleaner}:probe:emulator');
          } else if (one.kind === 'submit') {
            model.tellRunCaps(runOf(one.who), one.runCaps);
            await tellRunCaps(redis, address, runOf(one.who), one.runCaps);
          } else if (one.kind === 'forget') {
            model.forget();
            await redis.flushdb();
            await setClock();
          } else if (one.kind === 'save') {
            saved = { model: model.snapshot(), redis: await dump(redis) };
          } else if (one.kind === 'lose') {
            if (saved === undefined) continue;
            saved.model();
            await redis.flushdb();
            for (const [key, value] of saved.redis) await redis.restore(key, 0, value);
            await setClock();
          } else if (one.kind === 'lower') {
            const { session, seen } = model.pool?.accounts.get(`${one.who}`) ?? { session: 'none', seen: 0 };
            const lowering = {
              account: { run: runOf(one.who), id: `${one.who}`, session: `by-${(by += 1)}`, name: 'receipt' },
              lowers: { session, seen: one.isSame ? seen : seen - 1 },
              spent: one.spent,
            };
            const expected = await model.lower(lowering);
            expect(await script.lower(lowering)).toBe(expected);
            ends.add(expected);
          } else if (one.kind === 'new-server') {
            model.server += 1;
            await setClock();
          } else if (one.kind === 'restart') {
            const { caps, rates } = one;
            twins.restart(one.who, {
              caps: JSON.parse(JSON.stringify(caps)) as Partial<Amount>,
              rates: JSON.parse(JSON.stringify(rates)) as PoolJoin['rates'],
              runCaps: one.runCaps,
            });
          } else if (one.kind === 'ask') {
            const [expected, found] = await twins.say(one.who, one.wish);
            expect(roughly(found)).toEqual(roughly(expected));
            if (expected?.kind !== 'state' || found?.kind !== 'state') continue;
            expect(found.callsInMs).toBeCloseTo(expected.callsInMs, 0);
            expect(found.tokensInMs).toBeCloseTo(expected.tokensInMs, 0);
          }
        }
      }),
      {
        numRuns: 150,
        ...(process.env['POOL_HISTORIES'] === undefined ? {} : { numRuns: Number(process.env['POOL_HISTORIES']) }),
      },
    );
    expect(ends).toEqual(new Set(['lowered', 'alive', 'unknown']));
  });

  test('counts exactly up to the largest number that a double holds', async () => {
    await redis.flushdb();
    const store = new RedisStore({ redis, problem: undefined }, parsePoolAddress(server.url), 'emulator');
    const most = Number.MAX_SAFE_INTEGER;
    const ask = (spent: number, more: number): PoolAsk => ({
      account: { run: 'r', id: 'r', session: 's', name: 'receipt' },
      spent: { tokens: 0, nanoUsd: spent },
      committed: { tokens: 0, nanoUsd: spent },
      needed: { tokens: 0, nanoUsd: spent + more },
      wanted: { tokens: 0, nanoUsd: spent + more },
      calls: 0,
      tokens: 0,
      credit: 0,
      pauseMs: 0,
      answered: false,
      failures: 0,
      wantsProbe: false,
      leaves: false,
      leaseMs: 5,
    });
    const join = { caps: { nanoUsd: most }, runCaps: { revision: 0 }, rates: {}, memory: undefined, newEpoch: 'e' };
    const first = await store.join(ask(most - 2, 0), join);
    if (first.kind !== 'state') throw new Error('The pool does not know a session that joins');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(await store.exchange(ask(most - 2, 3), first)).toMatchObject({ claim: { nanoUsd: most - 2 } });
    expect(await store.exchange(ask(most - 2, 2), first)).toMatchObject({
      claim: { nanoUsd: most },
      total: { nanoUsd: most },
      caps: { nanoUsd: most },
    });
  });
});
