import type { Redis } from 'ioredis';
import { poolKey, type PoolAddress } from '../pool/pool-address.ts';
import type { WorkerBeat } from './fleet-status.ts';

/** A worker that was not heard of for so long is not told of. */
const GONE_AFTER_MS = 60_000;

/** What workers say of themselves, for those who look on. */
export class WorkerBeats {
  readonly #redis: Redis;
  readonly #key: string;

  constructor(redis: Redis, address: PoolAddress) {
    this.#redis = redis;
    this.#key = poolKey(address, 'fleet:workers');
  }

  /** Says that a worker lives, and what it does. */
  async beat(beat: WorkerBeat): Promise<void> {
    await this.#redis.hset(this.#key, beat.name, JSON.stringify({ ...beat, at: Date.now() }));
  }

  /** Says that a worker has ended. */
  async leave(name: string): Promise<void> {
    await this.#redis.hdel(this.#key, name);
  }

  /** The workers that were heard of lately. */
  async heardOf(): Promise<(WorkerBeat & { seenMsAgo: number })[]> {
    const now = Date.now();
    return (await this.#redis.hvals(this.#key))
      .map((text) => JSON.parse(text) as WorkerBeat & { at: number })
      .map(({ at, ...beat }) => ({ ...beat, seenMsAgo: Math.max(0, now - at) }))
      .filter(({ seenMsAgo }) => seenMsAgo < GONE_AFTER_MS);
  }
}
