import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import type { ChatRequest } from '../../../src/completion/request.ts';
import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import type { PoolMemory } from '../../../src/fleet/pool/pool-store.ts';
import { PooledBudget } from '../../../src/fleet/pool/pooled-budget.ts';
import type { AttemptEntry, Spending } from '../../../src/store/entries.ts';
import { simulateTime, type SimulatedTime } from '../../pacing/simulated-time.ts';
import { ModelStore } from './model-store.ts';

const LEASE_MS = 1500;
/** Sessions at work are heard of so often. */
const BEAT_MS = LEASE_MS / 15;

const prices = {
  worstCost: ({ promptTokens, outputTokens }: { promptTokens: number; outputTokens: number }) =>
    promptTokens + outputTokens,
  costOf: ({ tokens }: { tokens: { total: number } }) => tokens.total,
};

/** A run directory and whoever works on it; its ledger is all that outlives a kill. */
class Run {
  readonly #store: ModelStore;
  readonly #name: string;
  readonly #caps: { of: string; pool: number; run: number };
  readonly #ledger: AttemptEntry[] = [];
  readonly #underWay = new Set<Spending>();
  #onFile: PoolMemory | undefined;
  #session: PoolSession | undefined;
  #budget: PooledBudget | undefined;
  #stop = new AbortController();
  #sessions = 0;
  /** Calls that were answered, and those that wait to be let go. */
  bill = 0;
  waiting = 0;
  refused = 0;

  constructor(store: ModelStore, name: string, caps: { of: string; pool: number; run: number }) {
    this.#store = store;
    this.#name = name;
    this.#caps = caps;
  }

  /** Whether it lives, and has heard of the pool. */
  get knows(): boolean {
    return this.#session?.isFresh === true;
  }

  /** What counts against the cap of the pool, as it was last heard. */
  get counted(): number | undefined {
    return this.#session?.state?.total.tokens;
  }

