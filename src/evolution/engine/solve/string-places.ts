/** A place in the search: what was read so far, seen by every language, by the length limits and by the listed strings. */
export interface Place {
  readonly states: readonly number[];
  readonly length: number;
  /** The text so far while it may still become one of the listed strings. */
  readonly listed: string | undefined;
  readonly previous: Place | undefined;
  readonly codePoint: number;
}

/** A walk over all places that can be reached, each of them once. */
export class Search {
  readonly #order: 'breadth' | 'depth';
  readonly #maxPlaces: number;
  readonly #seen = new Set<string>();
  #pending: Place[];

  constructor(start: Place, order: 'breadth' | 'depth', maxPlaces: number) {
    this.#pending = [start];
    this.#order = order;
    this.#maxPlaces = maxPlaces;
  }

  /** The first answer met, undefined when there is none. */
  run(
    isAnswer: (place: Place) => boolean,
    isHopeful: (place: Place) => boolean,
    successors: (place: Place) => readonly Place[],
  ): Place | undefined | 'given up' {
    for (let index = 0; index < this.#pending.length && this.#order === 'breadth'; index += 1) {
      const place = this.#pending[index];
      if (place === undefined || isAnswer(place)) return place;
      if (!isHopeful(place)) continue;
      for (const next of successors(place)) if (this.#isNew(next)) this.#pending.push(next);
      if (this.#seen.size > this.#maxPlaces) return 'given up';
    }
    if (this.#order === 'breadth') return undefined;
    for (let place = this.#pending.pop(); place !== undefined; place = this.#pending.pop()) {
      if (isAnswer(place)) return place;
      if (!isHopeful(place)) continue;
      for (const next of successors(place).toReversed()) if (this.#isNew(next)) this.#pending.push(next);
    }
    return undefined;
  }

  #isNew({ states, length, listed }: Place): boolean {
    const key = listed === undefined ? `${states.join()} ${length}` : `${states.join()} ${length} ${listed}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** What was read on the way to a place. */
export function textOf(place: Place): string {
  const codePoints: number[] = [];
  for (let at: Place | undefined = place; at?.previous !== undefined; at = at.previous) codePoints.push(at.codePoint);
  return codePoints
    .toReversed()
    .map((codePoint) => String.fromCodePoint(codePoint))
    .join('');
}
