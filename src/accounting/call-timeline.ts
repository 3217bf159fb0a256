/** How a call ended, as far as the timeline tells it apart. */
export type CallEnd = 'extracted' | 'unusable' | 'failed';

export const CALL_ENDS: readonly CallEnd[] = ['extracted', 'unusable', 'failed'];

export interface TimelineSlot {
  startMs: number;
  counts: Readonly<Record<CallEnd, number>>;
}

/** A time without calls that is too long to be drawn to scale. */
export interface TimelinePause {
  pauseMs: number;
}

export interface Timeline {
  slotMs: number;
  slots: readonly (TimelineSlot | TimelinePause)[];
}

const MAX_SLOTS = 120;
const MAX_DRAWN = 90;
const LONGEST_DRAWN_PAUSE = 30;

/** Widths that people think in; each is a multiple of the one before, so that slots can be merged. */
const WIDTHS_MS = [
  10, 50, 100, 500, 1000, 2000, 10_000, 30_000, 60_000, 120_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
  86_400_000,
];

type Counts = Record<CallEnd, number>;

/** Calls over time, in constant memory: when there are too many slots with calls in them, slots are made wider and merged. */
export class CallTimeline {
  #slotMs = 10;
  #slots = new Map<number, Counts>();

  add(at: number, end: CallEnd): void {
    if (!Number.isFinite(at)) return;
    const slot = Math.floor(at / this.#slotMs);
    const counts = this.#slots.get(slot);
    if (counts !== undefined) {
      counts[end] += 1;
      return;
    }
    this.#slots.set(slot, { extracted: 0, unusable: 0, failed: 0, [end]: 1 });
    while (this.#slots.size > MAX_SLOTS) {
      const wider = nextWidth(this.#slotMs);
      this.#slots = merge(this.#slots, wider / this.#slotMs);
      this.#slotMs = wider;
    }
  }

  save(): { slotMs: number; slots: Map<number, Counts> } {
    return { slotMs: this.#slotMs, slots: this.#slots };
  }

  load({ slotMs, slots }: ReturnType<CallTimeline['save']>): void {
    this.#slotMs = slotMs;
    this.#slots = slots;
  }

  /** The slots in order of time, short pauses as slots without calls; never more than can be drawn. */
  layOut(): Timeline {
    let slotMs = this.#slotMs;
    let slots = this.#slots;
    for (;;) {
      const drawn = draw(slots, slotMs);
      if (drawn.length <= MAX_DRAWN) return { slotMs, slots: drawn };
      const wider = nextWidth(slotMs);
      slots = merge(slots, wider / slotMs);
      slotMs = wider;
    }
  }
}

function nextWidth(width: number): number {
  return WIDTHS_MS.find((candidate) => candidate > width) ?? width * 2;
}

function merge(slots: ReadonlyMap<number, Readonly<Counts>>, factor: number): Map<number, Counts> {
  const merged = new Map<number, Counts>();
  for (const [slot, counts] of slots) {
    const into = Math.floor(slot / factor);
    const sum = merged.get(into) ?? { extracted: 0, unusable: 0, failed: 0 };
    for (const end of CALL_ENDS) sum[end] += counts[end];
    merged.set(into, sum);
  }
  return merged;
}

function draw(slots: ReadonlyMap<number, Readonly<Counts>>, slotMs: number): (TimelineSlot | TimelinePause)[] {
  const drawn: (TimelineSlot | TimelinePause)[] = [];
  let next: number | undefined;
  for (const slot of [...slots.keys()].sort((left, right) => left - right)) {
    const pause = slot - (next ?? slot);
    if (pause > LONGEST_DRAWN_PAUSE) drawn.push({ pauseMs: pause * slotMs });
    else for (let empty = slot - pause; empty < slot; empty += 1) drawn.push(slotOf(empty, undefined, slotMs));
    drawn.push(slotOf(slot, slots.get(slot), slotMs));
    next = slot + 1;
  }
  return drawn;
}

function slotOf(slot: number, counts: Readonly<Counts> | undefined, slotMs: number): TimelineSlot {
  return { startMs: slot * slotMs, counts: counts ?? { extracted: 0, unusable: 0, failed: 0 } };
}
