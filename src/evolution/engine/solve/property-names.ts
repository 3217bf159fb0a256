import type { Formula } from '../formula.ts';
import { evaluate, type Atom } from './evaluate.ts';
import type { Solver } from './solver.ts';

/** What formulas of names say of a name and of each other; every question is answered once. */
export class PropertyNames {
  readonly #solver: Solver;
  readonly #residuals = new Map<Formula, Formula>();
  readonly #memberships = new Map<string, boolean>();
  readonly #implications = new Map<string, boolean>();

  constructor(solver: Solver) {
    this.#solver = solver;
  }

  holds(names: Formula, name: string): boolean {
    const key = `${names.id} ${name}`;
    let result = this.#memberships.get(key);
    if (result === undefined) {
      result = this.#solver.strings.holds(names, name);
      this.#memberships.set(key, result);
    }
    return result;
  }

  /** Whether names that satisfy one formula evidently satisfy another; false means "not evident". */
  evidentlyHolds(wide: Formula, narrow: Formula): boolean {
    if (wide === narrow || wide.kind === 'true') return true;
    const key = `${wide.id} ${narrow.id}`;
    let result = this.#implications.get(key);
    if (result === undefined) {
      const { store, budget } = this.#solver;
      const known = narrow.kind === 'and' ? narrow.parts : [narrow];
      result =
        evaluate(wide, budget, (atom) => {
          budget.spend(known.length);
          if (known.some((part) => part === atom || excludesMore(part, atom))) return true;
          return known.includes(store.ofOneType(store.not(atom), 'string')) ? false : undefined;
        }) === true;
      this.#implications.set(key, result);
    }
    return result;
  }

  /** What a formula of names says about names that it does not list. */
  residual(names: Formula): Formula {
    let result = this.#residuals.get(names);
    if (result === undefined) {
      result = this.#withoutLists(names);
      this.#residuals.set(names, result);
    }
    return result;
  }

  #withoutLists(names: Formula): Formula {
    const { store } = this.#solver;
    if (names.kind === 'literal' && names.literal.kind === 'oneOf')
      return names.literal.negated ? store.true : store.false;
    if (names.kind === 'and') return store.and(names.parts.map((part) => this.#withoutLists(part)));
    if (names.kind === 'or') return store.or(names.parts.map((part) => this.#withoutLists(part)));
    return names;
  }
}

/** The one name that a formula of names allows, if that is all it says. */
export function onlyName(names: Formula): string | undefined {
  if (names.kind !== 'literal' || names.literal.kind !== 'oneOf' || names.literal.type !== 'string') return undefined;
  if (names.literal.negated || names.literal.values.size !== 1) return undefined;
  const [name] = names.literal.values;
  return name;
}

/** Whether a list of excluded names holds all that an atom excludes. */
function excludesMore(part: Formula, atom: Atom): boolean {
  if (part.kind !== 'literal' || part.literal.kind !== 'oneOf' || part.literal.type !== 'string') return false;
  if (atom.kind !== 'literal' || atom.literal.kind !== 'oneOf' || atom.literal.type !== 'string') return false;
  if (!part.literal.negated || !atom.literal.negated) return false;
  const { values } = part.literal;
  return [...atom.literal.values].every((value) => values.has(value));
}
