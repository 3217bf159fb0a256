import type { JsonValue } from '../../../json/value.ts';
import type { Budget } from '../budget.ts';
import { impliesFormat } from '../format-hierarchy.ts';
import type { Formula } from '../formula.ts';
import type { FormulaStore } from '../formula-store.ts';
import { JSON_TYPES, type JsonType } from '../json-type.ts';
import type { Languages } from '../regex/languages.ts';
import { isSurelyOf } from '../sure-formats.ts';
import { ArrayTheory } from './arrays.ts';
import { atomsOf, doubtOf, evaluate, formatName, type Atom } from './evaluate.ts';
import { findNumber } from './numbers.ts';
import { ObjectTheory } from './objects.ts';
import { searchComposite } from './search.ts';
import { StringSolver } from './strings.ts';

/** A document that satisfies a formula, unless one of the doubts (keywords that are not understood) spoils it. */
export interface Solution {
  readonly value: JsonValue;
  /** How many values the document holds. Parts of it can be shared, so that it is larger than what was built. */
  readonly size: number;
  readonly doubts: readonly string[];
}

/** What `format` does: nothing, or restrict strings in a way about which nothing is known. */
export type FormatReading = 'annotation' | 'assertion';

const MAX_FREE_ATOMS = 8;
const MAX_PLACE = 5;

/**
 * Decides whether any document satisfies a formula, and finds one.
 *
 * Finite documents make recursion simple: a smallest document never needs the same goal again inside itself, so a goal
 * met within its own solution counts as impossible there. What was found impossible under such an assumption is kept
 * only until the assumption's goal turns out to be possible.
 */
export class Solver {
  readonly store: FormulaStore;
  readonly strings: StringSolver;
  readonly budget: Budget;
  readonly #formats: FormatReading;
  readonly #arrays: ArrayTheory;
  readonly #objects: ObjectTheory;
  readonly #settled = new Map<number, Solution | undefined>();
  readonly #assumed = new Map<number, number>();
  readonly #assumptions: number[] = [];
  readonly #underWay = new Map<number, number>();
  readonly #path: string[] = [];
  /** The outermost goal under way that an impossibility found since was based on, by its depth. */
  #lowest = Infinity;

  constructor(store: FormulaStore, languages: Languages, budget: Budget, formats: FormatReading) {
    this.store = store;
    this.budget = budget;
    this.#formats = formats;
    this.strings = new StringSolver(languages, budget);
    this.#arrays = new ArrayTheory(this);
    this.#objects = new ObjectTheory(this);
  }

  /** Where in the document the goal under way lies; after the budget ran out, where that was. */
  get place(): string {
    return this.#path.slice(0, MAX_PLACE).join('');
  }