  /** The most that the calls so far can have cost. */
  get worst(): number {
    let sum = this.bill;
    for (const { tokens } of this.#underWay) sum += tokens;
    for (const { mayCost } of this.#ledger) sum += mayCost?.tokens ?? 0;
    return sum;
  }

  start(): void {
    if (this.#session !== undefined) return;
    this.#sessions += 1;
    this.#stop = new AbortController();
    const session = new PoolSession({
      store: this.#store,
      account: { run: this.#caps.of, id: this.#name, session: `${this.#name}-${this.#sessions}`, name: this.#name },
      join: { caps: { tokens: this.#caps.pool }, runCaps: { tokens: this.#caps.run }, rates: {} },
      memory: this.#onFile,
      newEpoch: () => `epoch-${this.#name}-${this.#sessions}-${performance.now()}`,
      leaseMs: LEASE_MS,
      waitMs: 1e9,
    });
    const own = new Budget({ prices });
    for (const entry of this.#ledger) own.addEarlier(entry);
    const budget = new PooledBudget({ budget: own, session, outside: { tokens: 0, nanoUsd: 0 } });
    let isFirst = true;
    session.attach({
      say: () => undefined,
      hear: () => {
        if (isFirst && session.memory !== undefined)
          this.#onFile = { ...session.memory, own: { tokens: 0, nanoUsd: 0 } };
        isFirst = false;
      },
    });
    session.attach(budget);
    this.#session = session;
    this.#budget = budget;
  }

  call(tokens: number, share: number, ms: number): void {
    const budget = this.#budget;
    if (budget === undefined) return;
    this.waiting += 1;
    void this.#call(budget, { tokens, share, ms })
      .catch(() => undefined)
      .finally(() => (this.waiting -= 1));
  }

  /** What is under way is noted in the ledger, and nobody ever learns what it cost. */
  kill(): void {
    if (this.#session === undefined) return;
    // A session that is dead to the world: nothing it does is heard of any more.
    this.#session.fail(new Error('killed'));
    this.#stop.abort(new Error('killed'));
    for (const reservation of this.#underWay)
      this.#ledger.push(entry(0, { outcome: 'unsettled', mayCost: reservation }));
    this.#underWay.clear();
    this.#session = undefined;
    this.#budget = undefined;
  }

  async end(): Promise<void> {
    const session = this.#session;
    if (session === undefined || this.#underWay.size > 0) return;
    this.#stop.abort(new Error('ended'));
    this.#session = undefined;
    this.#budget = undefined;
    await session.close();
    this.#onFile = session.memory ?? this.#onFile;
  }

  async #call(budget: PooledBudget, call: { tokens: number; share: number; ms: number }): Promise<void> {
    const { signal } = this.#stop;
    const request: ChatRequest = { messages: [], max_tokens: call.tokens };
    const reservation = await budget.reserve(request, signal);
    if (signal.aborted) return;
    if (reservation === undefined) {
      this.refused += 1;
      return;
    }
    this.#underWay.add(reservation);
    await new Promise((resolve) => setTimeout(resolve, call.ms));
    if (!this.#underWay.delete(reservation)) return;
    const used = Math.floor(call.share * reservation.tokens);
    this.bill += used;
    const settled = entry(used);
    this.#ledger.push(settled);
    budget.settle(reservation, settled);
  }
}

function entry(total: number, facts: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    call: 7,
    id: 'a',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    tokens: { prompt: total, cached: 0, completion: 0, reasoning: 0, total },
    at: '2026-11-23T10:00:00.000Z',
    ...facts,
  };
}

let time: SimulatedTime;
beforeEach(() => void (time = simulateTime()));
afterEach(() => time.restore());

const who = fc.nat(2);
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('start' as const), who }) },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      who,
      tokens: fc.integer({ min: 1, max: 300 }),
      times: fc.integer({ min: 1, max: 5 }),
      share: fc.constantFrom(0, 0.5, 1),
      ms: fc.nat(1500),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.constantFrom(30, 200, 700, 2000, 2000) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('kill' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('end' as const), who }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('away' as const, 'back' as const, 'new-server' as const) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom('forget' as const, 'lose' as const),
      who,
      tokens: fc.integer({ min: 1, max: 300 }),
      times: fc.nat(5),
      isKilled: fc.boolean(),
      /** Where the server may not be asked which one it is, versions have to tell. */
      isSeen: fc.boolean(),
    }),
  },
);

test('the caps of a pool and of its runs hold in every order of calls, kills, restarts, and of a server that goes, forgets and loses its last second', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: 3000 }),
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.double({ min: 0.3, max: 1, noNaN: true }),
      async (cap, steps, share) => {
        const store = new ModelStore(() => performance.now());
        const runCap = Math.floor(share * cap);
        // Two are parts of one run.
        const runs = ['a', 'b', 'c'].map(
          (name) => new Run(store, name, { of: name === 'c' ? 'c' : 'ab', pool: cap, run: runCap }),
        );
        const sumOf = (some: readonly Run[]): number => some.reduce((sum, run) => sum + run.worst, 0);
        // What all that live of a run have never heard of is forgotten with the pool, until the part comes back that spent it.
        let isPartForgotten = false;
        const expectWithin = (): void => {
          expect(sumOf(runs)).toBeLessThanOrEqual(cap);
          if (!isPartForgotten) expect(sumOf(runs.slice(0, 2))).toBeLessThanOrEqual(runCap);
          expect(sumOf(runs.slice(2))).toBeLessThanOrEqual(runCap);
        };
        for (const run of runs) run.start();
        for (const one of steps) {
          const run = 'who' in one ? runs[one.who] : undefined;
          if (one.kind === 'start') run?.start();
          else if (one.kind === 'call')
            for (let left = one.times; left > 0; left -= 1) run?.call(one.tokens, one.share, one.ms);
          else if (one.kind === 'time') await time.advance(one.ms);
          else if (one.kind === 'kill') run?.kill();
          else if (one.kind === 'end') await Promise.all([run?.end(), time.advance(1)]);
          else if (one.kind === 'away') store.isDown = true;
          else if (one.kind === 'back') store.isDown = false;
          else if (one.kind === 'new-server') store.server += 1;
          else if ((one.kind === 'forget' || one.kind === 'lose') && !store.isDown) {
            const lose = store.snapshot();
            for (let left = one.times; left > 0; left -= 1) run?.call(one.tokens, 1, 500);
            await time.advance(30);
            if (one.isKilled) run?.kill();
            // Somebody who lives has to have heard of what was claimed: what else a pool forgets, nobody can know.
            if (!runs.some(({ knows }) => knows)) continue;
            isPartForgotten ||= !runs.slice(0, 2).some(({ knows }) => knows);
            if (one.isKilled || !one.isSeen) await time.advance(2 * BEAT_MS);
            if (one.kind === 'forget') store.forget();
            else lose();
            if (one.isSeen) store.server += 1;
            await time.advance(2 * BEAT_MS);
          }
          expectWithin();
        }
        store.isDown = false;
        await time.advance(60_000);
        expectWithin();
        expect(runs.map(({ waiting }) => waiting)).toEqual([0, 0, 0]);
        for (const run of runs) run.kill();
        await time.advance(10);
      },
    ),
    { numRuns: 200, interruptAfterTimeLimit: 20_000 },
  );
});

test('what was spent counts once, however often the server is started again', async () => {
  const store = new ModelStore(() => performance.now());
  const caps = { of: 'night', pool: 10_000, run: 10_000 };
  const [done, atWork] = [new Run(store, 'done', caps), new Run(store, 'at-work', caps)];
  for (const run of [done, atWork]) run.start();
  await time.advance(2 * LEASE_MS);
  for (let call = 0; call < 5; call += 1) done.call(200, 1, 10);
  await time.advance(2000);
  await Promise.all([done.end(), time.advance(1)]);
  const lose = store.snapshot();
  atWork.call(100, 1, 10);
  await time.advance(2000);
  lose();
  store.server += 1;
  await time.advance(10 * LEASE_MS);
  const bill = done.bill + atWork.bill;
  expect(bill).toBeGreaterThan(1000);
  expect(atWork.counted).toBe(bill);
  for (let restart = 0; restart < 3; restart += 1) {
    store.server += 1;
    await time.advance(10 * LEASE_MS);
    expect(atWork.counted).toBe(bill);
  }
  atWork.kill();
});
