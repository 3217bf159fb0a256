/**
 * Counts the places for a field within objects and lists. The members of one list are often alike, so they say less than as many results
 * would; `independent` says how many results they are worth at least (Kish's effective sample size where members of one result are all
 * alike).
 */
export class PlaceCount {
  places = 0;
  #squares = 0;
  #result = 0;
  #inResult = 0;

  /** `result` tells one result from the one before. */
  add(count: number, result: number): void {
    if (result !== this.#result) {
      this.#squares += this.#inResult ** 2;
      this.#inResult = 0;
      this.#result = result;
    }
    this.#inResult += count;
    this.places += count;
  }

  save(): { places: number; squares: number; result: number; inResult: number } {
    return { places: this.places, squares: this.#squares, result: this.#result, inResult: this.#inResult };
  }

  load({ places, squares, result, inResult }: ReturnType<PlaceCount['save']>): void {
    this.places = places;
    this.#squares = squares;
    this.#result = result;
    this.#inResult = inResult;
  }

  get independent(): number {
    const squares = this.#squares + this.#inResult ** 2;
    return squares === 0 ? 0 : Math.round(this.places ** 2 / squares);
  }
}
