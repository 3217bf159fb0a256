import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { delay } from '../../pacing/delay.ts';
import { Lease } from './lease.ts';

/** A lock of one that is gone is free again after so long. */
const LOCK_MS = 30_000;
const LOOK_AGAIN_MS = 50;

/** Only of our own: another one may have it since. */
const RENEW = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * What only one process may do at a time. It is kept until it is released, as long as this process gets to renew it: one that stood still
 * for too long has lost it to another, and is told so by `lost` and `demand`.
 */
export class RedisLock {
  readonly #release: () => Promise<unknown>;
  readonly #lease: Lease;

  private constructor(renew: () => Promise<boolean>, release: () => Promise<unknown>) {
    this.#lease = new Lease({ renew }, LOCK_MS);
    this.#release = release;
  }

  /** @returns undefined where another one has it */
  static async tryTake(redis: Redis, key: string): Promise<RedisLock | undefined> {
    const token = randomUUID();
    if ((await redis.set(key, token, 'PX', LOCK_MS, 'NX')) === null) return undefined;
    return new RedisLock(
      async () => (await redis.eval(RENEW, 1, key, token, String(LOCK_MS))) === 1,
      () => redis.eval(RELEASE, 1, key, token),
    );
  }

  /** Waits for those who have it. */
  static async take(redis: Redis, key: string): Promise<RedisLock> {
    for (;;) {
      const lock = await RedisLock.tryTake(redis, key);
      if (lock !== undefined) return lock;
      await delay(LOOK_AGAIN_MS);
    }
  }

  get lost(): AbortSignal {
    return this.#lease.lost;
  }

  /** @throws the reason of `lost`, where it is another's or may be by now */
  demand(): void {
    this.#lease.demand();
  }

  async release(): Promise<void> {
    this.#lease.end();
    // It runs out by itself where the server is gone.
    await this.#release().catch(() => undefined);
  }
}
