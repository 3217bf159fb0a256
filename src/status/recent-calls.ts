import type { AttemptEntry } from '../store/entries.ts';

/** The calls that ended last. */
export interface RecentCalls {
  calls: number;
  failed: number;
  /** Of the last failed one. */
  lastFailure: { status: number | null; code: string | null } | null;
  /** When the last one had been sent, ISO 8601. */
  lastAt: string | null;
}

const RECENT = 50;

/** How the last calls ended: whether the service answers. */
export class CallHistory {
  readonly #recent: { failed: boolean; status: number | null; code: string | null; at: string }[] = [];

  add({ outcome, status, code, at }: Pick<AttemptEntry, 'outcome' | 'status' | 'code' | 'at'>): void {
    this.#recent.push({ failed: outcome === 'failed', status, code: code ?? null, at });
    if (this.#recent.length > RECENT) this.#recent.shift();
  }

  look(): RecentCalls {
    const failures = this.#recent.filter(({ failed }) => failed);
    const last = failures.at(-1);
    return {
      calls: this.#recent.length,
      failed: failures.length,
      lastFailure: last === undefined ? null : { status: last.status, code: last.code },
      lastAt: this.#recent.at(-1)?.at ?? null,
    };
  }
}
