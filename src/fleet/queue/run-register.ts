import type { Redis } from 'ioredis';
import { poolKey, type PoolAddress } from '../pool/pool-address.ts';
import { tellRunCaps } from '../pool/run-caps.ts';
import { keptStop, type RunStopNote } from './stop-note.ts';
import { runCapsOf, type Submission } from './submission.ts';

/** What a pool knows of its runs beside their jobs: how each was submitted last, why workers stopped it, and whether it was taken back. */
export class RunRegister {
  readonly #redis: Redis;
  readonly #address: PoolAddress;

  constructor(redis: Redis, address: PoolAddress) {
    this.#redis = redis;
    this.#address = address;
  }

  /**
   * Enters a submission, its caps first. What had stopped the run is forgotten, but for a cap that is used up and not raised.
   *
   * @returns why no worker brings the run further, where that is so
   */
  async enter(submission: Submission, { hasOpenChunks }: { hasOpenChunks: boolean }): Promise<RunStopNote | undefined> {
    const { run } = submission;
    await tellRunCaps(this.#redis, this.#address, run, runCapsOf(submission));
    // Where nothing is open, only the merge is left, which costs nothing.
    const stop = hasOpenChunks ? keptStop(await this.#noteOf(run), submission) : undefined;
    await this.#redis.hset(this.#key('runs'), run, JSON.stringify(submission));
    await this.#redis.hdel(this.#key('withdrawn'), run);
    if (stop === undefined) await this.clearStop(run);
    else await this.#redis.hset(this.#key('stops'), run, JSON.stringify(stop));
    return stop;
  }

  /** Notes that a run was taken back. */
  async withdraw(run: string): Promise<void> {
    await this.#redis.hset(this.#key('withdrawn'), run, new Date().toISOString());
    await this.clearStop(run);
    await this.#redis.hdel(this.#key('runs'), run);
  }

  /** A run, as it was submitted last. */
  async submission(run: string): Promise<Submission | undefined> {
    const text = await this.#redis.hget(this.#key('runs'), run);
    return text === null ? undefined : (JSON.parse(text) as Submission);
  }

  /** All runs, as they were submitted last. */
  async submissions(): Promise<Submission[]> {
    return (await this.#redis.hvals(this.#key('runs'))).map((text) => JSON.parse(text) as Submission);
  }

  /** Whether a run was taken back since it was submitted last: that nothing is known of it, is meant. */
  async isWithdrawn(run: string): Promise<boolean> {
    return (await this.#redis.hexists(this.#key('withdrawn'), run)) === 1;
  }

  /** Notes that a worker stopped a run, and that the others will. */
  async noteStop(run: string, note: RunStopNote): Promise<void> {
    if ((await this.submission(run))?.revision !== note.revision) return;
    await this.#redis.hset(this.#key('stops'), run, JSON.stringify(note));
  }

  /** Takes back such a note, where a worker has found room after all. */
  async clearStop(run: string): Promise<void> {
    await this.#redis.hdel(this.#key('stops'), run);
  }

  /** Why a submission of a run, or a later one, was stopped: what workers of an earlier one say does not concern it. */
  async stopOf({ run, revision }: Pick<Submission, 'run' | 'revision'>): Promise<RunStopNote | undefined> {
    const note = await this.#noteOf(run);
    return note !== undefined && note.revision >= revision ? note : undefined;
  }

  async #noteOf(run: string): Promise<RunStopNote | undefined> {
    const text = await this.#redis.hget(this.#key('stops'), run);
    return text === null ? undefined : (JSON.parse(text) as RunStopNote);
  }

  #key(name: string): string {
    return poolKey(this.#address, `fleet:${name}`);
  }
}
