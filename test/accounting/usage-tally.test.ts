import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TokenUsage } from '../../src/completion/usage.ts';
import { UsageTally } from '../../src/accounting/usage-tally.ts';
import type { AttemptEntry } from '../../src/store/entries.ts';

function used(prompt: number, completion: number, reasoning = 0, cached = 0): TokenUsage {
  return { prompt, cached, completion, reasoning, total: prompt + completion + reasoning };
}

function attempt(facts: Partial<AttemptEntry> = {}): AttemptEntry {
  return {
    call: 1,
    id: 'r0',
    index: 0,
    attempt: 1,
    kind: 'first',
    status: 200,
    outcome: 'extracted',
    tokens: used(0, 0),
    at: '2026-11-23T10:00:00.000Z',
    ...facts,
  };
}

/** A thousand billionths a token, whatever the model. */
const flatPrice = (entry: AttemptEntry): number => entry.tokens.total * 1000;

function tallyOf(entries: readonly AttemptEntry[], priceCall: (entry: AttemptEntry) => number | undefined = flatPrice) {
  const tally = new UsageTally({ priceCall, model: 'google/default' });
  for (const entry of entries) tally.addAttempt(entry);
  return tally;
}

test('UsageTally of nothing reports zeros and no cost', () => {
  const tally = tallyOf([]);
  expect(tally.report()).toEqual({
    rejectsByCode: {},
    calls: { sent: 0, billed: 0, unmetered: 0, unsettled: 0, repaired: 0, coerced: {}, byStatus: {}, byKind: {} },
    tokens: { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0, wasted: 0 },
    byTrafficType: {},
    byModel: {},
    cost: { usd: 0, isLowerBound: false, wastedUsd: 0, unpricedModels: [] },
    latencyMs: { p50: 0, p90: 0, p99: 0, max: 0 },
  });
  expect([tally.sent, tally.usd]).toEqual([0, 0]);
});

test.each([
  { name: '503', entry: { status: 503, outcome: 'failed' } },
  { name: '200', entry: { status: 200, outcome: 'invalid', code: 'schema_mismatch' } },
  { name: 'timeout', entry: { status: null, outcome: 'failed', code: 'timeout' } },
  { name: 'network', entry: { status: null, outcome: 'failed', code: 'ECONNRESET' } },
  { name: 'unsettled', entry: { status: null, outcome: 'unsettled', code: 'process_ended' } },
] as const)('UsageTally names a call by its status: $name', ({ name, entry }) => {
  expect(tallyOf([attempt(entry)]).report().calls.byStatus).toEqual({ [name]: 1 });
});

test('UsageTally counts what was billed, and as wasted what gave no result', () => {
  const tally = tallyOf([
    attempt({ tokens: used(100, 20), model: 'google/a', trafficType: 'ON_DEMAND', latencyMs: 800 }),
    attempt({ tokens: used(200, 30, 50, 40), outcome: 'invalid', model: 'google/a', latencyMs: 1200 }),
    attempt({ kind: 're-ask', repaired: 'notation', tokens: used(300, 10), trafficType: 'ON_DEMAND', latencyMs: 1000 }),
    attempt({ kind: 'retry', status: 429, outcome: 'failed', latencyMs: 5 }),
    attempt({ status: null, outcome: 'failed', code: 'timeout', latencyMs: 60_000 }),
    attempt({ status: null, outcome: 'unsettled' }),
  ]);
  tally.addReject('truncated');
  tally.addReject('bad_record');
  tally.addReject('truncated');
  expect(tally.report()).toEqual({
    rejectsByCode: { bad_record: 1, truncated: 2 },
    calls: {
      sent: 6,
      billed: 3,
      unmetered: 0,
      unsettled: 1,
      repaired: 1,
      coerced: {},
      byStatus: { 200: 3, 429: 1, timeout: 1, unsettled: 1 },
      byKind: { first: 4, 're-ask': 1, retry: 1 },
    },
    tokens: { prompt: 600, cached: 40, completion: 60, reasoning: 50, total: 710, wasted: 280 },
    byTrafficType: {
      ON_DEMAND: { calls: 2, tokens: used(400, 30) },
      UNREPORTED: { calls: 1, tokens: used(200, 30, 50, 40) },
    },
    byModel: {
      'google/a': { calls: 2, tokens: used(300, 50, 50, 40) },
      'google/default': { calls: 1, tokens: used(300, 10) },
    },
    cost: { usd: 0.00071, isLowerBound: true, wastedUsd: 0.00028, unpricedModels: [] },
    // The call that timed out says how long we waited, not how long the service takes.
    latencyMs: { p50: 813, p90: 1200, p99: 1200, max: 1200 },
  });
  expect(tally.usd).toBe(0.00071);
});

test('UsageTally knows no cost as soon as one model has no price', () => {
  const priceCall = (entry: AttemptEntry): number | undefined => (entry.model === 'new' ? undefined : 1000);
  const tally = tallyOf([attempt({ tokens: used(1, 1), model: 'old' })], priceCall);
  expect(tally.usd).toBe(0.000001);
  for (let call = 0; call < 2; call += 1) tally.addAttempt(attempt({ tokens: used(1, 1), model: 'new' }));
  expect(tally.usd).toBeUndefined();
  expect(tally.report().cost).toEqual({ usd: null, isLowerBound: false, wastedUsd: null, unpricedModels: ['new'] });
});

