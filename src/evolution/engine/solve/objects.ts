import type { JsonValue } from '../../../json/value.ts';
import { BudgetExhausted } from '../budget.ts';
import type { Formula } from '../formula.ts';
import type { ObjectLiteral } from '../literal.ts';
import { atomsOf } from './evaluate.ts';
import { onlyName, PropertyNames } from './property-names.ts';
import type { Judge, Theory } from './search.ts';
import type { Solution, Solver } from './solver.ts';

type PropertyLiteral = ObjectLiteral & { kind: 'everyProperty' | 'someProperty' };

/** A condition on the properties whose names satisfy a formula of strings. */
interface Rule {
  readonly names: Formula;
  /** The names as they were given, with what is not understood of them. */
  readonly given: Formula;
  readonly formula: Formula;
}

/** Names that are mentioned nowhere and that all rules treat alike. */
interface Cell {
  readonly names: Formula;
  /** What the rules demand of a property with such a name. */
  readonly value: Formula;
  /** Names found so far. */
  readonly known: string[];
  isExhausted: boolean;
}

const MAX_PROPERTIES = 10_000;

/** Objects: rules for all properties of some names, and demands for some property of some names. */
export class ObjectTheory implements Theory {
  readonly #solver: Solver;
  readonly #names: PropertyNames;

  constructor(solver: Solver) {
    this.#solver = solver;
    this.#names = new PropertyNames(solver);
  }

