import type { AttemptEntry } from './entries.ts';
import type { Session } from './manifest.ts';

/** A session whose process was killed. */
interface Killed {
  session: Session;
  from: number;
  /** Whether a call of the ledger is one of its own. */
  has(call: number, sent: number): boolean;
  /** The latest that it can have lasted, where that is told by a clock. */
  to: number;
  last: number;
}

/**
 * How long the sessions took whose process was killed before it could say so: until the last stamp that the ledger has of them. What a
 * process did after its last call was sent or answered is not known. Whose a call is, is told by its ordinal, since the clock may have been
 * set between two sessions; in the manifests of version 0.1, by the time at which it was sent.
 */
export class KilledSessions {
  readonly #sessions: readonly Session[];
  readonly #killed: Killed[];

  constructor(sessions: readonly Session[], now = Date.now()) {
    this.#sessions = sessions;
    this.#killed = sessions.flatMap((session, at) =>
      session.endedAt === null && session.wallMs === undefined ? [killed(session, sessions[at + 1], now)] : [],
    );
  }

  /** Takes a call of the ledger, of whichever session. */
  add(entry: Pick<AttemptEntry, 'call' | 'at' | 'latencyMs' | 'via'>): void {
    if (this.#killed.length === 0) return;
    const sent = Date.parse(entry.at);
    const found = this.#killed.find((one) => one.has(entry.call, sent));
    if (found !== undefined) found.last = Math.max(found.last, Math.min(found.to, endOf(entry)));
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

function killed(session: Session, next: Session | undefined, now: number): Killed {
  const from = Date.parse(session.startedAt);
  const { firstCall = 0 } = session;
  const isCounted = session.firstCall !== undefined && (next === undefined || next.firstCall !== undefined);
  if (isCounted) {
    const { firstCall: end = Infinity } = next ?? {};
    return { session, from, has: (call) => call >= firstCall && call < end, to: Infinity, last: from };
  }
  const to = next === undefined ? now : Date.parse(next.startedAt);
  return { session, from, has: (_, sent) => sent >= from && sent < to, to, last: from };
}

/** When a call ended, by the clock on the wall. The answer of a batch job comes long after the session that asked has ended. */
export function endOf(
  { at, latencyMs, via }: Pick<AttemptEntry, 'at' | 'latencyMs' | 'via'>,
  sent = Date.parse(at),
): number {
  return sent + (via === undefined ? (latencyMs ?? 0) : 0);
}
