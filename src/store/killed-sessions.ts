import type { AttemptEntry } from './entries.ts';
import type { Session } from './manifest.ts';

/**
 * How long the sessions took whose process was killed before it could say so: until the last stamp that the ledger has of them. What a
 * process did after its last call was sent or answered is not known.
 */
export class KilledSessions {
  readonly #sessions: readonly Session[];
  /** The killed ones, each with the time at which the next began. */
  readonly #killed: { session: Session; from: number; to: number; last: number }[];

  constructor(sessions: readonly Session[], now = Date.now()) {
    this.#sessions = sessions;
    this.#killed = sessions.flatMap((session, at) => {
      if (session.endedAt !== null || session.wallMs !== undefined) return [];
      const from = Date.parse(session.startedAt);
      const next = sessions[at + 1];
      return [{ session, from, to: next === undefined ? now : Date.parse(next.startedAt), last: from }];
    });
  }

  /** Takes a call of the ledger, of whichever session. */
  add(entry: Pick<AttemptEntry, 'at' | 'latencyMs' | 'via'>): void {
    if (this.#killed.length === 0) return;
    const sent = Date.parse(entry.at);
    const killed = this.#killed.find(({ from, to }) => sent >= from && sent < to);
    if (killed !== undefined) killed.last = Math.max(killed.last, Math.min(killed.to, endOf(entry)));
  }

  /** All sessions, the killed ones with the time they took. */
  timed(): Session[] {
    const times = new Map(this.#killed.map(({ session, from, last }) => [session, last - from]));
    return this.#sessions.map((session) => {
      const wallMs = times.get(session);
      return wallMs === undefined ? session : { ...session, wallMs };
    });
  }
}

/** When a call ended, by the clock on the wall. The answer of a batch job comes long after the session that asked has ended. */
export function endOf(
  { at, latencyMs, via }: Pick<AttemptEntry, 'at' | 'latencyMs' | 'via'>,
  sent = Date.parse(at),
): number {
  return sent + (via === undefined ? (latencyMs ?? 0) : 0);
}
