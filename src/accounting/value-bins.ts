/** Bins for each doubling: neighbours differ by 9 %. */
const PER_OCTAVE = 8;
const LEAST_OCTAVE = -30;
const MOST_OCTAVE = 60;
const BINS = (MOST_OCTAVE - LEAST_OCTAVE) * PER_OCTAVE;

/** How numbers spread, whatever their size and order, in at most 1,441 counts: bins that grow with the number, so that no range has to be known before. */
export class ValueBins {
  #counts = new Map<number, number>();

  add(value: number): void {
    const bin = binOf(value);
    this.#counts.set(bin, (this.#counts.get(bin) ?? 0) + 1);
  }

  save(): Map<number, number> {
    return this.#counts;
  }

  load(counts: ReturnType<ValueBins['save']>): void {
    this.#counts = counts;
  }

  /** From the smallest on: where a bin is nearest to zero, and how many values it holds. */
  entries(): [edge: number, count: number][] {
    return [...this.#counts].sort(([left], [right]) => left - right).map(([bin, count]) => [edgeOf(bin), count]);
  }
}

/** 0 for zero, from 1 on for positive numbers, from -1 down for negative ones. */
function binOf(value: number): number {
  if (value === 0) return 0;
  const place = Math.floor((Math.log2(Math.abs(value)) - LEAST_OCTAVE) * PER_OCTAVE);
  return Math.sign(value) * (1 + Math.min(Math.max(place, 0), BINS - 1));
}

function edgeOf(bin: number): number {
  if (bin === 0) return 0;
  const size = 2 ** ((Math.abs(bin) - 1) / PER_OCTAVE + LEAST_OCTAVE);
  return Math.sign(bin) * Number(size.toPrecision(6));
}
