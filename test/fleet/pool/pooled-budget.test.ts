import { Budget } from '../../../src/accounting/budget.ts';
import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import { PooledBudget } from '../../../src/fleet/pool/pooled-budget.ts';
import { describeBudget } from '../../accounting/budget-conformance.ts';
import { ModelStore } from './model-store.ts';

/** A billionth a token. */
const prices = {
  worstCost: ({ promptTokens, outputTokens }: { promptTokens: number; outputTokens: number }) =>
    promptTokens + outputTokens,
  costOf: ({ tokens }: { tokens: { total: number } }) => tokens.total,
};

describeBudget('PooledBudget', {
  create: (maxTokens) => {
    const session = new PoolSession({
      store: new ModelStore(() => performance.now()),
      account: { run: 'run-1', id: 'run-1', session: 'session-1', name: 'receipt' },
      join: { caps: { tokens: maxTokens }, rates: {} },
      runCaps: () => ({ revision: 0 }),
      memory: undefined,
      newEpoch: () => 'epoch-1',
    });
    const budget = new PooledBudget({
      budget: new Budget({ prices }),
      session,
      outside: { tokens: 0, nanoUsd: 0 },
    });
    session.attach(budget);
    return { budget, close: () => session.close() };
  },
});
