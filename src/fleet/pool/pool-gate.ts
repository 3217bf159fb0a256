import { formatDuration } from '../../text/format.ts';
import { WaitQueue } from '../../pacing/wait-queue.ts';
import { RunStop } from '../../run/run-stop.ts';
import type { PoolSession, PoolShare } from './pool-session.ts';
import { BREAKER, type PoolAsk, type PoolState } from './pool-store.ts';

export interface PoolGateOptions {
  session: Pick<PoolSession, 'exchangeSoon' | 'exchangeWithin' | 'fail' | 'failure' | 'isFresh' | 'name'>;
  /** Told that all calls are to be held back, for how long and why. */
  onPause(pauseMs: number, reason: 'retry-after' | 'outage'): void;
  onNotice?: ((notice: string) => void) | undefined;
  now?: (() => number) | undefined;
}

/** Long enough for a quota of a minute to come back twice: a service that answers no run of the pool for so long is given up. */
const OUTAGE_MS = 150_000;

/** A pause that differs by less is the same, told again. */
const SAME_PAUSE_MS = 100;

/**
 * Whether calls may go at all, as the sessions of a pool know it together: the pool answers; nobody was asked to wait; the service answers, or
 * this session is the one that tries it, with one call.
 */
export class PoolGate implements PoolShare {
  readonly #options: PoolGateOptions;
  readonly #now: () => number;
  readonly #line = new WaitQueue();
  #askedUntil = 0;
  #isPauseTold = true;
  #pausedUntil = 0;
  #failures = 0;
  #answered = false;
  #told = { failures: 0, answered: false };
  #isOpen = false;
  #isProbe = false;
  #isProbing = false;
  #isOutageTold = false;
  #failure: Error | undefined;

  constructor(options: PoolGateOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Whether calls wait for another session that tries the service. */
  get isWaitingForService(): boolean {
    return this.#isOpen && this.#line.length > 0;
  }

  /** Whether a call may go now; one that tries the service has to be told by `endProbe`. */
  get mayPass(): boolean {
    return this.#options.session.isFresh && (!this.#isOpen || (this.#isProbe && !this.#isProbing));
  }

  /** @returns whether the call that goes now is the one that tries the service */
  leave(): boolean {
    this.#isProbing = this.#isOpen;
    return this.#isOpen;
  }

  endProbe(): void {
    this.#isProbing = false;
    // Whether another one may try the service is for the pool to say, once it knows how this one fared.
    this.#isProbe = false;
    this.#options.session.exchangeSoon();
    this.#wake();
  }

  async pass(signal?: AbortSignal): Promise<void> {
    while (!this.mayPass) {
      if (this.#failure !== undefined) throw this.#failure;
      const turn = this.#line.wait(signal);
      this.#options.session.exchangeSoon();
      await turn;
    }
  }

  /** Holds back the calls of all sessions. */
  pause(pauseMs: number): void {
    this.#askedUntil = Math.max(this.#askedUntil, this.#now() + pauseMs);
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#askedUntil);
    this.#isPauseTold = false;
    this.#options.session.exchangeSoon();
  }

  noteAnswer(): void {
    this.#answered = true;
    this.#failures = 0;
    if (this.#isOpen) this.#options.session.exchangeSoon();
  }

  noteFailure(): void {
    this.#failures += 1;
    if (this.#isOpen) this.#options.session.exchangeSoon();
  }

  say(ask: PoolAsk): void {
    if (!this.#isPauseTold) ask.pauseMs = Math.max(0, Math.round(this.#askedUntil - this.#now()));
    this.#isPauseTold = true;
    this.#told = { failures: this.#failures, answered: this.#answered };
    ask.failures = this.#failures;
    ask.answered = this.#answered;
    ask.wantsProbe = this.#isProbing || this.#line.length > 0;
    this.#failures = 0;
    this.#answered = false;
  }

  hear(state: PoolState): void {
    this.#told = { failures: 0, answered: false };
    this.#isOpen = state.failures >= BREAKER.after;
    this.#isProbe = state.isProbe;
    const until = this.#now() + state.pauseMs;
    if (until > this.#pausedUntil + SAME_PAUSE_MS) {
      this.#pausedUntil = until;
      this.#options.onPause(state.pauseMs, this.#isOpen ? 'outage' : 'retry-after');
    }
    this.#tellOutage(state);
    const { session } = this.#options;
    if (this.#isOpen && state.silentMs >= OUTAGE_MS) {
      session.fail(
        new RunStop(
          `the service has answered no run of the pool at ${session.name} for ${formatDuration(state.silentMs)}; ${state.failures} calls failed in a row`,
        ),
      );
      return;
    }
    if (this.#isOpen && this.#line.length > 0 && state.pauseMs > 0) session.exchangeWithin(state.pauseMs + 1);
    this.#wake();
  }

  unheard(): void {
    this.#failures += this.#told.failures;
    this.#answered ||= this.#told.answered;
    this.#told = { failures: 0, answered: false };
    if (this.#askedUntil > this.#now()) this.#isPauseTold = false;
  }

  fail(error: Error): void {
    this.#failure = error;
    this.#wake();
  }

  #wake(): void {
    if (!this.mayPass && this.#failure === undefined) return;
    for (let waiting = this.#line.length; waiting > 0; waiting -= 1) this.#line.admitNext();
  }

  #tellOutage({ failures }: PoolState): void {
    const { onNotice, session } = this.#options;
    if (this.#isOpen === this.#isOutageTold) return;
    this.#isOutageTold = this.#isOpen;
    onNotice?.(
      this.#isOpen
        ? `The service does not answer the runs of the pool at ${session.name}: ${failures} of their calls in a row failed. One call of one run at a time tries it again, with growing pauses`
        : `The service answers the runs of the pool at ${session.name} again`,
    );
  }
}
