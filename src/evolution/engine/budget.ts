/** Thrown inside a comparison when its budget is used up; it never leaves compareSchemas. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';
}

/** Counts the steps of one direction of a comparison, and looks at the clock now and then. */
export class Budget {
  #steps = 0;
  readonly #deadline: number;
  readonly #maxSteps: number;
  readonly #totalMs: number;

  /** `totalMs` is what the user allowed for the whole comparison, and `ms` what is left of it for this direction. */
  constructor(ms: number, maxSteps: number, totalMs = ms) {
    this.#deadline = performance.now() + ms;
    this.#maxSteps = maxSteps;
    this.#totalMs = totalMs;
  }

  spend(): void {
    this.#steps += 1;
    if (this.#steps > this.#maxSteps) throw new BudgetExhausted(`the budget of ${this.#maxSteps} steps is used up`);
    if (this.#steps % 64 === 0 && performance.now() > this.#deadline) {
      throw new BudgetExhausted(`the budget of ${this.#totalMs} ms is used up`);
    }
  }
}
