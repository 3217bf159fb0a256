import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import type { ChatRequest } from '../../../src/completion/request.ts';
import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import type { LoweredClaim, PoolMemory, RunCaps } from '../../../src/fleet/pool/pool-store.ts';
import { PooledBudget } from '../../../src/fleet/pool/pooled-budget.ts';
import type { AttemptEntry, Spending } from '../../../src/store/entries.ts';
import { simulateTime, type SimulatedTime } from '../../pacing/simulated-time.ts';
import { ModelStore } from './model-store.ts';

const LEASE_MS = 1500;
/** More of them, for an hour of patience. */
const HISTORIES = Number(process.env['POOL_HISTORIES'] ?? 0) || undefined;
/** Sessions at work are heard of so often. */
const BEAT_MS = LEASE_MS / 15;

const prices = {
  worstCost: ({ promptTokens, outputTokens }: { promptTokens: number; outputTokens: number }) =>
    promptTokens + outputTokens,
  costOf: ({ tokens }: { tokens: { total: number } }) => tokens.total,
};

/** What a run was submitted with last. Its sessions read it where nothing is forgotten, beside the parts. */
interface Submitted {
  of: string;
  caps: RunCaps;
  /** What may be spent of it: under a cap that was lowered, what sessions had claimed by then. */
  bound: number;
}

/** A run directory and whoever works on it; its ledger is all that outlives a kill. */
class Run {
  readonly #store: ModelStore;
  readonly #name: string;
  readonly #poolCap: number;
  readonly #submitted: Submitted;
  readonly #ledger: AttemptEntry[] = [];
  readonly #underWay = new Set<Spending>();
  #onFile: PoolMemory | undefined;
  /** Sessions that a file beside their own says are replaced. */
  readonly #replaced = new Set<string>();
  /** Calls that were noted; those of them that were sent are under way. */
  readonly #noted = new Set<Spending>();
  #isFrozen = false;
  /** What calls may have cost that were sent, and whose ends nobody knows. */
  #unsettled = 0;
  #session: PoolSession | undefined;
  #budget: PooledBudget | undefined;
  #stop = new AbortController();
  #sessions = 0;
  #lowerings = 0;
  /** Calls that were answered, and those that wait to be let go. */
  bill = 0;
  waiting = 0;
  refused = 0;

  constructor(store: ModelStore, name: string, { poolCap, submitted }: { poolCap: number; submitted: Submitted }) {
    this.#store = store;
    this.#name = name;
    this.#poolCap = poolCap;
    this.#submitted = submitted;
  }

  /** Whether it lives, has heard of the pool, and may come back into one that has forgotten it. */
  get knows(): boolean {
    const isReplaced = this.#replaced.has(`${this.#name}-${this.#sessions}`);
    return this.#session?.isFresh === true && !this.#isFrozen && !isReplaced;
  }

  get isFrozen(): boolean {
    return this.#isFrozen;
  }

  /** What counts against the cap of the pool, as it was last heard. */
  get counted(): number | undefined {
    return this.#session?.state?.total.tokens;
  }

