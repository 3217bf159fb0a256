import type { ChatMessage } from '../../completion/request.ts';
import { zeroUsage, type TokenUsage } from '../../completion/usage.ts';
import type { CallSignal } from '../../pacing/capacity.ts';
import type { Pacer, Permit } from '../../run/ports.ts';
import type { PoolGate } from './pool-gate.ts';
import type { PoolSession } from './pool-session.ts';

export interface PooledPacerOptions {
  /** Paces this process: its calls in flight, and the turns that it takes of the pool's quota. */
  pacer: Pacer;
  gate: PoolGate;
  session: Pick<PoolSession, 'isLost' | 'name' | 'state'>;
}

/** A pacer whose pauses are everybody's, and whose calls go only while those of all sessions may. */
export class PooledPacer implements Pacer {
  readonly #options: PooledPacerOptions;
  #probe: Permit | undefined;

  constructor(options: PooledPacerOptions) {
    this.#options = options;
  }

  get concurrencyLimit(): number {
    return this.#options.pacer.concurrencyLimit;
  }

  get callsBorne(): number | undefined {
    return this.#options.pacer.callsBorne;
  }

  get quotaWait(): 'requests' | 'tokens' | undefined {
    const { pacer, session } = this.#options;
    if (pacer.quotaWait === undefined) return undefined;
    return session.state?.rates.tokensPerMinute === undefined ? 'requests' : 'tokens';
  }

  get waitsFor(): string | undefined {
    const { gate, session } = this.#options;
    if (session.isLost) return `the pool at ${session.name}`;
    return gate.isWaitingForService ? 'the service, which another run of the pool tries' : undefined;
  }

  async acquire(messages: readonly ChatMessage[], signal?: AbortSignal): Promise<Permit> {
    const { pacer, gate } = this.#options;
    for (;;) {
      if (!gate.mayPass) await gate.pass(signal);
      const permit = await pacer.acquire(messages, signal);
      if (gate.mayPass) {
        if (gate.leave()) this.#probe = permit;
        return permit;
      }
      // It was not sent, so that it takes nothing of the quota.
      pacer.release(permit, 'failed', zeroUsage);
    }
  }

  release(permit: Permit, signal: CallSignal, usage?: TokenUsage): void {
    const { pacer, gate } = this.#options;
    pacer.release(permit, signal, usage);
    if (signal === 'ok') gate.noteAnswer();
    if (permit !== this.#probe) return;
    this.#probe = undefined;
    gate.endProbe();
  }

  /** That calls of this run fail is for the gate to judge, which knows how those of others fare. */
  pause(ms: number, reason: 'retry-after' | 'outage' = 'retry-after'): void {
    const { pacer, gate } = this.#options;
    pacer.pause(ms);
    if (reason === 'retry-after') gate.pause(ms);
  }

  noteFailure(): void {
    this.#options.gate.noteFailure();
  }
}
