import type { Budget } from './budget.ts';
import { ByNumber } from './by-number.ts';
import { EVERY_TYPE, keywordIn, typeBit, type Formula, type Target } from './formula.ts';
import { InternedFormulas } from './interned-formulas.ts';
import { JSON_TYPES, type JsonType } from './json-type.ts';
import { negateLiteral, trivialTruth, type Literal } from './literal.ts';

const STRING_BIT = typeBit('string');

/** Makes formulas, each of them once. */
export class FormulaStore {
  readonly true: Formula;
  readonly false: Formula;
  /** Whether any literal is about a format. */
  hasFormats = false;
  readonly #budget: Budget;
  readonly #interned = new InternedFormulas();
  readonly #negations = new ByNumber<Formula>();
  /** For a literal the literal with the opposite meaning among documents of its type. */
  readonly #opposites = new ByNumber<Formula>();
  readonly #specialised = new ByNumber<Formula>();
  readonly #expanding = new Set<string>();

  constructor(budget: Budget) {
    this.#budget = budget;
    this.true = this.#interned.ofText('T', (id) => ({ id, types: EVERY_TYPE, kind: 'true' }));
    this.false = this.#interned.ofText('F', (id) => ({ id, types: 0, kind: 'false' }));
  }

  ofTypes(types: number): Formula {
    if (types === EVERY_TYPE) return this.true;
    if (types === 0) return this.false;
    return this.#interned.ofText(`t${types}`, (id) => ({ id, types, kind: 'type' }));
  }

  ofType(type: JsonType): Formula {
    return this.ofTypes(typeBit(type));
  }

  /** Of the literal's type and satisfying it. */
  literal(given: Literal): Formula {
    const literal = this.#plainest(given);
    const types = typeBit(literal.type);
    const truth = trivialTruth(literal);
    if (truth !== undefined) return truth ? this.ofTypes(types) : this.false;
    if (literal.kind === 'format') this.hasFormats = true;
    this.#budget.spend(literal.kind === 'oneOf' ? 1 + (listedCount(literal) >> 3) : 1);
    return this.#interned.ofLiteral(literal, (id) => ({ id, types, kind: 'literal', literal }));
  }

