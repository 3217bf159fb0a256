import { expect, test } from 'vitest';
import { zeroUsage } from '../../src/completion/usage.ts';
import { announcePauses } from '../../src/run/announce-pauses.ts';
import type { RunEvent } from '../../src/run/events.ts';

const UNTIL = Date.parse('2026-11-23T22:10:00Z');
const call = { type: 'call-end', id: 'a', index: 0, attempt: 1, tokens: zeroUsage, latencyMs: 5 } as const;
const failed: RunEvent = { ...call, outcome: 'failed', status: 503, message: 'HTTP 503 UNAVAILABLE: overloaded' };
const answered: RunEvent = { ...call, outcome: 'extracted', status: 200 };

function announcer() {
  const said: string[] = [];
  let elapsed = 0;
  const listen = announcePauses(
    (sentence) => said.push(sentence),
    () => elapsed,
  );
  return { said, listen, pass: (ms: number) => (elapsed += ms) };
}

function pause(reason: 'retry-after' | 'outage', pauseMs: number, until = UNTIL): RunEvent {
  return { type: 'pause', reason, pauseMs, until };
}

test('a wait of ten minutes that many calls are told is announced once, with the time of the next call', () => {
  const { said, listen } = announcer();
  listen(failed);
  for (let index = 0; index < 5; index += 1) listen(pause('retry-after', 600_000, UNTIL + index));
  expect(said).toEqual(['The service asks for a wait (429): the next call goes out at 2026-11-23T22:10:00Z']);
});

test('a short wait needs no word, and neither does an answer after it', () => {
  const { said, listen } = announcer();
  listen(failed);
  listen(pause('retry-after', 2000));
  listen(answered);
  expect(said).toEqual([]);
});

test('an outage is told once, with what calls failed with, and its end with how long it took', () => {
  const { said, listen, pass } = announcer();
  for (let index = 0; index < 20; index += 1) listen(failed);
  for (const pauseMs of [1000, 2000, 4000]) listen(pause('outage', pauseMs));
  pass(7000);
  listen(answered);
  listen(answered);
  expect(said).toEqual([
    'The service does not answer: 20 calls in a row failed, the last with: HTTP 503 UNAVAILABLE: overloaded. ' +
      'One at a time tries it again, with growing pauses: the next at 2026-11-23T22:10:00Z',
    'The service answers again, after 7.0 s',
  ]);
});

test('the next outage is told again', () => {
  const { said, listen } = announcer();
  for (const event of [failed, pause('outage', 1000), answered, failed, pause('outage', 1000)]) listen(event);
  expect(said.map((sentence) => sentence.slice(0, 22))).toEqual([
    'The service does not a',
    'The service answers ag',
    'The service does not a',
  ]);
});
