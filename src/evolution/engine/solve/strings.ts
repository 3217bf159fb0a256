import { BudgetExhausted, type Budget } from '../budget.ts';
import type { Formula } from '../formula.ts';
import type { StringLiteral } from '../literal.ts';
import type { Languages } from '../regex/languages.ts';
import { atomsOf, evaluate, type Atom } from './evaluate.ts';
import { Letters, withChars } from './letters.ts';
import { Search, textOf, type Place } from './string-places.ts';

const MAX_TEXT_LENGTH = 1_000_000;

/** Finds strings that satisfy formulas over lengths, patterns and listed strings. */
export class StringSolver {
  readonly #languages: Languages;
  readonly #budget: Budget;
  readonly #letters = new Letters();

  constructor(languages: Languages, budget: Budget) {
    this.#languages = languages;
    this.#budget = budget;
  }

  /** Whether a string satisfies a formula without opaque conditions. */
  holds(formula: Formula, text: string): boolean {
    const length = lengthOf(text);
    return evaluate(formula, this.#budget, (atom) => this.#atomHolds(atom, text, length)) === true;
  }

  /** The shortest string that satisfies a formula and is not excluded, listed strings first; undefined when none is. */
  find(formula: Formula, excluded: ReadonlySet<string> = new Set()): string | undefined {
    if (formula.kind === 'false') return undefined;
    const literals = atomsOf(formula).flatMap((atom) => (isStringAtom(atom) ? [atom.literal] : []));
    const listed = new Set<string>();
    for (const literal of literals) if (literal.kind === 'oneOf') for (const value of literal.values) listed.add(value);
    this.#budget.spend(listed.size >> 2);
    for (const value of [...listed].sort((left, right) => left.length - right.length)) {
      this.#budget.spend();
      if (!excluded.has(value) && this.holds(formula, value)) return value;
    }
    // From here on no listed string can be the answer, and no other string is a member of a list.
    const avoided = new Set<string>();
    for (const value of [...listed, ...excluded]) {
      if (this.#holdsUnlisted(formula, value)) avoided.add(value);
    }
    const sources = new Set<string>();
    for (const literal of literals) if (literal.kind === 'pattern') sources.add(literal.source);
    return sources.size === 0
      ? this.#findByLength(formula, literals, avoided)
      : this.#findByPattern(formula, literals, [...sources], avoided);
  }

  #holdsUnlisted(formula: Formula, text: string): boolean {
    const length = lengthOf(text);
    return (
      evaluate(formula, this.#budget, (atom) =>
        isStringAtom(atom) && atom.literal.kind === 'oneOf'
          ? atom.literal.negated
          : this.#atomHolds(atom, text, length),
      ) === true
    );
  }

  #atomHolds(atom: Atom, text: string, length: number): boolean | undefined {
    if (!isStringAtom(atom)) return undefined;
    const { literal } = atom;
    switch (literal.kind) {
      case 'minLength':
        return length >= literal.count;
      case 'maxLength':
        return length <= literal.count;
      case 'oneOf':
        return literal.values.has(text) !== literal.negated;
      case 'pattern': {
        const language = this.#languages.of(literal.source);
        return language === undefined ? undefined : language.matches(text) !== literal.negated;
      }
      default:
        return undefined;
    }
  }

