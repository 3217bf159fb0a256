import { PoolSession } from '../../../src/fleet/pool/pool-session.ts';
import { PooledQuota } from '../../../src/fleet/pool/pooled-quota.ts';
import type { Rates } from '../../../src/fleet/pool/pool-store.ts';
import type { Quota } from '../../../src/pacing/quota.ts';
import { describeQuota } from '../../pacing/quota-conformance.ts';
import { ModelStore } from './model-store.ts';

let count = 0;

/** One session of a pool, with its quota; the session ends with it. */
function quotaIn(store: ModelStore, rates: Rates): Quota {
  count += 1;
  const session = new PoolSession({
    store,
    account: { run: `run-${count}`, id: `run-${count}`, session: `session-${count}`, name: 'receipt' },
    join: { caps: {}, rates },
    runCaps: () => ({ revision: 0 }),
    memory: undefined,
    newEpoch: () => 'epoch-1',
  });
  const quota = new PooledQuota(session);
  session.attach(quota);
  return {
    take: (amount, signal) => quota.take(amount, signal),
    settle: (taken, used) => quota.settle(taken, used),
    close: async () => {
      await session.close();
      await quota.close();
    },
  };
}

const store = (): ModelStore => new ModelStore(() => performance.now());

describeQuota('PooledQuota of requests', {
  create: (requestsPerMinute) => quotaIn(store(), { requestsPerMinute }),
  perMinute: 600,
  most: 1,
});

describeQuota('PooledQuota of tokens', {
  create: (tokensPerMinute) => quotaIn(store(), { tokensPerMinute }),
  perMinute: 60_000,
  most: 1000,
});