  judge(literals: readonly Formula[]): Judge {
    return new ObjectProblem(this.#names, this.#solver, literals);
  }

  solve(literals: readonly Formula[]): Solution | undefined {
    return new ObjectProblem(this.#names, this.#solver, literals).solve();
  }
}

class ObjectProblem implements Judge {
  readonly #names: PropertyNames;
  readonly #solver: Solver;
  readonly #literals: readonly Formula[];
  /** Rules that are not for one name only. */
  readonly #rules: Rule[] = [];
  readonly #rulesByName = new Map<string, Formula[]>();
  /** Names of properties that must be there, with what they must satisfy besides the rules. */
  readonly #required = new Map<string, Formula[]>();
  /** Demands that several names can meet. */
  readonly #demands: Rule[] = [];
  /** All rules, with their names as they were given. */
  readonly #given: Rule[] = [];
  readonly #doubts = new Set<string>();
  readonly #requirements = new Map<string, Formula>();
  #min = 0;
  #max = Infinity;

  constructor(names: PropertyNames, solver: Solver, literals: readonly Formula[]) {
    this.#names = names;
    this.#solver = solver;
    this.#literals = literals;
    for (const formula of literals) {
      solver.budget.spend();
      if (formula.kind !== 'literal' || formula.literal.type !== 'object') continue;
      const { literal } = formula;
      if (literal.kind === 'minProperties') this.#min = Math.max(this.#min, literal.count);
      else if (literal.kind === 'maxProperties') this.#max = Math.min(this.#max, literal.count);
      else this.#addRule(literal);
    }
  }

  refutes(formula: Formula): boolean {
    if (formula.kind !== 'literal' || formula.literal.type !== 'object') return false;
    const { literal } = formula;
    if (literal.kind === 'minProperties') return literal.count > this.#max;
    if (literal.kind === 'maxProperties') return literal.count < Math.max(this.#min, this.#required.size);
    const name = onlyName(literal.names);
    if (name === undefined) {
      return (
        literal.kind === 'someProperty' &&
        new ObjectProblem(this.#names, this.#solver, [...this.#literals, formula]).solve() === undefined
      );
    }
    if (literal.kind === 'everyProperty' && !this.#required.has(name)) return false;
    return this.#solver.solve(this.#solver.store.and([this.#requirement(name), literal.formula]), name) === undefined;
  }

  implies(formula: Formula): boolean {
    if (formula.kind !== 'literal' || formula.literal.type !== 'object') return false;
    const { literal } = formula;
    if (literal.kind === 'minProperties') return literal.count <= Math.max(this.#min, this.#required.size);
    if (literal.kind === 'maxProperties') return literal.count >= this.#max;
    const name = onlyName(literal.names);
    if (name === undefined || (literal.kind === 'someProperty' && !this.#required.has(name))) return false;
    const { store } = this.#solver;
    return this.#solver.isImpossible(store.and([this.#requirement(name), store.not(literal.formula)]), name);
  }

  solve(): Solution | undefined {
    if (Math.max(this.#min, this.#required.size) > this.#max) return undefined;
    if (!this.#areDemandsPossible()) return undefined;
    const used = new Map<string, Formula>();
    for (const name of this.#required.keys()) {
      const goal = this.#requirement(name);
      if (this.#solver.solve(goal, name) === undefined) return undefined;
      used.set(name, goal);
    }
    return this.#meet(0, used, this.#cells());
  }

  #addRule(literal: PropertyLiteral): void {
    const isRule = literal.kind === 'everyProperty';
    const only = onlyName(literal.names);
    if (only !== undefined) {
      if (isRule) this.#given.push({ names: literal.names, given: literal.names, formula: literal.formula });
      addTo(isRule ? this.#rulesByName : this.#required, only, literal.formula);
      return;
    }
    // A rule for fewer names and a demand on more names are weaker: nothing possible is lost, but doubt is noted.
    const given = this.#solver.store.ofOneType(literal.names, 'string');
    const names = this.#solver.approximate(given, !isRule);
    for (const doubt of names.doubts) this.#doubts.add(doubt);
    const rule = { names: names.formula, given, formula: literal.formula };
    if (isRule) this.#given.push(rule);
    const name = onlyName(rule.names);
    if (name === undefined) (isRule ? this.#rules : this.#demands).push(rule);
    else addTo(isRule ? this.#rulesByName : this.#required, name, literal.formula);
  }

  /**
   * Whether each demand can be met by a property under the rules that evidently hold for it. That needs no name, so that
   * names by patterns that are not understood, or by many of them, do not stand in the way.
   */
  #areDemandsPossible(): boolean {
    return this.#demands.every(({ given, formula }) => {
      this.#solver.budget.spend(this.#given.length);
      const rules = this.#given.filter((rule) => this.#names.evidentlyHolds(rule.given, given));
      if (rules.length === 0) return true;
      return this.#solver.solve(this.#solver.store.and([formula, ...rules.map((rule) => rule.formula)])) !== undefined;
    });
  }

  #requirement(name: string): Formula {
    let result = this.#requirements.get(name);
    if (result === undefined) {
      const applicable = this.#rules.filter((rule) => this.#names.holds(rule.names, name)).map((rule) => rule.formula);
      result = this.#solver.store.and([
        ...applicable,
        ...(this.#rulesByName.get(name) ?? []),
        ...(this.#required.get(name) ?? []),
      ]);
      this.#requirements.set(name, result);
    }
    return result;
  }

  /** Meets the demands from the given one on, each with a property that is there already or a further one. */
  #meet(index: number, used: ReadonlyMap<string, Formula>, cells: readonly Cell[]): Solution | undefined {
    this.#solver.budget.spend();
    if (used.size > this.#max) return undefined;
    const demand = this.#demands[index];
    if (demand === undefined) return this.#fill(used, cells);
    let best: Solution | undefined;
    for (const [name, goal] of this.#places(demand, used, cells)) {
      const narrowed = this.#solver.store.and([goal, demand.formula]);
      if (this.#solver.solve(narrowed, name) === undefined) continue;
      const solution = this.#meet(index + 1, new Map([...used, [name, narrowed]]), cells);
      if (solution?.doubts.length === 0) return solution;
      best ??= solution;
    }
    return best;
  }

  *#places(demand: Rule, used: ReadonlyMap<string, Formula>, cells: readonly Cell[]): Generator<[string, Formula]> {
    for (const [name, goal] of used) if (this.#names.holds(demand.names, name)) yield [name, goal];
    for (const cell of cells) {
      const name = this.#freshName(cell, used);
      if (name !== undefined && this.#names.holds(demand.names, name)) yield [name, cell.value];
    }
    for (const name of this.#mentioned()) {
      if (!used.has(name) && this.#names.holds(demand.names, name)) yield [name, this.#requirement(name)];
    }
  }

  /** Adds properties until there are enough, and writes the object down. */
  #fill(chosen: ReadonlyMap<string, Formula>, cells: readonly Cell[]): Solution | undefined {
    if (this.#min > MAX_PROPERTIES)
      throw new BudgetExhausted(`an object of ${this.#min} properties is too large to write down`);
    const used = new Map(chosen);
    for (const cell of used.size < this.#min ? cells : []) {
      if (this.#solver.solve(cell.value) === undefined) continue;
      while (used.size < this.#min) {
        this.#solver.budget.spend();
        const name = this.#freshName(cell, used);
        if (name === undefined) break;
        used.set(name, cell.value);
      }
    }
    for (const name of used.size < this.#min ? this.#mentioned() : []) {
      if (used.size >= this.#min) break;
      const goal = this.#requirement(name);
      if (!used.has(name) && this.#solver.solve(goal, name) !== undefined) used.set(name, goal);
    }
    if (used.size < this.#min) return undefined;
    const doubts = new Set(this.#doubts);
    const members: [string, JsonValue][] = [];
    let size = 1;
    for (const [name, goal] of used) {
      const solution = this.#solver.solve(goal, name);
      if (solution === undefined) return undefined;
      size += solution.size;
      members.push([name, solution.value]);
      for (const doubt of solution.doubts) doubts.add(doubt);
    }
    return { value: Object.fromEntries(members), size, doubts: [...doubts] };
  }

  #mentioned(): Set<string> {
    const names = new Set([...this.#required.keys(), ...this.#rulesByName.keys()]);
    for (const { names: formula } of [...this.#rules, ...this.#demands]) {
      for (const atom of atomsOf(formula)) {
        if (atom.kind !== 'literal' || atom.literal.kind !== 'oneOf' || atom.literal.type !== 'string') continue;
        for (const name of atom.literal.values) names.add(name);
      }
    }
    return names;
  }

  /** The names that are mentioned nowhere, parted by what patterns and the like say of them. */
  #cells(): Cell[] {
    if (this.#demands.length === 0 && this.#required.size >= this.#min) return [];
    const mentioned = this.#mentioned();
    const { store, strings } = this.#solver;
    const conditions = new Set<Formula>();
    for (const { names } of [...this.#rules, ...this.#demands]) {
      const residual = this.#names.residual(names);
      if (residual.kind !== 'true' && residual.kind !== 'false') conditions.add(residual);
    }
    let parts: { names: Formula; held: Set<Formula> }[] = [{ names: store.ofType('string'), held: new Set() }];
    for (const condition of conditions) {
      parts = parts.flatMap((part) => {
        const inside = {
          names: store.ofOneType(store.and([part.names, condition]), 'string'),
          held: new Set([...part.held, condition]),
        };
        const outside = {
          names: store.ofOneType(store.and([part.names, store.not(condition)]), 'string'),
          held: part.held,
        };
        return [inside, outside].filter(({ names }) => strings.find(names, mentioned) !== undefined);
      });
    }
    return parts.map(({ names, held }) => {
      const applicable = this.#rules.filter((rule) => {
        const residual = this.#names.residual(rule.names);
        return residual.kind === 'true' || held.has(residual);
      });
      return {
        names: store.ofOneType(names, 'string'),
        value: store.and(applicable.map((rule) => rule.formula)),
        known: [],
        isExhausted: false,
      };
    });
  }

  #freshName(cell: Cell, used: ReadonlyMap<string, Formula>): string | undefined {
    const free = cell.known.find((name) => !used.has(name));
    if (free !== undefined || cell.isExhausted) return free;
    const found = this.#solver.strings.find(cell.names, new Set([...cell.known, ...this.#mentioned()]));
    if (found === undefined) cell.isExhausted = true;
    else cell.known.push(found);
    return found;
  }
}

function addTo(byName: Map<string, Formula[]>, name: string, formula: Formula): void {
  const formulas = byName.get(name);
  if (formulas === undefined) byName.set(name, [formula]);
  else formulas.push(formula);
}
