import { expect, test } from 'vitest';
import { RateMeter } from '../../../src/cli/terminal/rate-meter.ts';
import { progressOf } from './progress.ts';

test('RateMeter counts from its own beginning, not what had ended before', () => {
  const progress = progressOf({ extracted: 1000 });
  let now = 0;
  const meter = new RateMeter(progress, () => now);
  expect(meter.recordsPerSecond()).toBe(0);
  now = 2000;
  progress.extracted = 1010;
  progress.rejected = 10;
  expect(meter.recordsPerSecond()).toBeCloseTo(10);
});

test('RateMeter holds steady where records end in bursts, and follows a change of pace within a minute', () => {
  const progress = progressOf({});
  let now = 0;
  const meter = new RateMeter(progress, () => now);
  const seen: number[] = [];
  for (let step = 0; step < 600; step += 1) {
    now += 200;
    if (step % 10 === 9) progress.extracted += 100;
    const rate = meter.recordsPerSecond();
    if (step > 200) seen.push(rate);
  }
  expect(Math.min(...seen)).toBeGreaterThan(45);
  expect(Math.max(...seen)).toBeLessThan(55);
  now += 60_000;
  expect(meter.recordsPerSecond()).toBeLessThan(5);
});

test('RateMeter stays near the pace of records that take minutes each, and forgets a pace that is over', () => {
  const progress = progressOf({});
  let now = 0;
  const meter = new RateMeter(progress, () => now);
  const seen: number[] = [];
  for (let second = 1; second <= 1200; second += 1) {
    now += 1000;
    if (second % 120 === 0) progress.extracted += 1;
    const rate = meter.recordsPerSecond();
    if (second >= 300) seen.push(rate);
  }
  expect(Math.min(...seen)).toBeGreaterThan(1 / 240);
  expect(Math.max(...seen)).toBeLessThan(0.06);
  now += 3_600_000;
  expect(meter.recordsPerSecond()).toBeCloseTo(1 / 3600, 5);
});
