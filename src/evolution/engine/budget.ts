/** Thrown inside a comparison when its budget is used up; it never leaves compareSchemas. */
export class BudgetExhausted extends Error {
  override readonly name = 'BudgetExhausted';
}

/**
 * Counts the work of a comparison in steps, so that what is decided depends on the schemas alone and on no clock. A step
 * is about a microsecond: a keyword read, a condition tried, a value validated. Whatever may run long spends from it.
 */
export class Budget {
  readonly #total: number;
  #left: number;

  constructor(steps: number) {
    this.#total = steps;
    this.#left = steps;
  }

  get left(): number {
    return this.#left;
  }

  spend(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new BudgetExhausted(`the budget of ${this.#total} steps is used up`);
  }

  /** Does work that may spend a share of what is left, and no more than `most`; what it does not spend stays here. */
  allot<Result>(share: number, work: () => Result, most = Infinity): Result {
    const reserved = this.#left - Math.min(most, Math.floor(this.#left * share));
    this.#left -= reserved;
    try {
      return work();
    } finally {
      this.#left = Math.max(0, this.#left) + reserved;
    }
  }
}

/** Does work that may run out of its budget, or nest deeper than the stack; then `giveUp` says what comes of it. */
export function attempt<Result>(work: () => Result, giveUp: (why: string) => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof BudgetExhausted) return giveUp(error.message);
    if (isStackOverflow(error)) return giveUp('the schemas are nested too deeply');
    throw error;
  }
}

function isStackOverflow(error: unknown): boolean {
  return error instanceof RangeError && error.message.includes('call stack');
}