  /**
   * A document for the goal, or undefined when there is none (as far as the goals under way allow). `step` leads from
   * the goal under way to this one: the name of a property or the index of an item.
   */
  solve(goal: Formula, step?: string | number): Solution | undefined {
    if (goal.kind === 'false') return undefined;
    if (this.#settled.has(goal.id)) return this.#settled.get(goal.id);
    const base = this.#underWay.get(goal.id) ?? this.#assumed.get(goal.id);
    if (base !== undefined) {
      this.#lowest = Math.min(this.#lowest, base);
      return undefined;
    }
    this.budget.spend();
    const depth = this.#underWay.size;
    const mark = this.#assumptions.length;
    const outerLowest = this.#lowest;
    this.#lowest = Infinity;
    this.#underWay.set(goal.id, depth);
    if (step !== undefined) this.#path.push(`/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`);
    const solution = this.#solveByType(goal);
    if (step !== undefined) this.#path.pop();
    this.#underWay.delete(goal.id);
    const dependsOn = this.#lowest < depth ? this.#lowest : Infinity;
    this.#lowest = outerLowest;
    if (solution !== undefined || dependsOn === Infinity) {
      for (const id of this.#assumptions.splice(mark)) {
        this.#assumed.delete(id);
        // Their assumptions were all about this goal, which is impossible indeed.
        if (solution === undefined) this.#settled.set(id, undefined);
      }
      this.#settled.set(goal.id, solution);
    } else {
      this.#assumptions.push(goal.id);
      // What was based on this goal is now based on what this goal is based on.
      for (const id of this.#assumptions.slice(mark))
        this.#assumed.set(id, Math.min(this.#assumed.get(id) ?? dependsOn, dependsOn));
      this.#lowest = Math.min(this.#lowest, dependsOn);
    }
    return solution;
  }

  /** Whether the goal is impossible whatever becomes of the goals under way. */
  isImpossible(goal: Formula, step?: string | number): boolean {
    const outerLowest = this.#lowest;
    this.#lowest = Infinity;
    const solution = this.solve(goal, step);
    const isSettled = this.#lowest === Infinity;
    this.#lowest = outerLowest;
    return solution === undefined && isSettled;
  }

  /** The formula with every atom that cannot be judged replaced by one truth, and the keywords in doubt. */
  approximate(formula: Formula, truth: boolean): { formula: Formula; doubts: readonly string[] } {
    const special = atomsOf(formula).filter(isSpecial);
    if (special.length === 0) return { formula, doubts: [] };
    const doubts = new Set(special.filter((atom) => this.#isFree(atom)).map(doubtOf));
    return { formula: this.#substitute(formula, () => truth), doubts: [...doubts] };
  }

  #solveByType(goal: Formula): Solution | undefined {
    let best: Solution | undefined;
    for (const type of JSON_TYPES) {
      const formula = this.store.ofOneType(goal, type);
      if (formula.kind === 'false') continue;
      const solution = this.#solveOneType(formula, type);
      if (solution?.doubts.length === 0) return solution;
      best ??= solution;
    }
    return best;
  }

  #solveOneType(formula: Formula, type: JsonType): Solution | undefined {
    switch (type) {
      case 'null':
        return this.#solveScalar(formula, (decided) => (decided.kind === 'true' ? certain(null) : undefined));
      case 'boolean':
        return this.#solveScalar(formula, (decided) => {
          const value = [false, true].find(
            (candidate) => evaluate(decided, this.budget, (atom) => isBoolean(atom, candidate)) === true,
          );
          return value === undefined ? undefined : certain(value);
        });
      case 'number':
        return this.#solveScalar(formula, (decided) => {
          const found = findNumber(decided, this.budget);
          if (found === undefined) return undefined;
          return { value: found.value, size: 1, doubts: found.isExact ? [] : ['a number that no double equals'] };
        });
      case 'string':
        return this.#solveScalar(formula, (decided, guess) => {
          const value = this.strings.find(decided, refutationsOf(guess, formula));
          return value === undefined ? undefined : certain(value);
        });
      case 'array':
        return searchComposite(formula, this.#arrays, this.budget);
      case 'object':
        return searchComposite(formula, this.#objects, this.budget);
      default:
        return type satisfies never;
    }
  }

  /** Tries without the atoms that cannot be judged, then with one guess at them after another. */
  #solveScalar(
    formula: Formula,
    decide: (formula: Formula, guess: Guess) => Solution | undefined,
  ): Solution | undefined {
    const special = atomsOf(formula).filter(isSpecial);
    if (special.length === 0) return decide(formula, new Map());
    const certainly = decide(
      this.#substitute(formula, () => false),
      new Map(),
    );
    if (certainly !== undefined) return certainly;
    const free = special.filter((atom) => this.#isFree(atom));
    const doubts = [...new Set(free.map(doubtOf))];
    if (free.length === 0) return undefined;
    for (const guess of guessesAt(free)) {
      this.budget.spend();
      const decided = this.#substitute(formula, (atom) => guess.get(questionOf(atom)) !== isNegated(atom));
      const solution = decide(decided, guess);
      if (solution !== undefined) return { ...solution, doubts: [...doubts, ...solution.doubts] };
    }
    return undefined;
  }

  #isFree(atom: Atom): boolean {
    return atom.kind === 'opaque' || (this.#formats === 'assertion' && atom.literal.kind === 'format');
  }

  #substitute(formula: Formula, truthOf: (atom: Atom) => boolean): Formula {
    switch (formula.kind) {
      case 'opaque':
        return truthOf(formula) ? this.store.true : this.store.false;
      case 'literal': {
        if (formula.literal.kind !== 'format') return formula;
        const isTrue = this.#formats === 'assertion' ? truthOf(formula) : !formula.literal.negated;
        return isTrue ? this.store.true : this.store.false;
      }
      case 'and':
        return this.store.and(formula.parts.map((part) => this.#substitute(part, truthOf)));
      case 'or':
        return this.store.or(formula.parts.map((part) => this.#substitute(part, truthOf)));
      default:
        return formula;
    }
  }
}

/** Answers to questions about which nothing is known, by the text of the question. */
type Guess = ReadonlyMap<string, boolean>;

/** Listed strings of which a guess says that they are not of a format, though they surely are. */
function refutationsOf(guess: Guess, formula: Formula): ReadonlySet<string> {
  const atoms = atomsOf(formula);
  const denied = new Set(atoms.flatMap((atom) => formatName(atom) ?? []));
  for (const name of denied) if (guess.get(`format ${name}`) !== false) denied.delete(name);
  const refutations = new Set<string>();
  if (denied.size === 0) return refutations;
  for (const atom of atoms) {
    if (atom.kind !== 'literal' || atom.literal.type !== 'string' || atom.literal.kind !== 'oneOf') continue;
    for (const text of atom.literal.values) {
      if ([...denied].some((format) => isSurelyOf(format, text))) refutations.add(text);
    }
  }
  return refutations;
}

function* guessesAt(free: readonly Atom[]): Generator<Guess> {
  const questions = [...new Set(free.map(questionOf))].slice(0, MAX_FREE_ATOMS);
  const formats = [...new Set(free.flatMap((atom) => formatName(atom) ?? []))];
  for (let bits = 0; bits < 1 << questions.length; bits += 1) {
    const guess = new Map(questions.map((question, index) => [question, ((bits >> index) & 1) === 1]));
    const isContradiction = formats.some(
      (narrow) =>
        guess.get(`format ${narrow}`) === true &&
        formats.some((wide) => impliesFormat(narrow, wide) && guess.get(`format ${wide}`) === false),
    );
    if (!isContradiction) yield guess;
  }
}

function certain(value: JsonValue): Solution {
  return { value, size: 1, doubts: [] };
}

function isBoolean(atom: Atom, value: boolean): boolean | undefined {
  return atom.kind === 'literal' && atom.literal.kind === 'is' ? atom.literal.value === value : undefined;
}

function isSpecial(atom: Atom): boolean {
  return atom.kind === 'opaque' || atom.literal.kind === 'format';
}

/** The condition that an atom, negated or not, is about. */
function questionOf(atom: Atom): string {
  return atom.kind === 'opaque' ? `${atom.keyword} ${atom.key}` : `format ${formatName(atom) ?? ''}`;
}

function isNegated(atom: Atom): boolean {
  if (atom.kind === 'opaque') return atom.negated;
  return atom.literal.kind === 'format' && atom.literal.negated;
}
