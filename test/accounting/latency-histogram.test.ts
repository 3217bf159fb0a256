import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LatencyHistogram } from '../../src/accounting/latency-histogram.ts';

function histogramOf(latencies: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const latency of latencies) histogram.add(latency);
  return histogram;
}

test('LatencyHistogram without calls says 0', () => {
  const histogram = new LatencyHistogram();
  expect([histogram.percentile(0.5), histogram.percentile(0.99), histogram.max]).toEqual([0, 0, 0]);
});

test('LatencyHistogram of one call says its latency everywhere', () => {
  const histogram = histogramOf([1234]);
  expect([0.01, 0.5, 0.9, 0.99, 1].map((share) => histogram.percentile(share))).toEqual([1234, 1234, 1234, 1234, 1234]);
  expect(histogram.max).toBe(1234);
});

test('LatencyHistogram tells the slow tenth from the rest', () => {
  const histogram = histogramOf([...Array.from({ length: 90 }, () => 100), ...Array.from({ length: 10 }, () => 9000)]);
  expect(histogram.percentile(0.9)).toBeLessThanOrEqual(102);
  expect(histogram.percentile(0.91)).toBe(9000);
});

test('LatencyHistogram takes a call in no time', () => {
  const histogram = histogramOf([0, 0]);
  expect([histogram.percentile(0.5), histogram.max]).toEqual([0, 0]);
});

test('LatencyHistogram is never below the exact percentile and at most 2.5 % above', () => {
  const latency = fc.oneof(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 600_000 }));
  const share = fc.constantFrom(0.01, 0.25, 0.5, 0.9, 0.99, 1);
  fc.assert(
    fc.property(fc.array(latency, { minLength: 1, maxLength: 200 }), share, (latencies, wanted) => {
      const sorted = [...latencies].sort((left, right) => left - right);
      const exact = sorted[Math.ceil(sorted.length * wanted) - 1] ?? 0;
      const estimate = histogramOf(latencies).percentile(wanted);
      expect(estimate).toBeGreaterThanOrEqual(exact);
      expect(estimate).toBeLessThanOrEqual(exact * 1.025);
    }),
    { numRuns: 1000 },
  );
});

test('LatencyHistogram gives bins and percentiles that agree', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(900_000), { minLength: 1, maxLength: 200 }), (latencies) => {
      const histogram = histogramOf(latencies);
      const bins = histogram.bins();
      expect(bins.reduce((sum, { calls }) => sum + calls, 0)).toBe(latencies.length);
      let below = 0;
      for (const { fromMs, toMs, calls } of bins) {
        expect(calls).toBe(latencies.filter((latency) => latency >= fromMs && latency < toMs).length);
        below += calls;
        if (below > 0 && calls > 0) {
          const latency = histogram.percentile(below / latencies.length);
          expect(latency >= fromMs && latency < toMs).toBe(true);
        }
      }
    }),
  );
});
