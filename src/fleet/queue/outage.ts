import { delay } from '../../pacing/delay.ts';
import { RunStop } from '../../run/run-stop.ts';
import { formatDuration } from '../../text/format.ts';
import { messageOf } from '../../text/thrown-message.ts';
import { troubleOf } from '../pool/server-trouble.ts';

export interface OutageOptions {
  /** The pool, for people. */
  name: string;
  /** How long a pool that does not answer is waited for. Default 60 s. */
  waitMs?: number | undefined;
  /** Told when it begins, and when it is over. */
  onNotice?: ((notice: string) => void) | undefined;
}

const WAIT_MS = 60_000;
const TRY_AGAIN_MS = 250;

/** A pool's server that does not answer: it is waited for, for a while, as a run waits for its pool. */
export class Outage {
  readonly #name: string;
  readonly #waitMs: number;
  readonly #onNotice: ((notice: string) => void) | undefined;
  #since: number | undefined;

  constructor({ name, waitMs = WAIT_MS, onNotice }: OutageOptions) {
    this.#name = name;
    this.#waitMs = waitMs;
    this.#onNotice = onNotice;
  }

  /**
   * Notes that the server was asked in vain.
   *
   * @throws {RunStop} where it has been waited for long enough
   */
  note(error: unknown): void {
    const now = performance.now();
    if (this.#since === undefined) {
      this.#since = now;
      this.#onNotice?.(
        `The pool at ${this.#name} does not answer; it is waited for, for at most ${formatDuration(this.#waitMs)}`,
      );
    }
    const lostMs = now - this.#since;
    if (lostMs < this.#waitMs) return;
    throw new RunStop(
      `the pool at ${this.#name} has not answered for ${Math.round(lostMs / 1000)} s: ${troubleOf(error) ?? messageOf(error)}`,
    );
  }

  /** Notes that it answers. */
  end(): void {
    if (this.#since !== undefined) this.#onNotice?.(`The pool at ${this.#name} answers again`);
    this.#since = undefined;
  }

  /**
   * Does something that can be done again, until the server has answered.
   *
   * @throws {RunStop} where the server has been waited for long enough
   */
  async outlast<Result>(work: () => Promise<Result>, signal?: AbortSignal): Promise<Result> {
    for (;;) {
      try {
        const result = await work();
        this.end();
        return result;
      } catch (error) {
        if (!isOfConnection(error)) throw error;
        this.note(error);
      }
      await delay(TRY_AGAIN_MS, signal);
    }
  }
}

/** What is said where the server is gone, stands still, or starts again. */
export function isOfConnection(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (troubleOf(error) !== undefined) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^(?:E(?:CONN|PIPE|HOST|NET|TIMEDOUT|NOTFOUND|AI_)|ERR_TLS|ERR_SSL)/.test(code) ||
    /Stream isn't writeable|Connection is closed|Command timed out|max retries|Connection is (?:in|not)/i.test(
      error.message,
    )
  );
}
