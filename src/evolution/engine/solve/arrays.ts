import { BudgetExhausted } from '../budget.ts';
import type { Formula } from '../formula.ts';
import type { Judge, Theory } from './search.ts';
import type { Solution, Solver } from './solver.ts';
import { writeArray, writeDistinct } from './write-array.ts';

/** Two indexes that hold the same value. */
interface Twins {
  readonly first: number;
  readonly second: number;
}

/** A condition on the items from one index up to, not including, another. */
interface Rule {
  readonly from: number;
  readonly to: number;
  readonly formula: Formula;
}

/** Something that an item must satisfy; those of one group stand for items of their own. */
interface Demand extends Rule {
  readonly group?: number;
}

/** Where a demand was met, and whether once or by both of two items that are the same. */
interface Met {
  readonly group: number | undefined;
  readonly place: number;
  readonly times: number;
}

/** So many items at most, or at least, satisfy the formula. */
interface Limit {
  readonly count: number;
  readonly formula: Formula;
}

const MAX_ITEMS = 10_000;
/** Each item that is counted is met on its own. */
const MAX_COUNTED = 200;

/** Arrays: rules for all items of a range, and demands for some item of a range. */
export class ArrayTheory implements Theory {
  readonly #solver: Solver;

  constructor(solver: Solver) {
    this.#solver = solver;
  }

