import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Budget, type BudgetOptions } from '../../src/accounting/budget.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import type { AttemptEntry, Spending } from '../../src/store/entries.ts';
import { describeBudget } from './budget-conformance.ts';

/** A billionth a token, whatever the model; `unknown` has no price. */
const prices: BudgetOptions['prices'] = {
  worstCost: ({ model, promptTokens, outputTokens }) => (model === 'unknown' ? undefined : promptTokens + outputTokens),
  costOf: ({ model, tokens }) =>
    model === 'unknown' ? undefined : model === 'dear' ? tokens.total * 10 : tokens.total,
};
const signal = new AbortController().signal;
const ask = (tokens: number): ChatRequest => ({ messages: [], max_tokens: tokens });
/** What the request has beside its answer. */
const FRAME = 32;

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

async function reserve(budget: Budget, tokens: number): Promise<Spending> {
  const reservation = await budget.reserve(ask(tokens), signal);
  if (reservation === undefined) throw new Error('There was no room');
  return reservation;
}

describeBudget('Budget', {
  create: (maxTokens) => ({ budget: new Budget({ prices, maxTokens }), close: () => Promise.resolve() }),
});

test('Budget notes the bound of each call in both currencies, whatever the caps', async () => {
  const bound = { tokens: 100 + FRAME, nanoUsd: 100 + FRAME };
  for (const caps of [{}, { maxTokens: 1000 }, { maxNanoUsd: 1000 }])
    expect(await reserve(new Budget({ prices, ...caps }), 100)).toEqual(bound);
  const unpriced = new Budget({ prices: { ...prices, worstCost: () => undefined } });
  expect(await reserve(unpriced, 100)).toEqual({ tokens: 100 + FRAME });
});

test('Budget lets a call wait until another gives its room back', async () => {
  const budget = new Budget({ prices, maxTokens: 200 });
  const first = await reserve(budget, 100);
  let isSecond = false;
  const second = budget.reserve(ask(100), signal).then((reservation) => {
    isSecond = true;
    return reservation;
  });
  await new Promise(setImmediate);
  expect([isSecond, budget.isWaiting]).toEqual([false, true]);
  budget.settle(first, entry(10));
  expect(await second).toBeDefined();
  expect(budget.isWaiting).toBe(false);
  expect(budget.spent.tokens).toBe(10);
});

test('Budget is exhausted when nothing is in flight and the next call does not fit', async () => {
  const budget = new Budget({ prices, maxTokens: 200, maxNanoUsd: 1e9 });
  budget.settle(await reserve(budget, 100), entry(150, { outcome: 'invalid', tokens: entry(120).tokens }));
  expect(await budget.reserve(ask(100), signal)).toBeUndefined();
  expect(budget.describe()).toMatch(
    /the budget is used up: 120 of 200 tokens are spent, and one more call might need 132 tokens; /,
  );
});

describe('Budget counts of an earlier session', () => {
  const cases: { name: string; line: AttemptEntry; tokens: number; nanoUsd: number }[] = [
    { name: 'what was reported', line: entry(50), tokens: 50, nanoUsd: 50 },
    {
      name: 'the bound of a killed call',
      line: entry(0, { outcome: 'unsettled', mayCost: { tokens: 90, nanoUsd: 80 } }),
      tokens: 90,
      nanoUsd: 80,
    },
    {
      name: 'the bound where more was reported',
      line: entry(99, { outcome: 'failed', mayCost: { tokens: 90, nanoUsd: 80 } }),
      tokens: 99,
      nanoUsd: 99,
    },
    {
      name: 'a bound without dollars, each token at its most',
      line: entry(0, { mayCost: { tokens: 90 } }),
      tokens: 90,
      nanoUsd: 180,
    },
    {
      name: 'a bound that says no dollars because it did not look',
      line: entry(0, { mayCost: { tokens: 90, nanoUsd: 0 } }),
      tokens: 90,
      nanoUsd: 180,
    },
    {
      name: 'a killed call without a bound at the limits of the model',
      line: entry(0, { outcome: 'unsettled', status: null }),
      tokens: 1_114_112,
      nanoUsd: 2_228_224,
    },
    { name: 'an answer without usage or bound likewise', line: entry(0), tokens: 1_114_112, nanoUsd: 2_228_224 },
    { name: 'nothing for an error status', line: entry(0, { status: 503, outcome: 'failed' }), tokens: 0, nanoUsd: 0 },
    { name: 'a model without a price at the most', line: entry(50, { model: 'unknown' }), tokens: 50, nanoUsd: 100 },
  ];
  test.each(cases)('$name', ({ line, tokens, nanoUsd }) => {
    const budget = new Budget({ prices });
    budget.addEarlier(line);
    expect(budget.spent).toEqual({ tokens, nanoUsd });
  });
});

