import { messageOf } from '../../text/thrown-message.ts';
import { RunStop } from '../../run/run-stop.ts';
import { PoolContact } from './pool-contact.ts';
import { memoryOf } from './pool-memory.ts';
import type {
  PoolAccount,
  PoolAsk,
  PoolJoin,
  PoolMemory,
  PoolReply,
  PoolState,
  PoolStore,
  RunCaps,
} from './pool-store.ts';

/** A part of a session that shares something: it says what it wants before an exchange, and takes what came of it. */
export interface PoolShare {
  say(ask: PoolAsk): void;
  hear(state: PoolState): void;
  /** The exchange that was asked for did not take place, as far as is known. */
  unheard?(): void;
  /** Nothing more comes of the pool. */
  fail?(error: Error): void;
}

export interface PoolSessionOptions {
  store: Pick<PoolStore, 'name' | 'join' | 'exchange'>;
  account: PoolAccount;
  join: Omit<PoolJoin, 'memory' | 'newEpoch' | 'runCaps'>;
  /** The caps of the session's run. They are asked for whenever it comes into the pool: the run may have been submitted with others meanwhile. */
  runCaps: () => RunCaps | Promise<RunCaps>;
  memory: PoolMemory | undefined;
  newEpoch: () => string;
  /** Whether another one has the session's place, as is known without the pool, which may have forgotten it. Default never. */
  isReplaced?: (() => boolean) | undefined;
  /** For how long the pool keeps what a session that is not heard of holds. Default 15 s. */
  leaseMs?: number | undefined;
  /** How long a pool that does not answer is waited for before the session ends. Default 60 s. */
  waitMs?: number | undefined;
  /** Told when the pool is lost, when it is back, and when it had forgotten what it knew. */
  onNotice?: ((notice: string) => void) | undefined;
  /** What is wrong for good with the pool, and not mended by waiting. */
  refusalOf?: ((error: unknown) => Error | undefined) | undefined;
  /** Milliseconds of a clock that is never set back. Default performance.now. */
  now?: (() => number) | undefined;
}

const LEASE_MS = 15_000;
const WAIT_MS = 60_000;

/** A session says that it lives at least so often, a fifteenth of the lease, and learns what others had to say. */
const BEATS_PER_LEASE = 15;
const RETRY_MS = 250;

const NOTHING = { tokens: 0, nanoUsd: 0 };

/**
 * One session's way to its pool: one exchange at a time, into which goes whatever its parts want by then. So what is asked for while an
 * exchange is under way is asked for at once by the next, and a busy session needs few of them.
 */
export class PoolSession {
  readonly #options: PoolSessionOptions;
  readonly #shares: PoolShare[] = [];
  readonly #leaseMs: number;
  readonly #now: () => number;
  readonly #contact: PoolContact;
  #memory: PoolMemory | undefined;
  #state: PoolState | undefined;
  /** Whether the pool knows this session, as far as is known. */
  #isJoined = false;
  #hasJoined = false;
  #failure: Error | undefined;
  #running: Promise<void> | undefined;
  #isWantedAgain = false;
  #isClosed = false;
  #isLeaving = false;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;
  #beat: NodeJS.Timeout | undefined;

  constructor(options: PoolSessionOptions) {
    this.#options = options;
    const { store, leaseMs = LEASE_MS, waitMs = WAIT_MS, now = () => performance.now(), onNotice } = options;
    this.#leaseMs = leaseMs;
    this.#now = now;
    this.#contact = new PoolContact({ name: store.name, leaseMs, waitMs, now, onNotice });
    this.#memory = options.memory;
  }

  get name(): string {
    return this.#options.store.name;
  }

  /** The pool as it was last heard of. */
  get state(): PoolState | undefined {
    return this.#state;
  }

  get memory(): PoolMemory | undefined {
    return this.#memory;
  }

  /** Whether what the pool granted still holds: it answers, and has been heard of within the lease. */
  get isFresh(): boolean {
    return this.#isJoined && this.#failure === undefined && this.#contact.isFresh;
  }

  get isLost(): boolean {
    return this.#contact.isLost;
  }

