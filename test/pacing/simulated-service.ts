import { Capacity, SILENCE_MS } from '../../src/pacing/capacity.ts';

/** What a service does with a call that comes in. */
export interface Service {
  /** Milliseconds until the answer; undefined where the call is refused. `atMs` since the beginning. */
  answerMs(atMs: number): number | undefined;
  /** Told when an answer has left. */
  left?(): void;
  /** How many answers it could have given in so many seconds. */
  capacity(seconds: number): number;
}

export type ServiceMaker = (random: () => number) => Service;

export interface Share {
  /** Answers, as a share of what the service could have given. */
  used: number;
  /** Refusals, as a share of all calls. */
  refused: number;
}

const REFUSAL_MS = 30;
const SPREAD = 0.3;
const TENTHS = 10;

interface Ending {
  atMs: number;
  ordinal: number;
  signal: 'ok' | 'throttled';
}

/** Lets a client with no end of records call the service for some seconds of its own time, and tells what came of it. */
export function simulate(maker: ServiceMaker, options: { seconds: number; concurrency: number; seed?: number }): Share {
  const { seconds, concurrency, seed = 1 } = options;
  const random = randomFrom(seed);
  const service = maker(random);
  let now = 0;
  const capacity = new Capacity(concurrency, () => now);
  const endings: Ending[] = [];
  let begun = 0;
  let inFlight = 0;
  let holdUntil = 0;
  const counts = { ok: 0, throttled: 0 };

  function fill(): void {
    if (now < holdUntil) return;
    while (inFlight < capacity.limit) {
      begun += 1;
      inFlight += 1;
      const answerMs = service.answerMs(now);
      const ending: Ending =
        answerMs === undefined
          ? { atMs: now + REFUSAL_MS * (0.5 + random()), ordinal: begun, signal: 'throttled' }
          : { atMs: now + answerMs, ordinal: begun, signal: 'ok' };
      insert(endings, ending);
    }
  }

  fill();
  for (;;) {
    const next = endings[0];
    const isHeld = inFlight < capacity.limit && holdUntil > now;
    const silentUntil = capacity.listensToSilence ? now + SILENCE_MS : Number.POSITIVE_INFINITY;
    const wakes = isHeld ? holdUntil : silentUntil;
    if (Math.min(next?.atMs ?? Number.POSITIVE_INFINITY, wakes) > seconds * 1000) break;
    if (next !== undefined && next.atMs <= wakes) {
      endings.shift();
      now = next.atMs;
      const { ordinal, signal } = next;
      if (signal === 'ok') service.left?.();
      inFlight -= 1;
      counts[signal] += 1;
      capacity.note({ signal, ordinal, begun, inFlight });
      if (signal === 'throttled') holdUntil = Math.max(holdUntil, now + capacity.holdMs);
    } else {
      now = wakes;
      if (!isHeld) capacity.noteSilence();
    }
    fill();
  }
  const { ok, throttled } = counts;
  return { used: ok / service.capacity(seconds), refused: throttled / (ok + throttled) };
}

/** A rate a second, with what was not used saved up to a burst. */
export function tokenBucket(
  { rate, burst, ms }: { rate: (second: number) => number; burst: number; ms: number },
  spread = SPREAD,
): ServiceMaker {
  return (random) => {
    let tokens = burst;
    let last = 0;
    return {
      answerMs(atMs) {
        tokens = Math.min(burst, tokens + ((atMs - last) / 1000) * rate(atMs / 1000));
        last = atMs;
        if (tokens < 1) return undefined;
        tokens -= 1;
        return spreadOut(ms, random, spread);
      },
      capacity: (seconds) => sumOver(seconds, rate),
    };
  };
}

/** So many calls at a time. */
export function callsAtATime({ most, ms }: { most: (second: number) => number; ms: number }): ServiceMaker {
  return (random) => {
    let inside = 0;
    return {
      answerMs(atMs) {
        if (inside >= most(atMs / 1000)) return undefined;
        inside += 1;
        return spreadOut(ms, random, SPREAD);
      },
      left: () => (inside -= 1),
      capacity: (seconds) => sumOver(seconds, (second) => (most(second) * 1000) / ms),
    };
  };
}

/** So many calls in each minute of the clock, as fast as they come. */
export function minuteWindow({ calls, ms }: { calls: number; ms: number }): ServiceMaker {
  return (random) => {
    let minute = -1;
    let taken = 0;
    return {
      answerMs(atMs) {
        const now = Math.floor(atMs / 60_000);
        if (now !== minute) [minute, taken] = [now, 0];
        if (taken >= calls) return undefined;
        taken += 1;
        return spreadOut(ms, random, SPREAD);
      },
      capacity: (seconds) => calls * Math.ceil(seconds / 60),
    };
  };
}

function spreadOut(ms: number, random: () => number, spread: number): number {
  return ms * (1 - spread + 2 * spread * random());
}

function sumOver(seconds: number, rate: (second: number) => number): number {
  let sum = 0;
  for (let tenth = 0; tenth < seconds * TENTHS; tenth += 1) sum += rate(tenth / TENTHS) / TENTHS;
  return sum;
}

function insert(endings: Ending[], ending: Ending): void {
  let [low, high] = [0, endings.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((endings[middle]?.atMs ?? 0) <= ending.atMs) low = middle + 1;
    else high = middle;
  }
  endings.splice(low, 0, ending);
}

/** Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
