import type { Formula } from './formula.ts';
import { literalKey, type Literal } from './literal.ts';

/** What is made of two formulas. */
type PairKind = 'and' | 'or' | 'everyProperty' | 'someProperty';

/** More formulas than a budget allows, so that two ids fit into one number that is exact. */
const MOST_FORMULAS = 2 ** 26;

/**
 * Every formula once. Most formulas of a large schema are about one name or made of two others: those are found by
 * numbers, as texts for them would take most of the time.
 */
export class InternedFormulas {
  readonly #byText = new Map<string, Formula>();
  readonly #byName = new Map<string, Formula>();
  readonly #byPair: Readonly<Record<PairKind, Map<number, Formula>>> = {
    and: new Map(),
    or: new Map(),
    everyProperty: new Map(),
    someProperty: new Map(),
  };
  #count = 0;

  /** The formula of a text that says all about it. */
  ofText(text: string, make: (id: number) => Formula): Formula {
    return this.#intern(this.#byText, text, make);
  }

  ofLiteral(literal: Literal, make: (id: number) => Formula): Formula {
    if (literal.kind === 'everyProperty' || literal.kind === 'someProperty')
      return this.ofPair(literal.kind, literal.names, literal.formula, make);
    if (literal.type === 'string' && literal.kind === 'oneOf' && !literal.negated && literal.values.size === 1) {
      for (const name of literal.values) return this.ofName(name, make);
    }
    return this.ofText(literalKey(literal), make);
  }

  /** The formula of exactly one string. */
  ofName(name: string, make: (id: number) => Formula): Formula {
    return this.#intern(this.#byName, name, make);
  }

  ofPair(kind: PairKind, first: Formula, second: Formula, make: (id: number) => Formula): Formula {
    return this.#intern(this.#byPair[kind], first.id * MOST_FORMULAS + second.id, make);
  }

  /** A conjunction or disjunction of formulas in the order of their ids. */
  ofParts(kind: 'and' | 'or', parts: readonly Formula[], make: (id: number) => Formula): Formula {
    const [first, second] = parts;
    if (parts.length === 2 && first !== undefined && second !== undefined)
      return this.ofPair(kind, first, second, make);
    return this.ofText(`${kind}${parts.map((part) => part.id).join()}`, make);
  }

  #intern<Key>(table: Map<Key, Formula>, key: Key, make: (id: number) => Formula): Formula {
    let formula = table.get(key);
    if (formula === undefined) {
      formula = make(this.#count);
      this.#count += 1;
      table.set(key, formula);
    }
    return formula;
  }
}