  /** Why nothing more comes of the pool, where it is so. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  attach(share: PoolShare): void {
    this.#shares.push(share);
  }

  /** Has an exchange begin as soon as none is under way. */
  exchangeSoon(): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    if (this.#running !== undefined) {
      this.#isWantedAgain = true;
      return;
    }
    this.#running = this.#run().finally(() => (this.#running = undefined));
  }

  /** Has one begin in `ms` at the latest. */
  exchangeWithin(ms: number): void {
    if (this.#isClosed || this.#failure !== undefined) return;
    const at = this.#now() + ms;
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    this.#timer = setTimeout(() => {
      this.#timerAt = Infinity;
      this.exchangeSoon();
    }, ms);
  }

  /** Ends the session for its parts: whoever waits for the pool is told. */
  fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#stopTimers();
    for (const share of this.#shares) share.fail?.(error);
  }

  /** Gives back what is not spent. A pool that does not answer keeps it, as spent, until the next session on this account. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopTimers();
    await this.#running;
    this.#isLeaving = true;
    if (this.#hasJoined && !this.isLost) await this.#exchange();
    // A pool that did not know the session any more is told by joining it once more.
    if (this.#hasJoined && !this.#isJoined && !this.isLost) await this.#exchange();
    this.#stopTimers();
  }

  async #run(): Promise<void> {
    // What is wanted in the same turn goes along: answers that have come together are followed by as many calls.
    await new Promise((resolve) => setImmediate(resolve));
    do {
      this.#isWantedAgain = false;
      await this.#exchange();
    } while (this.#isWantedAgain && !this.#isClosed && this.#failure === undefined);
  }

  async #exchange(): Promise<void> {
    const { store, account, join, newEpoch, isReplaced } = this.#options;
    let runCaps: RunCaps = { revision: 0 };
    try {
      if (!this.#isJoined) runCaps = await this.#options.runCaps();
    } catch (error) {
      this.fail(asError(error));
      return;
    }
    if (this.#hasJoined && !this.#isJoined && isReplaced?.() === true) return this.#noteReplaced();
    clearTimeout(this.#beat);
    const ask: PoolAsk = {
      account,
      spent: NOTHING,
      committed: NOTHING,
      needed: NOTHING,
      wanted: NOTHING,
      calls: 0,
      tokens: 0,
      credit: 0,
      pauseMs: 0,
      answered: false,
      failures: 0,
      wantsProbe: false,
      leaves: this.#isLeaving,
      leaseMs: this.#leaseMs,
    };
    for (const share of this.#shares) share.say(ask);
    const began = this.#now();
    let reply: PoolReply;
    try {
      const memory = this.#memory;
      reply =
        this.#isJoined && memory !== undefined
          ? await store.exchange(ask, { epoch: memory.epoch, version: memory.version })
          : await store.join(ask, { ...join, runCaps, memory, newEpoch: newEpoch() });
    } catch (error) {
      for (const share of this.#shares) share.unheard?.();
      this.#noteLost(error);
      return;
    }
    try {
      this.#hear(reply, began);
    } catch (error) {
      // The pool has answered; what cannot be done with its answer, such as to write it down, is no silence of the pool.
      this.fail(asError(error));
    }
  }

  #hear(reply: PoolReply, began: number): void {
    switch (reply.kind) {
      case 'state':
        this.#take(reply, began);
        return;
      case 'unknown':
        this.#isJoined = false;
        this.#isWantedAgain = true;
        for (const share of this.#shares) share.unheard?.();
        return;
      case 'superseded':
        this.#noteReplaced();
        return;
      default:
        reply satisfies never;
    }
  }

  #take(state: PoolState, began: number): void {
    const { onNotice } = this.#options;
    this.#contact.noteAnswer(began);
    if (this.#memory !== undefined && this.#memory.epoch !== state.epoch && state.hasLost) {
      onNotice?.(
        `The pool at ${this.name} had lost what it knew; what this run has spent is registered in it again, and what others had spent when this run last heard of them counts on`,
      );
    }
    this.#isJoined = true;
    this.#hasJoined = true;
    this.#state = state;
    this.#memory = memoryOf(this.#memory, state);
    for (const share of this.#shares) share.hear(state);
    this.#beatAfterSilence();
  }

  #noteReplaced(): void {
    this.fail(new RunStop(`another session of this run has come into the pool at ${this.name}`));
  }

  #noteLost(error: unknown): void {
    const refusal = this.#options.refusalOf?.(error);
    if (refusal !== undefined) {
      this.fail(this.#hasJoined ? new RunStop(refusal.message) : refusal);
      return;
    }
    const end = this.#contact.noteSilence(error);
    if (end === undefined) this.exchangeWithin(RETRY_MS);
    else this.fail(end);
  }

  /** A session that exchanges what it wants often enough has shown by that that it lives. */
  #beatAfterSilence(): void {
    clearTimeout(this.#beat);
    if (this.#isClosed || this.#failure !== undefined) return;
    this.#beat = setTimeout(() => this.exchangeSoon(), this.#leaseMs / BEATS_PER_LEASE);
  }

  #stopTimers(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#beat);
    this.#timerAt = Infinity;
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(messageOf(thrown));
}
