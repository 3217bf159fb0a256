import { expect, test } from 'vitest';
import { isoTime, readIsoTime } from '../../src/text/iso-time.ts';

test('a time is written and read as a Date does, the same one again or another', () => {
  const times = [1_764_356_645_678, 1_764_356_645_678, 1_764_356_645_679, 0, 1_764_356_645_678];
  for (const ms of times) {
    expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    expect(readIsoTime(isoTime(ms))).toBe(ms);
  }
  expect(readIsoTime('yesterday')).toBeNaN();
  expect(readIsoTime('yesterday')).toBeNaN();
});