  /** Without patterns a string's length alone decides, and there are more strings of any length than are listed. */
  #findByLength(
    formula: Formula,
    literals: readonly StringLiteral[],
    avoided: ReadonlySet<string>,
  ): string | undefined {
    const lengths = new Set([0, 1]);
    for (const literal of literals) {
      if (literal.kind === 'minLength') lengths.add(literal.count);
      if (literal.kind === 'maxLength') lengths.add(literal.count + 1);
    }
    for (const length of [...lengths].sort((left, right) => left - right)) {
      this.#budget.spend();
      const truth = evaluate(formula, this.#budget, (atom) => {
        if (!isStringAtom(atom)) return undefined;
        const { literal } = atom;
        if (literal.kind === 'minLength') return length >= literal.count;
        if (literal.kind === 'maxLength') return length <= literal.count;
        return literal.kind === 'oneOf' ? literal.negated : undefined;
      });
      if (truth !== true) continue;
      if (length > MAX_TEXT_LENGTH)
        throw new BudgetExhausted(`a string of ${length} characters is too long to write down`);
      const text = freshText(length, avoided);
      if (text !== undefined) return text;
    }
    return undefined;
  }

  #findByPattern(
    formula: Formula,
    literals: readonly StringLiteral[],
    sources: readonly string[],
    avoided: ReadonlySet<string>,
  ): string | undefined {
    const languages = sources.flatMap((source) => this.#languages.of(source) ?? []);
    const letters = withChars(this.#letters.of(sources, languages), avoided, languages);
    const longest = Math.max(
      -1,
      ...literals.map((literal) =>
        literal.kind === 'minLength' ? literal.count - 1 : literal.kind === 'maxLength' ? literal.count : -1,
      ),
    );
    const prefixes = new Set<string>();
    for (const text of avoided) {
      const chars = Array.from(text);
      for (let length = 0; length <= chars.length; length += 1) prefixes.add(chars.slice(0, length).join(''));
    }
    /** With `isEnd` whether the text read is an answer; without it, whether some continuation may be. */
    const truth = (place: Place, isEnd: boolean): boolean | undefined =>
      evaluate(formula, this.#budget, (atom) => {
        if (!isStringAtom(atom)) return undefined;
        const { literal } = atom;
        switch (literal.kind) {
          case 'minLength':
            return place.length >= literal.count ? true : isEnd ? false : undefined;
          case 'maxLength':
            return place.length > literal.count ? false : isEnd ? true : undefined;
          case 'oneOf':
            return literal.negated;
          case 'pattern': {
            const index = sources.indexOf(literal.source);
            const state = place.states[index] ?? 0;
            const matched = isEnd ? languages[index]?.accepts(state) : languages[index]?.settled(state);
            return matched === undefined ? undefined : matched !== literal.negated;
          }
          default:
            return undefined;
        }
      });
    const start: Place = {
      states: languages.map(() => 0),
      length: 0,
      listed: prefixes.has('') ? '' : undefined,
      previous: undefined,
      codePoint: 0,
    };
    const successors = (place: Place): Place[] =>
      letters.map((letter) => {
        this.#budget.spend();
        const states = place.states.map(
          (state, index) => languages[index]?.advance(state, letter.classes[index] ?? 0) ?? 0,
        );
        const extended = place.listed === undefined ? undefined : place.listed + String.fromCodePoint(letter.codePoint);
        return {
          states,
          length: Math.min(place.length + 1, longest + 1),
          listed: extended !== undefined && prefixes.has(extended) ? extended : undefined,
          previous: place,
          codePoint: letter.codePoint,
        };
      });
    const isAnswer = (place: Place): boolean =>
      truth(place, true) === true && (place.listed === undefined || !avoided.has(place.listed));
    const isHopeful = (place: Place): boolean => truth(place, false) !== false;
    // Breadth first finds the shortest text. Where that takes long, a long text may still be found straight ahead.
    for (const search of [new Search(start, 'breadth', 20_000), new Search(start, 'depth', Infinity)]) {
      const found = search.run(isAnswer, isHopeful, successors);
      if (found !== 'given up') return found === undefined ? undefined : textOf(found);
    }
    return undefined;
  }
}

function freshText(length: number, avoided: ReadonlySet<string>): string | undefined {
  if (length === 0) return avoided.has('') ? undefined : '';
  const body = 'a'.repeat(length - 1);
  for (let offset = 0; offset <= avoided.size; offset += 1) {
    const last = offset < 26 ? 97 + offset : 0x4e00 + offset;
    const text = body + String.fromCodePoint(last);
    if (!avoided.has(text)) return text;
  }
  return undefined;
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

function isStringAtom(atom: Atom): atom is Atom & { literal: StringLiteral } {
  return atom.kind === 'literal' && atom.literal.type === 'string';
}
