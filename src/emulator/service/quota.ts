import { TokenBucket } from './token-bucket.ts';

export interface QuotaLimits {
  requestsPerMinute: number | undefined;
  tokensPerMinute: number | undefined;
}

/** Requests and tokens per minute, for each model and consumption option apart, as the service counts them. */
export class Quota {
  readonly #limitsOf: (model: string) => QuotaLimits;
  readonly #buckets = new Map<string, { requests: TokenBucket | undefined; tokens: TokenBucket | undefined }>();

  constructor(limitsOf: (model: string) => QuotaLimits) {
    this.#limitsOf = limitsOf;
  }

  /** Takes a request and its prompt tokens out of the quota; false, and nothing taken, when there is too little. */
  admit(model: string, traffic: string, promptTokens: number, now: number): boolean {
    const key = keyOf(model, traffic);
    let buckets = this.#buckets.get(key);
    if (buckets === undefined) {
      if (this.#buckets.size >= MAX_BUCKETS) this.#buckets.clear();
      const { requestsPerMinute, tokensPerMinute } = this.#limitsOf(model);
      buckets = { requests: bucket(requestsPerMinute, now), tokens: bucket(tokensPerMinute, now) };
      this.#buckets.set(key, buckets);
    }
    if (buckets.requests?.has(1, now) === false || buckets.tokens?.has(promptTokens, now) === false) return false;
    buckets.requests?.take(1);
    buckets.tokens?.take(promptTokens);
    return true;
  }

  /** Takes the tokens that were known only after generating; they may overdraw the quota. */
  charge(model: string, traffic: string, outputTokens: number): void {
    this.#buckets.get(keyOf(model, traffic))?.tokens?.take(outputTokens);
  }

  reset(): void {
    this.#buckets.clear();
  }
}

/** A guard against a client that makes names up, not a limit anyone meets. */
const MAX_BUCKETS = 1000;

function keyOf(model: string, traffic: string): string {
  return `${model} ${traffic}`;
}

function bucket(perMinute: number | undefined, now: number): TokenBucket | undefined {
  return perMinute === undefined ? undefined : new TokenBucket(perMinute, now);
}
