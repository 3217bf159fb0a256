import { expect, test } from 'vitest';
import { retryAfterMs } from '../../src/vertex/retry-after.ts';

const now = Date.parse('2026-11-23T10:00:00Z');

test.each([
  { name: 'nothing', headers: {}, details: [], ms: undefined },
  { name: 'seconds', headers: { 'retry-after': '30' }, details: [], ms: 30_000 },
  { name: 'zero', headers: { 'retry-after': '0' }, details: [], ms: 0 },
  { name: 'a date', headers: { 'retry-after': 'Mon, 23 Nov 2026 10:01:00 GMT' }, details: [], ms: 60_000 },
  { name: 'a past date', headers: { 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT' }, details: [], ms: 0 },
  { name: 'milliseconds', headers: { 'retry-after-ms': '1500' }, details: [], ms: 1500 },
  { name: 'the longer', headers: { 'retry-after': '2' }, details: [{ retryDelay: '34.4s' }], ms: 34_400 },
  { name: 'the longer', headers: { 'retry-after': '60' }, details: [{ retryDelay: '34.4s' }], ms: 60_000 },
  { name: 'a duration', headers: {}, details: [{ retryDelay: { seconds: '3', nanos: 500_000_000 } }], ms: 3500 },
  { name: 'an hour at most', headers: { 'retry-after': '99999999999' }, details: [], ms: 3_600_000 },
  { name: 'repeated headers', headers: { 'retry-after': ['1', '7'] }, details: [], ms: 7000 },
  { name: 'nonsense', headers: { 'retry-after': 'soon' }, details: [{ retryDelay: '-3s' }], ms: undefined },
  { name: 'a negative number', headers: { 'retry-after': '-1' }, details: [{ retryDelay: 4 }], ms: undefined },
  { name: 'infinity', headers: { 'retry-after': 'Infinity' }, details: [{ retryDelay: '1e999s' }], ms: undefined },
])('retryAfterMs reads $name: $ms', ({ headers, details, ms }) => {
  expect(retryAfterMs(headers, details, now)).toBe(ms);
});
