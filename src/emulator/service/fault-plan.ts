import type { JsonObject } from '../../json/value.ts';
import { defaultFaultMix, type FaultKind } from './faults.ts';
import { fraction } from '../answers/random.ts';

/** Which requests a scripted step applies to; every condition given must hold. */
export interface ScriptMatch {
  /** 1-based number of the request among the chat requests that were well-formed and within the quotas. */
  nth?: number;
  /** Text that the user's message contains. */
  contains?: string;
  /** 1-based number of the request among those with the same messages. */
  attempt?: number;
  /** How many requests the step serves before it is used up; `all` for every one. Default 1. */
  times?: number | 'all';
}

/** Does one thing wrong, on purpose, to the requests it matches. */
export interface ScriptedFault extends ScriptMatch {
  fault: FaultKind;
  /** For `retry-after` and `retry-info`: the wait they ask for, in seconds. Default 1. */
  retryAfterSeconds?: number;
}

/** What an answer costs, where the emulator's own count will not do. */
export interface ScriptedUsage {
  tokens?: { prompt?: number; cached?: number; completion?: number; reasoning?: number };
}

/** Answers the requests it matches with a given text instead of a generated one. */
export interface ScriptedAnswer extends ScriptMatch, ScriptedUsage {
  content: string;
  /** Default `stop`. */
  finishReason?: string;
}

/** Answers the requests it matches with calls of functions, whether or not the request offers them. */
export interface ScriptedToolCalls extends ScriptMatch, ScriptedUsage {
  /** Several are parallel calls: one answer with them all. */
  toolCalls: readonly ScriptedToolCall[];
}

export interface ScriptedToolCall {
  name: string;
  /** An object, or text to be sent as it is, which may be malformed. Default `{}`. */
  arguments?: JsonObject | string;
}

export type ScriptStep = ScriptedFault | ScriptedAnswer | ScriptedToolCalls;

/** Faults by chance: a pure function of seed, messages and attempt, so the order of arrival changes nothing. */
export interface FaultRate {
  /** Share of requests that fail, 0 to 1. */
  rate: number;
  /** What to draw from. Default: every fault that a client should survive without losing a record. */
  kinds?: readonly FaultKind[];
  /** Relative weight of a kind. Default 1 each. */
  weights?: Partial<Record<FaultKind, number>>;
}

export interface FaultSubject {
  ordinal: number;
  attempt: number;
  promptHash: number;
  userText: string;
}

/** Decides for each request what, if anything, goes wrong with it. */
export class FaultPlan {
  readonly #seed: number;
  readonly #script: readonly ScriptStep[];
  readonly #rate: number;
  readonly #kinds: readonly { kind: FaultKind; upTo: number }[];
  #used: number[];

  constructor(seed: number, script: readonly ScriptStep[], faults: FaultRate | undefined) {
    this.#seed = seed;
    this.#script = script;
    this.#used = script.map(() => 0);
    this.#rate = faults?.rate ?? 0;
    this.#kinds = faults === undefined ? [] : cumulate(faults.kinds ?? defaultFaultMix, faults.weights ?? {});
  }

  choose(subject: FaultSubject): ScriptStep | undefined {
    for (const [index, step] of this.#script.entries()) {
      const used = this.#used[index] ?? 0;
      if (used >= timesOf(step) || !matches(step, subject)) continue;
      this.#used[index] = used + 1;
      return step;
    }
    if (this.#rate === 0 || fraction(this.#seed, subject.promptHash, subject.attempt, 1) >= this.#rate)
      return undefined;
    const total = this.#kinds.at(-1)?.upTo ?? 0;
    const drawn = fraction(this.#seed, subject.promptHash, subject.attempt, 2) * total;
    const fault = this.#kinds.find(({ upTo }) => drawn < upTo)?.kind;
    return fault === undefined ? undefined : { fault };
  }

  reset(): void {
    this.#used = this.#script.map(() => 0);
  }
}

function timesOf({ times = 1 }: ScriptMatch): number {
  return times === 'all' ? Infinity : times;
}

function matches({ nth, contains, attempt }: ScriptMatch, subject: FaultSubject): boolean {
  return (
    (nth === undefined || nth === subject.ordinal) &&
    (attempt === undefined || attempt === subject.attempt) &&
    (contains === undefined || subject.userText.includes(contains))
  );
}

function cumulate(kinds: readonly FaultKind[], weights: Partial<Record<FaultKind, number>>) {
  let upTo = 0;
  return kinds.map((kind) => {
    upTo += weights[kind] ?? 1;
    return { kind, upTo };
  });
}