  /** Counts that say no more than that some item, or every one, is of a kind are said like that. */
  #plainest(literal: Literal): Literal {
    const range = { type: 'array', from: 0, to: Infinity } as const;
    if (literal.kind === 'minFitting' && literal.count === 1)
      return { ...range, kind: 'someItem', formula: literal.formula };
    if (literal.kind === 'maxFitting' && literal.count === 0)
      return { ...range, kind: 'everyItem', formula: this.not(literal.formula) };
    return literal;
  }

  /** Satisfying the literal if of its type, as JSON Schema keywords mean it. */
  keyword(literal: Literal): Formula {
    const others = this.ofTypes(EVERY_TYPE & ~typeBit(literal.type));
    const demand = this.literal(literal);
    if (demand.kind !== 'literal') return this.or([others, demand]);
    // Most of a large schema is made here, and nothing of it can be joined.
    this.#budget.spend(2);
    const parts = others.id < demand.id ? [others, demand] : [demand, others];
    return this.#interned.ofParts('or', parts, (id) => ({ id, types: EVERY_TYPE, kind: 'or', parts }));
  }

  /** Exactly one string, such as the name of a property. */
  name(name: string): Formula {
    this.#budget.spend(1);
    return this.#interned.ofName(name, (id) => {
      const literal: Literal = { type: 'string', kind: 'oneOf', values: new Set([name]), negated: false };
      return { id, types: STRING_BIT, kind: 'literal', literal };
    });
  }

  reference(target: Target, negated = false): Formula {
    return this.#interned.ofText(`${negated ? '~' : '@'}${target.name}`, (id) => ({
      id,
      types: EVERY_TYPE,
      kind: 'reference',
      target,
      negated,
    }));
  }

  opaque(keyword: string, key: string, negated = false): Formula {
    return this.#interned.ofText(`${negated ? '?~' : '?'}${keyword} ${key}`, (id) => ({
      id,
      types: EVERY_TYPE,
      kind: 'opaque',
      keyword,
      key,
      negated,
    }));
  }

  and(formulas: readonly Formula[]): Formula {
    const parts = new Map<number, Formula>();
    let types = EVERY_TYPE;
    for (const formula of formulas) {
      this.#budget.spend(formula.kind === 'and' ? formula.parts.length : 1);
      types &= formula.types;
      if (formula.kind === 'and') for (const part of formula.parts) parts.set(part.id, part);
      else if (formula.kind !== 'true') parts.set(formula.id, formula);
    }
    if (types === 0) return this.false;
    const narrower = this.#withoutExcluded(parts);
    if (narrower !== undefined) return this.and(narrower);
    for (const part of parts.values()) {
      if (part.kind !== 'or' || part.parts.every((inner) => (inner.types & types) !== 0)) continue;
      return this.and(
        [...parts.values()].map((other) => this.#alternativesWithin(other, types)).concat(this.ofTypes(types)),
      );
    }
    let typesOfRest = EVERY_TYPE;
    for (const part of parts.values()) {
      if (this.#hasOpposite(part, parts)) return this.false;
      if (part.kind === 'type') parts.delete(part.id);
      else typesOfRest &= part.types;
    }
    // A type that the other parts imply anyway says nothing.
    if ((typesOfRest & ~types) !== 0) {
      const type = this.ofTypes(types);
      parts.set(type.id, type);
    }
    return this.#join('and', parts, types, this.true);
  }

  or(formulas: readonly Formula[]): Formula {
    const parts = new Map<number, Formula>();
    let wholeTypes = 0;
    for (const formula of formulas) {
      this.#budget.spend(formula.kind === 'or' ? formula.parts.length : 1);
      for (const part of formula.kind === 'or' ? formula.parts : [formula]) {
        if (part.kind === 'true') return part;
        if (part.kind === 'type') wholeTypes |= part.types;
        else parts.set(part.id, part);
      }
    }
    if (wholeTypes === EVERY_TYPE) return this.true;
    for (const part of parts.values()) {
      const opposite = this.#opposites.get(part.id);
      if (opposite !== undefined && parts.has(opposite.id)) wholeTypes |= part.types;
      const negation = this.#negations.get(part.id);
      if (wholeTypes === EVERY_TYPE || (negation !== undefined && parts.has(negation.id))) return this.true;
    }
    let types = wholeTypes;
    for (const part of parts.values()) {
      if ((part.types & ~wholeTypes) === 0) parts.delete(part.id);
      else types |= part.types;
    }
    if (wholeTypes !== 0) {
      const type = this.ofTypes(wholeTypes);
      parts.set(type.id, type);
    }
    return this.#join('or', parts, types, this.false);
  }

  not(formula: Formula): Formula {
    const known = this.#negations.get(formula.id);
    if (known !== undefined) return known;
    const negation = this.#negate(formula);
    this.#negations.set(formula.id, negation);
    this.#negations.set(negation.id, formula);
    return negation;
  }

  /** What a formula demands of documents of one type: no types are left in it, and no references. */
  ofOneType(formula: Formula, type: JsonType): Formula {
    const bit = typeBit(type);
    if ((formula.types & bit) === 0) return this.false;
    switch (formula.kind) {
      case 'true':
      case 'false':
      case 'literal':
      case 'opaque':
        return formula;
      case 'type':
        return this.true;
      default: {
        const keyword = keywordIn(formula);
        if (keyword !== undefined) return keyword.types === bit ? keyword : this.true;
        const slot = formula.id * JSON_TYPES.length + JSON_TYPES.indexOf(type);
        const known = this.#specialised.get(slot);
        if (known !== undefined) return known;
        const result = this.#specialise(formula, type, slot);
        this.#specialised.set(slot, result);
        return result;
      }
    }
  }

  #specialise(formula: Formula & { kind: 'and' | 'or' | 'reference' }, type: JsonType, slot: number): Formula {
    if (formula.kind !== 'reference') {
      const parts = formula.parts.map((part) => this.ofOneType(part, type));
      const result = formula.kind === 'and' ? this.and(parts) : this.or(parts);
      return result.kind === 'type' ? this.true : result;
    }
    const { name, formula: body } = formula.target;
    // A schema that refers to itself without going through an item or a property says nothing definite.
    const key = `${slot}`;
    if (body === undefined || this.#expanding.has(key)) return this.opaque('$ref', name, formula.negated);
    this.#expanding.add(key);
    try {
      return this.ofOneType(formula.negated ? this.not(body) : body, type);
    } finally {
      this.#expanding.delete(key);
    }
  }

  #negate(formula: Formula): Formula {
    switch (formula.kind) {
      case 'true':
        return this.false;
      case 'false':
        return this.true;
      case 'type':
        return this.ofTypes(EVERY_TYPE & ~formula.types);
      case 'literal':
        return this.or([this.ofTypes(EVERY_TYPE & ~formula.types), this.#oppositeOf(formula)]);
      case 'reference':
        return this.reference(formula.target, !formula.negated);
      case 'opaque':
        return this.opaque(formula.keyword, formula.key, !formula.negated);
      default: {
        const keyword = keywordIn(formula);
        if (keyword !== undefined) return this.#oppositeOf(keyword);
        const parts = formula.parts.map((part) => this.not(part));
        return formula.kind === 'and' ? this.or(parts) : this.and(parts);
      }
    }
  }

  /** What holds of exactly the documents of a literal's type of which the literal does not hold. */
  #oppositeOf(formula: Formula & { kind: 'literal' }): Formula {
    const opposite = this.literal(negateLiteral(formula.literal, (inner) => this.not(inner)));
    this.#opposites.set(formula.id, opposite);
    if (this.#opposites.get(opposite.id) === undefined) this.#opposites.set(opposite.id, formula);
    return opposite;
  }

  /**
   * The parts with every disjunction free of alternatives whose negation stands beside it; undefined where there are none.
   * Alternatives that both sides of a comparison have fall away by it, however many they are.
   */
  #withoutExcluded(parts: ReadonlyMap<number, Formula>): Formula[] | undefined {
    const isExcluded = (alternative: Formula): boolean => {
      const negation = this.#negations.get(alternative.id);
      return negation !== undefined && parts.has(negation.id);
    };
    let isChanged = false;
    for (const part of parts.values()) {
      if (part.kind !== 'or') continue;
      this.#budget.spend(1 + (part.parts.length >> 2));
      isChanged ||= part.parts.some(isExcluded);
    }
    if (!isChanged) return undefined;
    return [...parts.values()].map((part) =>
      part.kind === 'or' && part.parts.some(isExcluded)
        ? this.or(part.parts.filter((alternative) => !isExcluded(alternative)))
        : part,
    );
  }

  /** A disjunction without the alternatives that are of none of the types. */
  #alternativesWithin(formula: Formula, types: number): Formula {
    if (formula.kind !== 'or' || formula.parts.every((part) => (part.types & types) !== 0)) return formula;
    return this.or(formula.parts.filter((part) => (part.types & types) !== 0));
  }

  #hasOpposite(part: Formula, parts: ReadonlyMap<number, Formula>): boolean {
    const negation = this.#negations.get(part.id);
    const opposite = this.#opposites.get(part.id);
    return (negation !== undefined && parts.has(negation.id)) || (opposite !== undefined && parts.has(opposite.id));
  }

  #join(kind: 'and' | 'or', parts: Map<number, Formula>, types: number, empty: Formula): Formula {
    const sorted = [...parts.values()].sort((left, right) => left.id - right.id);
    const [first] = sorted;
    if (first === undefined) return empty;
    if (sorted.length === 1) return first;
    return this.#interned.ofParts(kind, sorted, (id) => ({ id, types, kind, parts: sorted }));
  }
}

function listedCount(literal: Literal & { kind: 'oneOf' }): number {
  return literal.type === 'number' ? literal.values.length : literal.values.size;
}
