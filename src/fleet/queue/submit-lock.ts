import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { delay } from '../../pacing/delay.ts';

/** A lock of one that is gone is free again after so long. */
const LOCK_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Only of our own: another one may have it since. */
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * Does something that only one process may do at a time, after those that are at it. What is looked up in it holds until its end, since
 * nobody else changes it meanwhile.
 */
export async function whileLocked<Result>(redis: Redis, key: string, work: () => Promise<Result>): Promise<Result> {
  const token = randomUUID();
  while ((await redis.set(key, token, 'PX', LOCK_MS, 'NX')) === null) await delay(LOOK_AGAIN_MS);
  const renewal = setInterval(() => {
    redis.eval(RENEW, 1, key, token, String(LOCK_MS)).catch(() => undefined);
  }, LOCK_MS / 3);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    // It runs out by itself where the server is gone.
    await redis.eval(RELEASE, 1, key, token).catch(() => undefined);
  }
}
