/** What a finished call says about the service's capacity. */
export type CallSignal = 'ok' | 'throttled' | 'failed';

/** So many calls go at once before anything is known of the service, and more where something is. */
const FIRST_LIMIT = 32;
/** What an answer adds to the bound while nothing was refused: all in flight, once answered, make it four times as high. */
const FIRST_STEP = 3;
/** A refusal comes at once: what is neither answered nor refused for so long has been accepted. */
export const SILENCE_MS = 1000;
/** What the bound is multiplied by after that, while nothing but silence is known of the service. */
const SILENT_GROWTH = 2;
/** What is left of the bound after a refusal, and after another one that follows before any answer to what was sent since. */
const FIRST_CUT = 0.85;
const NEXT_CUT = 0.7;
/** How fast the bound moves towards the level that was refused and beyond it, in calls a cubic second. */
const CURVATURE = 2;
/** Answers after a refusal before more is tried than was good: so many, or fewer where few calls are in flight. */
const CALM_ANSWERS = 30;
const CALM_ANSWERS_PER_CALL = 5;
/** Nothing is sent for so long, twice as long every time, while one call after the other is refused. */
const FIRST_HOLD_MS = 25;
const LONGEST_HOLD_MS = 2000;
/** Refusals in a row that are no reason to hold yet. */
const PATIENT_REFUSALS = 2;

/** A call that has ended. */
export interface EndedCall {
  signal: CallSignal;
  /** Its place among all calls, from 1. */
  ordinal: number;
  /** How many calls were begun by now, and how many of them have no end yet. */
  begun: number;
  inFlight: number;
}

/**
 * Learns how many calls in flight a service bears, from what it refuses (429) alone, as TCP learns the capacity of a path: it starts
 * with few and grows fast until the first refusal; what was in flight then, less the refused, is the ceiling. After a refusal the bound
 * falls a little below it, returns fast, stays there for a while, and then tries more: slowly at first and faster the longer nothing is
 * refused (the curve of CUBIC, RFC 9438). So most of the capacity is used, few calls are refused, and a capacity that has grown is found.
 *
 * - A burst of refusals counts once: only a call begun after the last cut can cause another, since the ones before it speak of a pace
 *   that has been given up already. They do tell how many of the burst were accepted.
 * - Until the first call has ended, silence is a sign, too: answers may take a minute, and refusals do not.
 * - While everything is refused, the ceiling of before is kept, and calls go one at a time, further and further apart.
 *
 * `test/pacing/capacity.test.ts` holds what that comes to for a dozen services.
 */
export class Capacity {
  readonly #maximum: number;
  readonly #now: () => number;
  #bound: number;
  /** The level that was refused last; undefined before any refusal. */
  #ceiling: number | undefined;
  /** Whether the last cut has set the ceiling, so that the rest of its burst can put it right. */
  #isCeilingNew = false;
  /** How many calls were begun when the bound was cut last, and how many begun since were answered. */
  #begunAtCut = 0;
  #answersSinceCut = 0;
  /** When the curve began, as the clock says. */
  #curveBegan = 0;
  #refusalsInARow = 0;
  #hasHeard = false;

  /** `now`: milliseconds of a clock that is never set back. `first`: calls that the service is known, or said, to bear at once. */
  constructor(maximum: number, now: () => number, first = 0) {
    this.#maximum = maximum;
    this.#now = now;
    this.#bound = Math.min(maximum, Math.max(FIRST_LIMIT, first));
  }

  /** Most calls in flight, from 1. */
  get limit(): number {
    return Math.floor(this.#bound);
  }

  /** How long nothing is to be sent, in milliseconds; 0 but where everything is refused. */
  get holdMs(): number {
    const beyond = this.#refusalsInARow - PATIENT_REFUSALS;
    if (this.limit > 1 || beyond <= 0) return 0;
    return Math.min(LONGEST_HOLD_MS, FIRST_HOLD_MS * 2 ** beyond);
  }

  /** Whether the bound may rise without an answer: no call has ended yet, and there is room below the maximum. */
  get listensToSilence(): boolean {
    return !this.#hasHeard && this.#bound < this.#maximum;
  }

  /** Takes note that the calls in flight, as many as are allowed, have been out for `SILENCE_MS` and none of them has ended. */
  noteSilence(): void {
    if (this.listensToSilence) this.#raise(this.#bound * SILENT_GROWTH);
  }

  note(call: EndedCall): void {
    this.#hasHeard = true;
    if (call.signal === 'throttled') this.#noteRefusal(call);
    else if (call.signal === 'ok') this.#noteAnswer(call);
  }

  #noteRefusal({ ordinal, begun, inFlight }: EndedCall): void {
    this.#refusalsInARow += 1;
    if (ordinal > this.#begunAtCut) this.#cut(begun, Math.max(1, Math.min(this.#bound, inFlight + 1)));
    else if (this.#isCeilingNew && this.#answersSinceCut === 0) {
      this.#ceiling = Math.max(1, Math.min(this.#ceiling ?? inFlight, inFlight));
      this.#bound = Math.min(this.#bound, Math.ceil(this.#ceiling * FIRST_CUT));
    }
  }

  #cut(begun: number, level: number): void {
    // Refusals with no answer between them speak of an outage, which says nothing of the level that was good before.
    this.#isCeilingNew = this.#answersSinceCut > 0 || this.#ceiling === undefined;
    if (this.#isCeilingNew) this.#ceiling = level;
    const left = Math.ceil(level * (this.#isCeilingNew ? FIRST_CUT : NEXT_CUT));
    this.#bound = Math.max(1, Math.min(left, Math.floor(level) - 1));
    this.#begunAtCut = begun;
    this.#answersSinceCut = 0;
  }

  #noteAnswer({ ordinal }: EndedCall): void {
    this.#refusalsInARow = 0;
    if (this.#bound >= this.#maximum) return;
    if (this.#ceiling === undefined) this.#raise(this.#bound + FIRST_STEP);
    else if (ordinal > this.#begunAtCut) this.#return(this.#ceiling);
  }

  /** One step on the way back to the ceiling, and beyond it. */
  #return(ceiling: number): void {
    const now = this.#now();
    this.#answersSinceCut += 1;
    if (this.#answersSinceCut === 1) this.#curveBegan = now;
    const oneMore = this.#bound + 1;
    if (this.#bound < ceiling * FIRST_CUT) {
      this.#curveBegan = now;
      this.#raise(Math.min(oneMore, ceiling * FIRST_CUT));
      return;
    }
    const plateauMs = 1000 * Math.cbrt((ceiling * (1 - FIRST_CUT)) / CURVATURE);
    const isCalm = this.#answersSinceCut >= Math.min(CALM_ANSWERS, CALM_ANSWERS_PER_CALL * ceiling);
    // Until it is calm the curve stands still where it is flat.
    if (!isCalm) this.#curveBegan = Math.max(this.#curveBegan, now - plateauMs);
    const seconds = (now - this.#curveBegan - plateauMs) / 1000;
    const most = isCalm ? oneMore : Math.min(oneMore, ceiling - 1);
    this.#raise(Math.min(most, ceiling + CURVATURE * seconds ** 3));
  }

  #raise(bound: number): void {
    if (bound > this.#bound) this.#bound = Math.min(this.#maximum, bound);
  }
}