describe('Budget ends a capped run when a call was billed more than was reserved', () => {
  test.each<{ name: string; caps: Partial<BudgetOptions>; bill: AttemptEntry; says: RegExp | undefined }>([
    {
      name: 'in tokens',
      caps: { maxTokens: 1e6 },
      bill: entry(5000),
      says: /call 7 was billed 5,000 tokens where 132 tokens was the most/,
    },
    {
      name: 'by a dearer model',
      caps: { maxNanoUsd: 1e9 },
      bill: entry(100, { model: 'dear' }),
      says: /\(served by dear\)/,
    },
    { name: 'not without a cap', caps: {}, bill: entry(5000), says: undefined },
    {
      name: 'not in a currency without a cap',
      caps: { maxTokens: 1e6 },
      bill: entry(100, { model: 'dear' }),
      says: undefined,
    },
  ])('$name', async ({ caps, bill, says }) => {
    const notices: string[] = [];
    const budget = new Budget({ prices, onNotice: (notice) => notices.push(notice), ...caps });
    const waiting = await reserve(budget, 100);
    budget.settle(await reserve(budget, 100), bill);
    const next = await budget.reserve(ask(1), signal);
    expect(next === undefined).toBe(says !== undefined);
    expect(notices).toHaveLength(says === undefined ? 0 : 1);
    if (says !== undefined) {
      expect(budget.describe()).toMatch(says);
      expect(notices[0]).toBe(budget.describe());
    }
    budget.settle(waiting, entry(1));
  });
});

test('Budget tells once of a model that answers without a price', async () => {
  const notices: string[] = [];
  const budget = new Budget({ prices, maxNanoUsd: 1e9, onNotice: (notice) => notices.push(notice) });
  for (let call = 0; call < 3; call += 1) budget.settle(await reserve(budget, 100), entry(50, { model: 'unknown' }));
  expect(budget.spent.nanoUsd).toBe(3 * (100 + FRAME));
  expect(notices).toEqual([expect.stringContaining('unknown answered, whose price is not known')]);
});

test('Budget says when the price ends while it runs', async () => {
  let isKnown = true;
  const ending = { ...prices, worstCost: () => (isKnown ? 1 : undefined) };
  const budget = new Budget({ prices: ending, maxNanoUsd: 1e9 });
  budget.settle(await reserve(budget, 100), entry(1));
  isKnown = false;
  expect(await budget.reserve(ask(100), signal)).toBeUndefined();
  expect(budget.describe()).toMatch(/the price of the model is not known from today on/);
});

test('a wait for room ends with the reason of its signal', async () => {
  const stop = new AbortController();
  const budget = new Budget({ prices, maxTokens: 150 });
  await reserve(budget, 100);
  const waiting = budget.reserve(ask(100), stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});

test('whatever calls come and settle, a cap is kept unless a call settles above its bound, which is told', async () => {
  const call = fc.record({
    /** What the call may need, and the share of it that it is billed; none where nothing is reported. */
    tokens: fc.integer({ min: 1, max: 400 }),
    share: fc.option(fc.double({ min: 0, max: 1.2, noNaN: true }), { nil: undefined }),
    isCancelled: fc.boolean(),
    /** Calls in flight that settle before the next one is asked for. */
    settles: fc.nat(3),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 40 }),
      fc.integer({ min: 1, max: 3000 }),
      fc.boolean(),
      async (calls, cap, inTokens) => {
        let told = 0;
        const budget = new Budget({
          prices,
          ...(inTokens ? { maxTokens: cap } : { maxNanoUsd: cap }),
          onNotice: () => (told += 1),
        });
        const unit = inTokens ? 'tokens' : 'nanoUsd';
        let overrun = 0;
        let billed = 0;
        const flying: (() => void)[] = [];
        const check = (): void => {
          expect(budget.spent[unit] + budget.reserved[unit]).toBeLessThanOrEqual(cap + overrun);
          expect(billed).toBeLessThanOrEqual(budget.spent[unit]);
          expect(told).toBe(overrun > 0 ? 1 : 0);
        };
        for (const { tokens, share, isCancelled, settles } of calls) {
          const asked = budget.reserve(ask(tokens), signal);
          void asked.then((reservation) => {
            if (reservation === undefined) return;
            flying.push(() => {
              if (isCancelled) return budget.cancel(reservation);
              if (share === undefined)
                return budget.settle(reservation, entry(0, { mayCost: reservation, outcome: 'unsettled' }));
              const bill = Math.floor(reservation.tokens * share);
              billed += bill;
              overrun += Math.max(0, bill - reservation.tokens);
              budget.settle(reservation, entry(bill, { status: bill === 0 ? 503 : 200 }));
            });
          });
          await new Promise(setImmediate);
          check();
          for (const settle of flying.splice(0, settles)) {
            settle();
            check();
          }
        }
        while (flying.length > 0) {
          flying.shift()?.();
          await new Promise(setImmediate);
          check();
        }
        expect(budget.reserved).toEqual({ tokens: 0, nanoUsd: 0 });
      },
    ),
    { numRuns: 200 },
  );
});
