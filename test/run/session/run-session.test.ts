import { expect, test } from 'vitest';
import { ApiError } from '../../../src/completion/api-error.ts';
import type { Clock, Pacer, RecordContext, RecordTask } from '../../../src/run/ports.ts';
import type { PendingRecords } from '../../../src/run/session/pending-records.ts';
import type { Outcome } from '../../../src/run/record/outcome.ts';
import { RunSession } from '../../../src/run/session/run-session.ts';
import { completion, receipt, scriptRun } from '../record/scripted-run.ts';

/** Time passes when everybody waits: the earliest of all waits ends then. */
function virtualClock(): Clock & { elapsedMs(): number } {
  let now = 0;
  const waits: { at: number; end: () => void }[] = [];
  let isScheduled = false;
  function schedule(): void {
    if (isScheduled) return;
    isScheduled = true;
    // After all that is ready has run.
    setImmediate(() => {
      isScheduled = false;
      waits.sort((left, right) => left.at - right.at);
      const first = waits.shift();
      if (first === undefined) return;
      now = Math.max(now, first.at);
      first.end();
      schedule();
    });
  }
  return {
    now: () => Date.parse('2026-11-23T22:00:00Z') + now,
    elapsed: () => now,
    elapsedMs: () => now,
    delay: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted === true) return reject(signal.reason as Error);
        const wait = { at: now + ms, end: resolve };
        waits.push(wait);
        signal?.addEventListener('abort', () => {
          if (waits.includes(wait)) waits.splice(waits.indexOf(wait), 1);
          reject(signal.reason as Error);
        });
        schedule();
      }),
  };
}

/** Lets a call go when no pause is left. */
function pausingPacer(clock: Clock): Pacer {
  let until = 0;
  return {
    concurrencyLimit: 16,
    async acquire(_messages, signal) {
      while (clock.elapsed() < until) await clock.delay(until - clock.elapsed(), signal);
      return {};
    },
    release: () => undefined,
    pause: (ms) => (until = Math.max(until, clock.elapsed() + ms)),
  };
}

function feedOf(count: number): PendingRecords {
  let index = 0;
  const next = (): Promise<RecordTask | undefined> => {
    const task = index < count ? { ...receipt, id: `r-${index}`, index } : undefined;
    index += 1;
    return Promise.resolve(task);
  };
  return { next } as unknown as PendingRecords;
}

function sessionOf(
  records: number,
  complete: RecordContext['complete'],
  clock: Clock,
  { ended = [], leavesUnanswered = false }: { ended?: Outcome[]; leavesUnanswered?: boolean } = {},
): RunSession {
  const { context } = scriptRun({ turns: [] });
  return new RunSession({
    feed: feedOf(records),
    pacer: pausingPacer(clock) as never,
    journal: {
      open: () => ({ ordinal: 1, isNoted: Promise.resolve() }),
      settle: (_entry, outcome) => void (outcome !== undefined && ended.push(outcome)),
      end: (outcome) => void ended.push(outcome),
    },
    leavesUnanswered,
    concurrency: 8,
    storeFailure: new AbortController().signal,
    signal: undefined,
    stopSignal: undefined,
    record: { ...context, complete, clock },
  });
}

test('a pause of ten minutes that the service asks for does not keep a run beyond its patience', async () => {
  const clock = virtualClock();
  const limited = new ApiError('Resource exhausted', { kind: 'status', status: 429, retryAfterMs: 600_000 });
  let calls = 0;
  const session = sessionOf(
    20,
    async () => {
      await clock.delay(100);
      calls += 1;
      if (calls === 1) return { completion: completion() };
      throw limited;
    },
    clock,
  );
  const end = await session.execute();
  expect(end).toMatchObject({ status: 'stopped', reason: expect.stringContaining('has not answered for 150 s') });
  expect(clock.elapsedMs()).toBeLessThan(151_000);
});

test('a service that never answers is given up after half a minute, however long its retries wait', async () => {
  const clock = virtualClock();
  const down = new ApiError('Unavailable', { kind: 'status', status: 503, retryAfterMs: 300_000 });
  const session = sessionOf(
    6,
    async () => {
      await clock.delay(100);
      throw down;
    },
    clock,
  );
  expect(await session.execute()).toMatchObject({ status: 'stopped', unfinished: 6 });
  expect(clock.elapsedMs()).toBeLessThan(31_000);
});

test('an outage that passes in time ends nothing', async () => {
  const clock = virtualClock();
  const down = new ApiError('Unavailable', { kind: 'status', status: 503 });
  const session = sessionOf(
    12,
    async () => {
      await clock.delay(100);
      if (clock.elapsed() < 20_000) throw down;
      return { completion: completion() };
    },
    clock,
  );
  expect(await session.execute()).toMatchObject({ status: 'finished', unfinished: 0 });
});

test('an error that nobody expects ends the run with its kind and place, and none of its message', async () => {
  const session = sessionOf(
    1,
    () => Promise.reject(new TypeError('cannot read Anna Beispiel, Rose Lane 12')),
    virtualClock(),
  );
  const { status, reason } = await session.execute();
  expect(status).toBe('failed');
  expect(reason).toMatch(/^TypeError at \S+run-session\.test\.ts:\d+:\d+ was thrown where none is expected$/);
  expect(session.unexpected).toBeInstanceOf(TypeError);
});

test.each([
  new ApiError('Cannot reach it', { kind: 'network', code: 'ECONNREFUSED' }),
  new ApiError('Too slow', { kind: 'timeout' }),
  new ApiError('HTTP 500', { kind: 'status', status: 500 }),
  new ApiError('HTTP 429', { kind: 'status', status: 429 }),
])('a service that answers no call of a session leaves its records for the next: $message', async (error) => {
  const ended: Outcome[] = [];
  const session = sessionOf(3, () => Promise.reject(error), virtualClock(), { ended, leavesUnanswered: true });
  expect(await session.execute()).toEqual({
    status: 'stopped',
    reason: `the service has not answered a single call; the last failed with: ${error.message}`,
    unfinished: 3,
  });
  expect(ended).toEqual([]);
});

test('an answer shows that the service is there: records whose calls all failed are rejected then, also those of before', async () => {
  const ended: Outcome[] = [];
  const failing = new ApiError('HTTP 500', { kind: 'status', status: 500 });
  const clock = virtualClock();
  let calls = 0;
  const complete: RecordContext['complete'] = async () => {
    calls += 1;
    // The last record is answered, after the others have given up.
    if (calls === 3) {
      await clock.delay(25_000);
      return { completion: completion() };
    }
    throw failing;
  };
  const session = sessionOf(3, complete, clock, { ended, leavesUnanswered: true });
  expect(await session.execute()).toEqual({ status: 'finished', reason: undefined, unfinished: 0 });
  expect(ended.map(({ status }) => status).toSorted()).toEqual(['extracted', 'rejected', 'rejected']);
});

test('an answer that cannot be read is no silence: its record is rejected, and not paid for again', async () => {
  const ended: Outcome[] = [];
  const page = new ApiError('HTTP 200 with an HTML page', { kind: 'unreadable', status: 200 });
  const session = sessionOf(2, () => Promise.reject(page), virtualClock(), { ended, leavesUnanswered: true });
  expect(await session.execute()).toMatchObject({ status: 'finished' });
  expect(ended.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});
