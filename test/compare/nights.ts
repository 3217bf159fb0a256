import { ReportAggregates } from '../../src/accounting/run-profile.ts';
import type { CascadeReport } from '../../src/accounting/cascade-tally.ts';
import type { Night } from '../../src/compare/comparison.ts';
import type { JsonObject } from '../../src/json/value.ts';
import { emptyUsage, resultOf } from '../report/report-parts.ts';

export interface Draft {
  records?: number;
  rejected?: number;
  usd?: number;
  p90?: number;
  /** Calls that the service answered; as many as there are records, if not given. */
  calls?: number;
  cascade?: CascadeReport;
  model?: string;
  /** What a run that was stopped has left over. */
  remaining?: number;
  row?(random: () => number): JsonObject;
}

/** Receipts with parts, the members of one list much alike, as they are in life. */
export function nestedReceipt(random: () => number): JsonObject {
  const shop = random() < 0.5 ? 'food' : random() < 0.5 ? 'tools' : 'books';
  const level = Math.exp(2 * random());
  return {
    company: 'C'.repeat(5 + Math.floor(20 * random())),
    address:
      random() < 0.2 ? null : { city: 'B'.repeat(3 + Math.floor(9 * random())), zip: random() < 0.7 ? '1' : null },
    items: Array.from({ length: 1 + Math.floor(12 * random() ** 2) }, () => ({
      kind: shop,
      price: level * (1 + 0.1 * random()),
      ...(shop === 'books' ? { isbn: '978' } : {}),
    })),
    tags: Array.from({ length: Math.floor(3 * random()) }, () => shop),
  };
}

/** Receipts as they come every night. */
export function receipt(random: () => number): JsonObject {
  const total = Math.round(Math.exp(3 + 1.5 * (random() + random() - 1)) * 100) / 100;
  return {
    company: 'C'.repeat(5 + Math.floor(20 * random())),
    currency: random() < 0.8 ? 'EUR' : random() < 0.7 ? 'USD' : 'GBP',
    total: random() < 0.05 ? null : total,
    tax: random() < 0.3 ? null : total * 0.2,
    paid: random() < 0.6,
    items: Array.from({ length: Math.floor(6 * random()) }, () => 'item'),
    ...(random() < 0.5 ? { note: 'N'.repeat(Math.floor(80 * random())) } : {}),
  };
}

export function night(seed: number, draft: Draft = {}): Night {
  const {
    records = 400,
    rejected = 4,
    usd = 0.4,
    p90 = 900,
    calls = records,
    cascade,
    model = 'google/gemini-x',
    row = receipt,
    remaining,
  } = draft;
  const random = randomFrom(seed);
  const aggregates = new ReportAggregates();
  for (let index = 0; index < records - rejected; index += 1)
    aggregates.addResult(resultOf(row(random), { id: `r${index}`, index }));
  const tokens = { prompt: 0, cached: 0, completion: 0, reasoning: 0, total: 0 };
  const usage = {
    ...emptyUsage,
    ...(remaining === undefined ? {} : { status: 'stopped' as const }),
    // A run that is stopped has read records that did not end.
    records: {
      ...emptyUsage.records,
      read: records + (remaining ?? 0),
      extracted: records - rejected,
      rejected,
      remaining: remaining ?? 0,
    },
    calls: { ...emptyUsage.calls, sent: calls + 3, byStatus: { '200': calls, timeout: 3 } },
    cost: { ...emptyUsage.cost, usd },
    latencyMs: { p50: 500, p90, p99: 2000, max: 3000 },
    byModel: {
      [model]: { calls: records, tokens },
      ...(cascade !== undefined && cascade.strong.calls > 0
        ? { 'google/gemini-strong': { calls: cascade.strong.calls, tokens } }
        : {}),
    },
    ...(cascade === undefined ? {} : { cascade }),
  };
  return { usage, profile: aggregates.profile() };
}

/** Mulberry32, so that each night is the same on every machine. */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