  /** The most that the calls so far can have cost. */
  get worst(): number {
    let sum = this.bill + this.#unsettled;
    for (const { tokens } of this.#underWay) sum += tokens;
    return sum;
  }

  start(): void {
    if (this.#session?.failure !== undefined) this.kill();
    if (this.#session !== undefined) return;
    this.#sessions += 1;
    this.#stop = new AbortController();
    // All calls that wait for room listen to it, as they do to that of a run's session.
    setMaxListeners(0, this.#stop.signal);
    const id = `${this.#name}-${this.#sessions}`;
    const session = new PoolSession({
      store: {
        name: this.#store.name,
        join: (...asked) => this.#whileAwake(() => this.#store.join(...asked)),
        exchange: (...asked) => this.#whileAwake(() => this.#store.exchange(...asked)),
      },
      account: { run: this.#submitted.of, id: this.#name, session: id, name: this.#name },
      isReplaced: () => this.#replaced.has(id),
      join: { caps: { tokens: this.#poolCap }, rates: {} },
      runCaps: () => this.#submitted.caps,
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

  /** Nothing of it happens until it goes on; what is under way at the service goes on there. */
  freeze(): void {
    this.#isFrozen = true;
  }

  goOn(): void {
    this.#isFrozen = false;
  }

  /** Has somebody else put right what a session claims that the pool does not hear of; as slowly as files and networks may be. */
  async lower(readMs: number, lowerMs: number): Promise<LoweredClaim | undefined> {
    const { pool } = this.#store;
    const account = pool?.accounts.get(this.#name);
    if (account === undefined || account.liveUntil > performance.now()) return undefined;
    const { session, seen } = account;
    this.#replaced.add(session);
    await sleep(readMs);
    const read = new Budget({ prices });
    for (const one of this.#ledger) read.addEarlier(one);
    for (const reservation of this.#noted) read.addEarlier(entry(0, { outcome: 'unsettled', mayCost: reservation }));
    const { tokens, nanoUsd } = read.spent;
    await sleep(lowerMs);
    if (this.#store.isDown) return undefined;
    this.#lowerings += 1;
    return this.#store.lower({
      account: { run: this.#submitted.of, id: this.#name, session: `by-${this.#lowerings}`, name: this.#name },
      lowers: { session, seen },
      spent: { tokens, nanoUsd: Math.ceil(nanoUsd) },
    });
  }

  async #whileAwake<Reply>(ask: () => Promise<Reply>): Promise<Reply> {
    if (this.#isFrozen) throw new Error('Command timed out');
    return ask();
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
    for (const reservation of this.#noted) this.#ledger.push(entry(0, { outcome: 'unsettled', mayCost: reservation }));
    for (const { tokens } of this.#underWay) this.#unsettled += tokens;
    this.#noted.clear();
    this.#underWay.clear();
    this.#isFrozen = false;
    this.#session = undefined;
    this.#budget = undefined;
  }

  async end(): Promise<void> {
    const session = this.#session;
    if (session === undefined || this.#noted.size > 0 || this.#isFrozen) return;
    this.#stop.abort(new Error('ended'));
    this.#session = undefined;
    this.#budget = undefined;
    await session.close();
    if (session.memory !== undefined) this.#onFile = { ...session.memory, own: { tokens: 0, nanoUsd: 0 } };
  }

  /** As a worker of a fleet waits, before it sends anything, until the pool has been heard of. */
  async #mayBeSent(signal: AbortSignal): Promise<boolean> {
    for (;;) {
      const session = this.#session;
      if (session === undefined || session.failure !== undefined || signal.aborted) return false;
      if (session.isFresh && !this.#isFrozen) return true;
      if (!this.#isFrozen) session.exchangeSoon();
      await sleep(50);
    }
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
    while (this.#isFrozen) await sleep(10);
    if (signal.aborted) return;
    this.#noted.add(reservation);
    if (!(await this.#mayBeSent(signal))) {
      // What nobody has sent costs nothing.
      if (!signal.aborted) this.#noted.delete(reservation);
      return;
    }
    if (signal.aborted) return;
    this.#underWay.add(reservation);
    await sleep(call.ms);
    if (!this.#underWay.delete(reservation)) return;
    this.#noted.delete(reservation);
    // An answer without any tokens would be one whose cost nobody knows, and count as the most that any call can cost.
    const used = Math.max(1, Math.floor(call.share * reservation.tokens));
    this.bill += used;
    const settled = entry(used);
    this.#ledger.push(settled);
    budget.settle(reservation, settled);
  }
}

function submittedAs(of: string, tokens: number): Submitted {
  return { of, caps: { revision: 1, tokens }, bound: tokens };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
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
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('freeze' as const, 'go-on' as const), who }) },
  {
    // A worker stands still with calls that are let go and not noted; what it claimed is lowered, spent by others, and it goes on.
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('lost' as const),
      who,
      tokens: fc.integer({ min: 50, max: 300 }),
      times: fc.integer({ min: 1, max: 8 }),
      meanwhile: fc.constantFrom('nothing' as const, 'new-server' as const, 'forget' as const, 'lose' as const),
      isDuring: fc.boolean(),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('lower' as const),
      who,
      readMs: fc.constantFrom(0, 20, 1000),
      lowerMs: fc.constantFrom(0, 20, 1000),
    }),
  },
  {
    // A share of the pool's cap; none: the run has no cap of its own any more.
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('submit' as const),
      who,
      share: fc.option(fc.double({ min: 0.05, max: 1.2, noNaN: true }), { nil: undefined }),
    }),
  },
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

test('the caps of a pool and of its runs hold in every order of calls, kills, freezes, lowered claims, restarts, and of a server that goes, forgets and loses its last second', async () => {
  const seen: Record<string, number> = {};
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 200, max: 3000 }),
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.double({ min: 0.3, max: 1, noNaN: true }),
      async (cap, steps, share) => {
        const store = new ModelStore(() => performance.now());
        const runCap = Math.floor(share * cap);
        const ab = submittedAs('ab', runCap);
        const c = submittedAs('c', runCap);
        // Two are parts of one run.
        const runs = ['a', 'b', 'c'].map(
          (name) => new Run(store, name, { poolCap: cap, submitted: name === 'c' ? c : ab }),
        );
        const sumOf = (some: readonly Run[]): number => some.reduce((sum, run) => sum + run.worst, 0);
        // What all that live of a run have never heard of is forgotten with the pool, until the part comes back that spent it.
        let isPartForgotten = false;
        const expectWithin = (): void => {
          expect(sumOf(runs)).toBeLessThanOrEqual(cap);
          if (!isPartForgotten) expect(sumOf(runs.slice(0, 2))).toBeLessThanOrEqual(ab.bound);
          expect(sumOf(runs.slice(2))).toBeLessThanOrEqual(c.bound);
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
          else if (one.kind === 'freeze') run?.freeze();
          else if (one.kind === 'go-on') run?.goOn();
          else if (one.kind === 'lower')
            void run?.lower(one.readMs, one.lowerMs).then(
              (end) => (seen[end ?? 'none'] = (seen[end ?? 'none'] ?? 0) + 1),
              () => undefined,
            );
          else if (one.kind === 'lost') {
            if (store.isDown || run?.knows !== true) continue;
            const others = runs.filter((other) => other !== run);
            if (!others.some(({ knows }) => knows)) continue;
            for (let left = one.times; left > 0; left -= 1) run.call(one.tokens, 1, 300);
            await time.advance(2 * BEAT_MS);
            for (let left = one.times; left > 0; left -= 1) run.call(one.tokens, 1, 300);
            // What the pool has granted by now is let go, and not yet noted.
            run.freeze();
            await time.advance(1.5 * LEASE_MS);
            const lose = store.snapshot();
            void run.lower(0, one.isDuring ? 100 : 0).catch(() => undefined);
            if (one.isDuring) await time.advance(30);
            else await time.advance(2 * BEAT_MS);
            const isHeard = others.some(({ knows }) => knows);
            if (one.isDuring) run.goOn();
            for (const other of others) for (let left = 20; left > 0; left -= 1) other.call(one.tokens, 1, 300);
            await time.advance(1000);
            if (isHeard && others.every(({ isFrozen }) => !isFrozen)) {
              isPartForgotten ||= !runs.slice(0, 2).some(({ knows }) => knows);
              if (one.meanwhile === 'forget') store.forget();
              else if (one.meanwhile === 'lose') lose();
              if (one.meanwhile !== 'nothing') store.server += 1;
            }
            await time.advance(2 * BEAT_MS);
            run.goOn();
            await time.advance(2000);
          } else if (one.kind === 'submit') {
            if (store.isDown) continue;
            const submitted = one.who === 2 ? c : ab;
            const tokens = one.share === undefined ? undefined : Math.ceil(one.share * cap);
            const revision = submitted.caps.revision + 1;
            submitted.caps = { revision, ...(tokens === undefined ? {} : { tokens }) };
            store.tellRunCaps(submitted.of, submitted.caps);
            // A pool that has forgotten it may know less of what was spent by then; no cap can take that back.
            const spent = sumOf(one.who === 2 ? runs.slice(2) : runs.slice(0, 2));
            const claimed = Math.max(store.settledTotalOf(submitted.of) ?? submitted.bound, spent);
            submitted.bound = Math.max(tokens ?? Infinity, claimed);
            if (claimed < submitted.bound) seen['raised'] = (seen['raised'] ?? 0) + 1;
          } else if (one.kind === 'away') store.isDown = true;
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
            if (one.isKilled || !one.isSeen || runs.some(({ isFrozen }) => isFrozen)) await time.advance(2 * BEAT_MS);
            if (one.kind === 'forget') store.forget();
            else lose();
            if (one.isSeen) store.server += 1;
            await time.advance(2 * BEAT_MS);
          }
          expectWithin();
        }
        store.isDown = false;
        for (const run of runs) run.goOn();
        await time.advance(60_000);
        expectWithin();
        expect(runs.map(({ waiting }) => waiting)).toEqual([0, 0, 0]);
        for (const run of runs) run.kill();
        await time.advance(10);
      },
    ),
    { numRuns: HISTORIES ?? 200, ...(HISTORIES === undefined ? { interruptAfterTimeLimit: 20_000 } : {}) },
  );
  expect(seen['lowered']).toBeGreaterThan(0);
  expect(seen['raised']).toBeGreaterThan(0);
});

test('what was spent counts once, however often the server is started again', async () => {
  const store = new ModelStore(() => performance.now());
  const caps = { poolCap: 10_000, submitted: submittedAs('night', 10_000) };
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

test.each(['nothing', 'new-server', 'forget', 'lose'] as const)(
  'a worker that stood still while its claim was lowered and spent by others sends nothing more; meanwhile: %s',
  async (meanwhile) => {
    const store = new ModelStore(() => performance.now());
    const cap = 3000;
    const runs = ['frozen', 'other', 'third'].map(
      (name) => new Run(store, name, { poolCap: cap, submitted: submittedAs(name, cap) }),
    );
    const [frozen, other] = runs as [Run, Run];
    for (const run of runs) run.start();
    for (const run of runs) run.call(1, 0, 10);
    await time.advance(3 * LEASE_MS);
    for (let call = 0; call < 5; call += 1) frozen.call(100, 1, 10);
    await time.advance(2 * BEAT_MS);
    for (let call = 0; call < 5; call += 1) frozen.call(100, 1, 10);
    frozen.freeze();
    await time.advance(1.5 * LEASE_MS);
    expect(frozen.waiting).toBe(5);
    const lose = store.snapshot();
    const lowered = frozen.lower(0, 0);
    await time.advance(2 * BEAT_MS);
    expect(await lowered).toBe('lowered');
    for (let call = 0; call < 40; call += 1) other.call(100, 1, 10);
    await time.advance(3000);
    const bill = other.bill + frozen.bill;
    expect(bill).toBeGreaterThan(cap - 200);
    if (meanwhile === 'forget') store.forget();
    if (meanwhile === 'lose') lose();
    if (meanwhile !== 'nothing') store.server += 1;
    await time.advance(2 * BEAT_MS);
    frozen.goOn();
    await time.advance(20 * LEASE_MS);
    expect(frozen.bill + other.bill).toBe(bill);
    for (const run of runs) run.kill();
    await time.advance(10);
  },
);
