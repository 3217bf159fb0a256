import { ReportAggregates } from '../../src/accounting/run-profile.ts';
import type { UsageReport } from '../../src/accounting/usage-report.ts';
import type { ReportParts } from '../../src/report/html/parts.ts';
import { rejectAdvice } from '../../src/run/session/reject-advice.ts';
import { attemptAt, emptyUsage, manifest, rejectOf, reportParts, resultOf } from './report-parts.ts';

const start = Date.parse('2026-11-23T10:00:00.000Z');

/** Nights as they come, as pages show them. */
export const nights = {
  'a clean night': () => night(313, []),
  'a bad night': () => night(360, ['schema_violation', 'refusal', 'bad_record', 'timeout']),
  'a stopped night': () =>
    night(200, ['refusal'], { status: 'stopped', exitCode: 4, reason: 'the budget is used up: $0.10 of $0.10' }),
  'a refused night': () =>
    night(40, [], {
      status: 'refused',
      exitCode: 2,
      reason: 'the record on line 44 is not the one that was answered, its contents or its prompt have changed',
      records: { read: 40, extracted: 40, rejected: 0, reused: 0, remaining: null },
    }),
  'a night of 100,000 records': () => night(100_000, ['schema_violation', 'truncated_loop']),
} satisfies Record<string, () => ReportParts>;

function night(results: number, codes: readonly string[], usage: Partial<UsageReport> = {}): ReportParts {
  const aggregates = new ReportAggregates();
  for (let index = 0; index < results; index += 1) {
    const items = Array.from({ length: index % 4 }, (_, place) => ({ name: `Item ${place}`, price: index % 97 }));
    const address = index % 5 === 0 ? null : { city: `City ${index}`, zip: null };
    aggregates.addResult(
      resultOf({
        company: `Company ${index}`,
        currency: index % 3 === 0 ? 'USD' : 'EUR',
        total: (index * 7) % 1009,
        address,
        items,
      }),
    );
    aggregates.addAttempt(attemptAt(start + index * 40, { latencyMs: 200 + ((index * 31) % 900) }));
  }
  const rejectsByCode: Record<string, number> = {};
  for (const [place, code] of codes.entries()) {
    rejectsByCode[code] = 3 + place;
    for (let index = 0; index < 3 + place; index += 1) {
      const issues = [{ path: `/items/${index}/price`, message: 'expected number' }];
      aggregates.addReject(
        rejectOf(
          { code, message: `It went wrong after ${index} calls`, ...(code === 'schema_violation' ? { issues } : {}) },
          { id: `r-${index}`, record: { text: 'Acme\nTotal 12,50' }, answer: '{"total": "12,50"}' },
        ),
      );
      aggregates.addAttempt(attemptAt(start + index * 900, { outcome: 'failed', code: 'UNAVAILABLE', status: 503 }));
    }
  }
  const rejected = Object.values(rejectsByCode).reduce((sum, count) => sum + count, 0);
  const sent = results + rejected;
  return reportParts({
    aggregates,
    advice: rejectAdvice,
    manifest: { ...manifest, settings: { ...manifest.settings, definition: 'receipt' } },
    usage: {
      ...emptyUsage,
      exitCode: rejected === 0 ? 0 : 1,
      records: { read: sent, extracted: results, rejected, reused: 0, remaining: usage.status === undefined ? 0 : 900 },
      rejectsByCode,
      calls: {
        ...emptyUsage.calls,
        sent,
        billed: results,
        byStatus: { 200: results, ...(rejected > 0 && { 503: rejected }) },
      },
      tokens: {
        prompt: 400 * sent,
        cached: 0,
        completion: 90 * sent,
        reasoning: 0,
        total: 490 * sent,
        wasted: 490 * rejected,
      },
      byTrafficType: { ON_DEMAND: { calls: sent, tokens: emptyUsage.tokens } },
      byModel: { 'google/gemini-3.5-flash-lite': { calls: sent, tokens: emptyUsage.tokens } },
      prices: [
        { model: 'gemini-3.5-flash-lite', validFrom: '2026-01-01', input: 0.3, output: 2.5, source: 'a price list' },
      ],
      cost: { usd: 0.0004 * sent, isLowerBound: false, wastedUsd: 0.0004 * rejected, unpricedModels: [] },
      latencyMs: { p50: 600, p90: 1000, p99: 1090, max: 1100 },
      ...usage,
    },
  });
}