  judge(literals: readonly Formula[]): Judge {
    return new ArrayProblem(this.#solver, literals);
  }

  solve(literals: readonly Formula[]): Solution | undefined {
    return new ArrayProblem(this.#solver, literals).solve();
  }
}

class ArrayProblem implements Judge {
  readonly #solver: Solver;
  readonly #literals: readonly Formula[];
  /** Rules that are not for one index only. */
  readonly #rules: Rule[] = [];
  readonly #rulesByIndex = new Map<number, Formula[]>();
  readonly #itemGoals = new Map<number, Formula>();
  readonly #demands: Demand[] = [];
  readonly #limits: Limit[] = [];
  /** At least so many items satisfy the formula. */
  readonly #counts: Limit[] = [];
  #min = 0;
  #max = Infinity;
  #mustDiffer = false;
  #mustRepeat = false;
  /** A count of items that is too large to be looked into. */
  #tooMany = 0;
  /** From this index on all rules treat all items alike. */
  #tail = 0;

  constructor(solver: Solver, literals: readonly Formula[]) {
    this.#solver = solver;
    this.#literals = literals;
    for (const formula of literals) {
      solver.budget.spend();
      if (formula.kind !== 'literal' || formula.literal.type !== 'array') continue;
      const { literal } = formula;
      switch (literal.kind) {
        case 'minItems':
          this.#min = Math.max(this.#min, literal.count);
          break;
        case 'maxItems':
          this.#max = Math.min(this.#max, literal.count);
          break;
        case 'minFitting':
          this.#countFitting(literal.count, literal.formula);
          break;
        case 'maxFitting':
          this.#limits.push(literal);
          break;
        case 'unique':
          if (literal.negated) this.#mustRepeat = true;
          else this.#mustDiffer = true;
          break;
        default:
          if (literal.kind === 'someItem') this.#demands.push(literal);
          else if (literal.to > literal.from + 1) this.#rules.push(literal);
          else {
            const formulas = this.#rulesByIndex.get(literal.from);
            if (formulas === undefined) this.#rulesByIndex.set(literal.from, [literal.formula]);
            else formulas.push(literal.formula);
          }
          this.#tail = Math.max(this.#tail, literal.from, Number.isFinite(literal.to) ? literal.to : 0);
      }
    }
  }

  refutes(formula: Formula): boolean {
    if (formula.kind !== 'literal' || formula.literal.type !== 'array') return false;
    const { literal } = formula;
    if (literal.kind === 'minItems') return literal.count > this.#max;
    if (literal.kind === 'maxItems') return literal.count < this.#min;
    if ((literal.kind === 'everyItem' || literal.kind === 'someItem') && literal.to === literal.from + 1) {
      if (literal.kind === 'everyItem' && this.#min < literal.to) return false;
      if (literal.from >= this.#max) return true;
      const goal = this.#solver.store.and([this.#itemGoal(literal.from), literal.formula]);
      return this.#solver.solve(goal, literal.from) === undefined;
    }
    return new ArrayProblem(this.#solver, [...this.#literals, formula]).solve() === undefined;
  }

  implies(formula: Formula): boolean {
    if (formula.kind !== 'literal' || formula.literal.type !== 'array') return false;
    const { literal } = formula;
    if (literal.kind === 'minItems') return literal.count <= this.#min;
    if (literal.kind === 'maxItems') return literal.count >= this.#max;
    if (literal.kind !== 'someItem' || literal.to !== literal.from + 1 || this.#min < literal.to) return false;
    const { store } = this.#solver;
    return this.#solver.isImpossible(
      store.and([this.#itemGoal(literal.from), store.not(literal.formula)]),
      literal.from,
    );
  }

  solve(): Solution | undefined {
    if (this.#mustDiffer && this.#mustRepeat) return undefined;
    let limit = this.#max;
    for (let index = 0; index <= this.#tail && index < limit; index += 1) {
      this.#solver.budget.spend();
      if (this.#solver.solve(this.#itemGoal(index), index) === undefined) limit = index;
    }
    if (this.#min > limit) return undefined;
    // More of a kind are demanded than allowed, however many that is.
    const isOver = (one: Limit): boolean =>
      this.#counts.some(({ count, formula }) => formula === one.formula && count > one.count);
    if (this.#limits.some(isOver)) return undefined;
    if (this.#tooMany > 0) throw new BudgetExhausted(`${this.#tooMany} items that fit are too many to look into`);
    if (!this.#mustRepeat) return this.#meet(0, new Map(), limit);
    let best: Solution | undefined;
    for (let second = 1; second <= this.#tail + 1 && second < limit; second += 1) {
      for (let first = 0; first < second; first += 1) {
        const goal = this.#solver.store.and([this.#itemGoal(first), this.#itemGoal(second)]);
        if (this.#solver.solve(goal, first) === undefined) continue;
        const solution = this.#meet(0, new Map([[first, goal]]), limit, { first, second });
        if (solution?.doubts.length === 0) return solution;
        best ??= solution;
      }
    }
    return best;
  }

  #countFitting(count: number, formula: Formula): void {
    this.#min = Math.max(this.#min, count);
    this.#counts.push({ count, formula });
    if (count > MAX_COUNTED) {
      this.#tooMany = Math.max(this.#tooMany, count);
      return;
    }
    const demand = { from: 0, to: Infinity, formula, group: this.#demands.length };
    for (let index = 0; index < count; index += 1) this.#demands.push(demand);
  }

  #itemGoal(index: number): Formula {
    let goal = this.#itemGoals.get(index);
    if (goal === undefined) {
      this.#solver.budget.spend(this.#rules.length);
      const applicable = this.#rules.filter((rule) => rule.from <= index && index < rule.to);
      goal = this.#solver.store.and([
        ...applicable.map((rule) => rule.formula),
        ...(this.#rulesByIndex.get(index) ?? []),
      ]);
      this.#itemGoals.set(index, goal);
    }
    return goal;
  }

  /** Meets the demands from the given one on. `twins` are two indexes that hold the same value, kept at the first. */
  #meet(
    index: number,
    used: ReadonlyMap<number, Formula>,
    limit: number,
    twins?: Twins,
    met?: Met,
  ): Solution | undefined {
    this.#solver.budget.spend();
    const demand = this.#demands[index];
    if (demand === undefined) return this.#fill(used, twins);
    const fresh = Math.max(this.#tail, ...[...used.keys()].map((key) => key + 1), (twins?.second ?? -1) + 1);
    const places = new Set([...used.keys()].filter((key) => key >= demand.from && key < demand.to));
    if (twins !== undefined && twins.second >= demand.from && twins.second < demand.to) places.add(twins.first);
    for (let place = demand.from; place < Math.min(demand.to, this.#tail); place += 1)
      if (place !== twins?.second) places.add(place);
    if (fresh < demand.to) places.add(fresh);
    let best: Solution | undefined;
    for (const place of places) {
      if (place >= limit) continue;
      // Items of one group are met from left to right, so that none is counted twice and no choice is made twice.
      const isAgain = demand.group !== undefined && demand.group === met?.group && place <= met.place;
      if (isAgain && (place !== met.place || place !== twins?.first || met.times > 1)) continue;
      const goal = this.#solver.store.and([used.get(place) ?? this.#itemGoal(place), demand.formula]);
      if (this.#solver.solve(goal, place) === undefined) continue;
      const solution = this.#meet(index + 1, new Map([...used, [place, goal]]), limit, twins, {
        group: demand.group,
        place,
        times: isAgain ? 2 : 1,
      });
      if (solution?.doubts.length === 0) return solution;
      best ??= solution;
    }
    return best;
  }

  /** Fills up with further items and writes the array down. */
  #fill(used: ReadonlyMap<number, Formula>, twins?: Twins): Solution | undefined {
    const length = Math.max(this.#min, (twins?.second ?? -1) + 1, ...[...used.keys()].map((key) => key + 1));
    if (length > MAX_ITEMS) throw new BudgetExhausted(`an array of ${length} items is too large to write down`);
    const goals: Formula[] = [];
    for (let index = 0; index < length; index += 1) {
      const place = index === twins?.second ? twins.first : index;
      goals.push(used.get(place) ?? this.#itemGoal(place));
    }
    return this.#keepLimits(goals, 0, this.#limits, twins);
  }

  /** Decides from the given item on which items are among those that a limit allows; all others must not be of its kind. */
  #keepLimits(
    goals: readonly Formula[],
    index: number,
    limits: readonly Limit[],
    twins: Twins | undefined,
  ): Solution | undefined {
    if (limits.length === 0 || index === goals.length)
      return this.#mustDiffer ? writeDistinct(this.#solver, goals) : writeArray(this.#solver, goals);
    if (index === twins?.second) return this.#keepLimits(goals, index + 1, limits, twins);
    const { store } = this.#solver;
    const weight = index === twins?.first ? 2 : 1;
    let best: Solution | undefined;
    for (let bits = 0; bits < 2 ** limits.length; bits += 1) {
      this.#solver.budget.spend(1 + goals.length);
      const isCounted = limits.map((_, position) => ((bits >> position) & 1) === 1);
      const left = limits.map((one, position) =>
        isCounted[position] === true ? { ...one, count: one.count - weight } : one,
      );
      if (left.some(({ count }) => count < 0)) continue;
      const unfit = limits
        .filter((_, position) => isCounted[position] !== true)
        .map(({ formula }) => store.not(formula));
      const goal = store.and([goals[index] ?? store.true, ...unfit]);
      if (this.#solver.solve(goal, index) === undefined) continue;
      const narrowed = goals.with(index, goal);
      const solution = this.#keepLimits(
        twins !== undefined && index === twins.first ? narrowed.with(twins.second, goal) : narrowed,
        index + 1,
        left,
        twins,
      );
      if (solution?.doubts.length === 0) return solution;
      best ??= solution;
    }
    return best;
  }
}
