import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** How the emulator treats bearer tokens, and what its own token routes give out. */
export interface TokenOptions {
  /** `any` takes whatever looks like a token; `issued` only what the emulator's token routes gave out. Default `any`. */
  accept?: 'any' | 'issued';
  /** How long an issued token is accepted, in milliseconds. Default one hour. */
  lifetimeMs?: number;
  /**
   * How long the token routes say a token is good for, in milliseconds. Default `lifetimeMs`; more than that makes clients
   * hold on to tokens that are refused, as after a revocation or with a wrong clock.
   */
  statedLifetimeMs?: number;
  /** The project that issued tokens belong to; paths of other projects answer 403. Default `emulated-project`. */
  project?: string;
}

export interface IssuedToken {
  token: string;
  expiresInSeconds: number;
}

export type TokenVerdict = 'valid' | 'expired' | 'unknown' | 'other-project';

/** Issues and checks access tokens. A token carries its own end and a seal, so nothing is remembered of it. */
export class AccessTokens {
  readonly project: string;
  readonly #acceptsAny: boolean;
  readonly #lifetimeMs: number;
  readonly #statedLifetimeMs: number;
  readonly #key = randomBytes(32);
  #issued = 0;

  constructor(options: TokenOptions = {}) {
    const {
      accept = 'any',
      lifetimeMs = 3_600_000,
      statedLifetimeMs = lifetimeMs,
      project = 'emulated-project',
    } = options;
    this.project = project;
    this.#acceptsAny = accept === 'any';
    this.#lifetimeMs = lifetimeMs;
    this.#statedLifetimeMs = statedLifetimeMs;
  }

  /** Tokens given out since the start or the last reset. */
  get issued(): number {
    return this.#issued;
  }

  issue(now: number): IssuedToken {
    this.#issued += 1;
    return { token: this.#token(now), expiresInSeconds: Math.ceil(this.#statedLifetimeMs / 1000) };
  }

  /** A token that nobody was given, for the lines of a job that was let in. */
  forJobs(now: number): string {
    return this.#token(now);
  }

  /** @param token what stands behind `Bearer` */
  check(token: string, project: string, now: number): TokenVerdict {
    if (this.#acceptsAny) return 'valid';
    const [, claims = '', end = '', seal = ''] = ISSUED_FORM.exec(token) ?? [];
    const wanted = this.#seal(claims);
    const given = Buffer.from(seal, 'base64url');
    if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'unknown';
    if (now >= Number.parseInt(end, 36)) return 'expired';
    return project === this.project ? 'valid' : 'other-project';
  }

  reset(): void {
    this.#issued = 0;
  }

  #token(now: number): string {
    const claims = `${(now + this.#lifetimeMs).toString(36)}.${this.#issued.toString(36)}`;
    return `ya29.emulated.${claims}.${this.#seal(claims).toString('base64url')}`;
  }

  #seal(claims: string): Buffer {
    return createHmac('sha256', this.#key).update(claims).digest();
  }
}

const ISSUED_FORM = /^ya29\.emulated\.(([0-9a-z]+)\.[0-9a-z]+)\.([\w-]{43})$/;
