import { expect, test } from 'vitest';
import { ApiError } from '../../../src/completion/api-error.ts';
import type { Clock, Pacer, RecordContext, RecordTask } from '../../../src/run/ports.ts';
import type { PendingRecords } from '../../../src/run/session/pending-records.ts';
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

function sessionOf(records: number, complete: RecordContext['complete'], clock: Clock): RunSession {
  const { context } = scriptRun({ turns: [] });
  return new RunSession({
    feed: feedOf(records),
    pacer: pausingPacer(clock) as never,
    journal: { open: () => Promise.resolve(1), settle: () => undefined, end: () => undefined },
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
