import { expect, test } from 'vitest';
import { Budget } from '../../../src/accounting/budget.ts';
import type { ChatRequest } from '../../../src/completion/request.ts';
import { HeldBudget } from '../../../src/run/record/held-budget.ts';
import type { AttemptEntry, Spending } from '../../../src/store/entries.ts';
import { someUsage } from './scripted-run.ts';

const prices = { worstCost: () => 0, costOf: () => 0 };
const signal = new AbortController().signal;
const FRAME = 32;

/** A call that may need 100 tokens. */
function ask(seed: number): ChatRequest {
  return { messages: [], max_tokens: 100 - FRAME, seed };
}

function spent(total: number): AttemptEntry {
  const { id, index, attempt, kind } = { id: 'a', index: 0, attempt: 1, kind: 'first' as const };
  const tokens = { ...someUsage, total };
  return { call: 1, id, index, attempt, kind, status: 200, outcome: 'part', tokens, at: '2026-11-23T10:00:00.000Z' };
}

/** A reservation there is room for. */
async function reserve(held: HeldBudget, request: ChatRequest): Promise<Spending> {
  const reservation = await held.reserve(request, signal);
  if (reservation === undefined) throw new Error('There was no room');
  return reservation;
}

const three = [ask(1), ask(2), ask(3)];

test('all calls of a record are reserved before the first, and the next record waits for them', async () => {
  const budget = new Budget({ prices, maxTokens: 500 });
  const first = new HeldBudget(budget, () => three);
  const second = new HeldBudget(budget, () => three);
  const one = await reserve(first, ask(1));
  expect(budget.reserved.tokens).toBe(300);
  let hasBegun = false;
  const waiting = second.reserve(ask(1), signal).then((reservation) => {
    hasBegun = true;
    return reservation;
  });
  for (const request of [ask(2), ask(3)]) {
    first.settle(await reserve(first, request), spent(10));
    expect(hasBegun).toBe(false);
  }
  first.settle(one, spent(10));
  expect(await waiting).toMatchObject({ tokens: 100 });
  expect(budget.reserved.tokens).toBe(300);
});

test('a record that the caps do not cover whole is not begun', async () => {
  const budget = new Budget({ prices, maxTokens: 250 });
  expect(await new HeldBudget(budget, () => three).reserve(ask(1), signal)).toBeUndefined();
  expect(budget.isBelowOneCall).toBe(true);
  expect(budget.describe()).toContain('does not cover a single record');
  expect(budget.describe()).toContain('the 3 calls of one more record might need 300 tokens');
});

test('calls that were answered in an earlier session are not reserved again', async () => {
  const budget = new Budget({ prices, maxTokens: 250 });
  expect(await new HeldBudget(budget, () => three).reserve(ask(2), signal)).toBeDefined();
  expect(budget.reserved.tokens).toBe(200);
});

test('what is not made use of is given back', async () => {
  const budget = new Budget({ prices, maxTokens: 500 });
  const held = new HeldBudget(budget, () => three);
  held.settle(await reserve(held, ask(1)), spent(10));
  held.giveBack();
  expect(budget.reserved.tokens).toBe(0);
  expect(budget.spent.tokens).toBe(10);
});

test('records that both want a call more than was planned do not wait for each other', async () => {
  const budget = new Budget({ prices, maxTokens: 600 });
  const [left, right] = [new HeldBudget(budget, () => three), new HeldBudget(budget, () => three)];
  for (const held of [left, right]) held.settle(await reserve(held, ask(1)), spent(100));
  // 200 are spent and 400 held: there is no room for a re-ask of either.
  const extra = await Promise.all([reserve(left, ask(9)), reserve(right, ask(9))]);
  for (const [at, held] of [left, right].entries()) {
    held.settle(extra[at] ?? { tokens: 0 }, spent(10));
    held.settle(await reserve(held, ask(2)), spent(10));
  }
  expect(budget.reserved.tokens).toBe(0);
});
