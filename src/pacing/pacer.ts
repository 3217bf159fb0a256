import type { ChatMessage } from '../completion/request.ts';
import type { TokenUsage } from '../completion/usage.ts';
import { AdaptiveConcurrency } from './adaptive-concurrency.ts';
import type { CallSignal } from './capacity.ts';
import { Gate } from './gate.ts';
import type { Quota } from './quota.ts';
import { RequestRate } from './request-rate.ts';
import { Slots } from './slots.ts';
import { TokenEstimate } from './token-estimate.ts';
import { TokenRate } from './token-rate.ts';

export interface PacerOptions {
  /** Most calls in flight. */
  concurrency: number;
  requestsPerMinute?: number | undefined;
  tokensPerMinute?: number | undefined;
  /** Quotas of the caller's own, which it closes itself, in the place of the rates. */
  quotas?: Quotas | undefined;
  /** Calls in flight that the service is known to bear. Default: that is to be found out. */
  knownCapacity?: number | undefined;
  /** Told how many calls may be in flight whenever that changes. */
  onLimitChange?: ((limit: number) => void) | undefined;
  now?: () => number;
}

/** Quotas that calls take of, one for each call and its tokens. Those that several processes share are the usual case. */
export interface Quotas {
  requests?: Quota;
  tokens?: Quota;
}

/** Leave to make one call; give it back with `release` whatever became of the call. */
export interface Permit {
  readonly slot: number;
  readonly roughPrompt: number;
  readonly estimatedTokens: number;
}

/** With both quotas, the calls between their limiters are at most what the request quota lets through in this time. */
const PASSAGE_SECONDS = 0.25;

/**
 * Decides when a call may go. In this order: a slot among the calls in flight, the pause the service asked for, the token
 * quota, the request quota. A call that finds a pause begun meanwhile gives its tokens back and takes all again, or the
 * calls held back would leave in one burst. The slot comes first so that what waits in the limiters never exceeds the
 * calls allowed in flight, and the rate limits come last so that they pace the calls as they leave. Without quotas no
 * limiter is asked at all.
 */
export class AdaptivePacer {
  readonly #concurrency: AdaptiveConcurrency;
  readonly #requestRate: Quota | undefined;
  readonly #tokenRate: Quota | undefined;
  readonly #own: Quota[] = [];
  /**
   * Lets few calls at a time from one limiter to the other. Small calls that wait for the request quota would otherwise
   * pile up with tokens in hand, to leave on top of a full rate of tokens when large calls follow.
   */
  readonly #passage: Slots | undefined;
  readonly #estimate = new TokenEstimate();
  readonly #gate: Gate;
  /** Calls that wait for each quota. */
  readonly #inLine = { requests: 0, tokens: 0 };

  constructor(options: PacerOptions) {
    const { concurrency, requestsPerMinute, tokensPerMinute, quotas = {}, onLimitChange, now } = options;
    const { knownCapacity = 0 } = options;
    // Who says a rate says that a second's calls are borne; the rate spaces them.
    const first = Math.max(knownCapacity, Math.floor((requestsPerMinute ?? 0) / 60));
    this.#concurrency = new AdaptiveConcurrency(concurrency, { onChange: onLimitChange, now, first });
    this.#gate = new Gate(now);
    if (requestsPerMinute !== undefined) this.#own.push((this.#requestRate = new RequestRate(requestsPerMinute)));
    else this.#requestRate = quotas.requests;
    if (tokensPerMinute !== undefined) this.#own.push((this.#tokenRate = new TokenRate(tokensPerMinute)));
    else this.#tokenRate = quotas.tokens;
    if (requestsPerMinute !== undefined && tokensPerMinute !== undefined) {
      this.#passage = new Slots(Math.max(1, Math.ceil((requestsPerMinute / 60) * PASSAGE_SECONDS)));
    }
  }

  /** Calls now allowed in flight; below the maximum after the service has throttled. */
  get concurrencyLimit(): number {
    return this.#concurrency.limit;
  }

  /** Most calls that were in flight at once, unless fewer are allowed now. */
  get callsBorne(): number {
    return this.#concurrency.borne;
  }

  /** The quota of a minute that calls wait for now. */
  get quotaWait(): 'requests' | 'tokens' | undefined {
    if (this.#inLine.tokens > 0) return 'tokens';
    return this.#inLine.requests > 0 ? 'requests' : undefined;
  }

  async acquire(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<Permit> {
    signal?.throwIfAborted();
    const slot = await this.#concurrency.acquire(signal);
    try {
      const roughPrompt = this.#tokenRate === undefined ? 0 : this.#estimate.roughPrompt(messages);
      for (;;) {
        if (!this.#gate.isOpen) await this.#gate.pass(signal);
        const estimatedTokens = await this.#takeQuota(roughPrompt, signal);
        signal?.throwIfAborted();
        if (this.#gate.isOpen) return { slot, roughPrompt, estimatedTokens };
        this.#tokenRate?.settle(estimatedTokens, 0);
      }
    } catch (reason) {
      this.#concurrency.release(slot, 'failed');
      throw reason;
    }
  }

  /** A permit where a slot is free, nothing pauses, and there is no quota; undefined where a call may have to wait. */
  tryAcquire(): Permit | undefined {
    if (this.#tokenRate !== undefined || this.#requestRate !== undefined || !this.#gate.isOpen) return undefined;
    const slot = this.#concurrency.tryAcquire();
    return slot === undefined ? undefined : { slot, roughPrompt: 0, estimatedTokens: 0 };
  }

  /** `usage` is what the service reported; without it the estimate stands, as the quota may have been charged. */
  release(permit: Permit, signal: CallSignal, usage?: TokenUsage): void {
    const holdMs = this.#concurrency.release(permit.slot, signal);
    if (holdMs > 0) this.#gate.pause(holdMs);
    if (this.#tokenRate === undefined || usage === undefined) return;
    this.#tokenRate.settle(permit.estimatedTokens, usage.total);
    this.#estimate.learn(permit.roughPrompt, usage);
  }

  /** Holds back all new calls for `ms`, as a 429 with a wait asks. */
  pause(ms: number): void {
    this.#gate.pause(ms);
  }

  /** Returns the tokens that were taken. */
  async #takeQuota(roughPrompt: number, signal?: AbortSignal): Promise<number> {
    if (this.#tokenRate === undefined) {
      if (this.#requestRate !== undefined) await this.#takeFrom('requests', 1, signal);
      return 0;
    }
    const passage = this.#passage;
    await passage?.take(signal);
    try {
      const estimatedTokens = this.#estimate.total(roughPrompt);
      await this.#takeFrom('tokens', estimatedTokens, signal);
      await this.#takeFrom('requests', 1, signal);
      return estimatedTokens;
    } finally {
      passage?.giveBack();
    }
  }

  async #takeFrom(kind: 'requests' | 'tokens', amount: number, signal?: AbortSignal): Promise<void> {
    const quota = kind === 'tokens' ? this.#tokenRate : this.#requestRate;
    if (quota === undefined) return;
    this.#inLine[kind] += 1;
    try {
      await quota.take(amount, signal);
    } finally {
      this.#inLine[kind] -= 1;
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.#own.map((quota) => quota.close()));
  }
}