test('UsageTally asks for no price of a call that was not billed', () => {
  const tally = tallyOf([attempt({ status: 503, outcome: 'failed', model: 'new' })], () => undefined);
  expect(tally.report().cost).toEqual({ usd: 0, isLowerBound: false, wastedUsd: 0, unpricedModels: [] });
});

test('UsageTally keeps its own sums: entries stay as they are', () => {
  const entry = attempt({ tokens: Object.freeze(used(5, 5)), model: 'm', trafficType: 't' });
  const tally = tallyOf([entry, entry]);
  const { tokens, byModel, byTrafficType } = tally.report();
  expect(entry.tokens).toEqual(used(5, 5));
  expect([tokens.total, byModel['m']?.tokens.total, byTrafficType['t']?.tokens.total]).toEqual([20, 20, 20]);
});

test('UsageTally reports sums that equal those of the ledger, and of every slice of it', () => {
  const count = fc.nat(100_000);
  const entry = fc
    .record({
      tokens: fc.oneof(
        fc.constant(used(0, 0)),
        fc.tuple(count, count, count, count).map(([prompt, completion, reasoning, cached]) => {
          return used(prompt + 1, completion, reasoning, Math.min(cached, prompt));
        }),
      ),
      outcome: fc.constantFrom('extracted' as const, 'invalid' as const, 'failed' as const, 'unsettled' as const),
      status: fc.constantFrom(200, 429, 503, null),
      kind: fc.constantFrom('first' as const, 'retry' as const, 're-ask' as const),
      model: fc.constantFrom('a', 'b', '__proto__'),
      trafficType: fc.constantFrom('ON_DEMAND', 'ON_DEMAND_PRIORITY'),
    })
    .map(attempt);
  const sum = (values: Iterable<number>): number => [...values].reduce((total, value) => total + value, 0);
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 40 }), (entries) => {
      const report = tallyOf(entries).report();
      for (const kind of ['prompt', 'cached', 'completion', 'reasoning', 'total'] as const) {
        const expected = sum(entries.map(({ tokens }) => tokens[kind]));
        expect(report.tokens[kind]).toBe(expected);
        expect(sum(Object.values(report.byModel).map(({ tokens }) => tokens[kind]))).toBe(expected);
        expect(sum(Object.values(report.byTrafficType).map(({ tokens }) => tokens[kind]))).toBe(expected);
      }
      const useful = entries.filter(({ outcome }) => outcome === 'extracted');
      expect(report.tokens.wasted).toBe(report.tokens.total - sum(useful.map(({ tokens }) => tokens.total)));
      expect(report.calls.sent).toBe(entries.length);
      expect(sum(Object.values(report.calls.byStatus))).toBe(entries.length);
      expect(sum(Object.values(report.calls.byKind))).toBe(entries.length);
      expect(sum(Object.values(report.byModel).map(({ calls }) => calls))).toBe(report.calls.billed);
      expect(report.cost.usd).toBe((report.tokens.total * 1000) / 1e9);
    }),
  );
});

test('UsageTally tells at most 50 models and traffic types apart', () => {
  const entries = Array.from({ length: 500 }, (_, index) =>
    attempt({ call: index + 1, tokens: used(1, 1), model: `model-${index}`, trafficType: `type-${index}` }),
  );
  const { byModel, byTrafficType, cost, tokens } = tallyOf([...entries, ...entries], () => undefined).report();
  for (const slices of [byModel, byTrafficType]) {
    expect(Object.keys(slices)).toHaveLength(51);
    expect(slices['other']).toMatchObject({ calls: 900, tokens: { total: 1800 } });
  }
  expect(byModel['model-0']).toMatchObject({ calls: 2 });
  expect(cost.unpricedModels).toHaveLength(51);
  expect(tokens.total).toBe(2000);
});

test.each<{ name: string; entry: Partial<AttemptEntry>; unmetered: number; isLowerBound: boolean }>([
  { name: 'a call that told its tokens', entry: { tokens: used(1, 1) }, unmetered: 0, isLowerBound: false },
  { name: 'an answer without usage', entry: {}, unmetered: 1, isLowerBound: true },
  { name: 'a 200 that is no answer', entry: { outcome: 'failed' }, unmetered: 1, isLowerBound: true },
  {
    name: 'an answer whose tokens are estimated',
    entry: { tokens: used(1, 1), isEstimated: true, mayCost: { tokens: 9 } },
    unmetered: 0,
    isLowerBound: true,
  },
  { name: 'an error status', entry: { status: 503, outcome: 'failed' }, unmetered: 0, isLowerBound: false },
  { name: 'a refused connection', entry: { status: null, outcome: 'failed' }, unmetered: 0, isLowerBound: false },
  {
    name: 'a lost connection',
    entry: { status: null, outcome: 'failed', mayCost: { tokens: 9 } },
    unmetered: 0,
    isLowerBound: true,
  },
  { name: 'a killed call', entry: { status: null, outcome: 'unsettled' }, unmetered: 0, isLowerBound: true },
])('UsageTally says whether the cost is all: $name', ({ entry, unmetered, isLowerBound }) => {
  const report = tallyOf([attempt(entry)]).report();
  expect([report.calls.unmetered, report.cost.isLowerBound]).toEqual([unmetered, isLowerBound]);
});
