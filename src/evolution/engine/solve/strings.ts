import { BudgetExhausted, type Budget } from '../budget.ts';
import type { Formula } from '../formula.ts';
import type { StringLiteral } from '../literal.ts';
import { hasChar, intersectionOf, representativeOf, type CharSet } from '../regex/char-set.ts';
import type { Language } from '../regex/language.ts';
import type { Languages } from '../regex/languages.ts';
import { atomsOf, evaluate, type Atom } from './evaluate.ts';

/** A set of characters that all languages at hand treat alike. */
interface Letter {
  readonly codePoint: number;
  readonly rank: number;
  /** For each language its own class. */
  readonly classes: readonly number[];
}

/** A place in the search: what was read so far, seen by every language, by the length limits and by the listed strings. */
interface Place {
  readonly states: readonly number[];
  readonly length: number;
  /** The text so far while it may still become one of the listed strings. */
  readonly listed: string | undefined;
  readonly previous: Place | undefined;
  readonly codePoint: number;
}

const MAX_TEXT_LENGTH = 1_000_000;

/** A walk over all places that can be reached, each of them once. */
class Search {
  readonly #order: 'breadth' | 'depth';
  readonly #maxPlaces: number;
  readonly #seen = new Set<string>();
  #pending: Place[];

  constructor(start: Place, order: 'breadth' | 'depth', maxPlaces: number) {
    this.#pending = [start];
    this.#order = order;
    this.#maxPlaces = maxPlaces;
  }

  /** The first answer met, undefined when there is none. */
  run(
    isAnswer: (place: Place) => boolean,
    isHopeful: (place: Place) => boolean,
    successors: (place: Place) => readonly Place[],
  ): Place | undefined | 'given up' {
    for (let index = 0; index < this.#pending.length && this.#order === 'breadth'; index += 1) {
      const place = this.#pending[index];
      if (place === undefined || isAnswer(place)) return place;
      if (!isHopeful(place)) continue;
      for (const next of successors(place)) if (this.#isNew(next)) this.#pending.push(next);
      if (this.#seen.size > this.#maxPlaces) return 'given up';
    }
    if (this.#order === 'breadth') return undefined;
    for (let place = this.#pending.pop(); place !== undefined; place = this.#pending.pop()) {
      if (isAnswer(place)) return place;
      if (!isHopeful(place)) continue;
      for (const next of successors(place).toReversed()) if (this.#isNew(next)) this.#pending.push(next);
    }
    return undefined;
  }

  #isNew({ states, length, listed }: Place): boolean {
    const key = listed === undefined ? `${states.join()} ${length}` : `${states.join()} ${length} ${listed}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    return true;
  }
}

/** Finds strings that satisfy formulas over lengths, patterns and listed strings. */
export class StringSolver {
  readonly #languages: Languages;
  readonly #budget: Budget;
  readonly #letters = new Map<string, Letter[]>();

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
    const letters = withChars(this.#lettersOf(sources, languages), avoided, languages);
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

  #lettersOf(sources: readonly string[], languages: readonly Language[]): Letter[] {
    const key = JSON.stringify(sources);
    const known = this.#letters.get(key);
    if (known !== undefined) return known;
    let groups: { set: CharSet; classes: number[] }[] = [{ set: [0, 0x10ffff], classes: [] }];
    for (const language of languages) {
      groups = groups.flatMap((group) =>
        language.classes.flatMap((charClass, index) => {
          const set = intersectionOf(group.set, charClass);
          return set.length === 0 ? [] : [{ set, classes: [...group.classes, index] }];
        }),
      );
    }
    const letters = groups.map(({ set, classes }) => ({ ...representativeOf(set), classes, set }));
    letters.sort((left, right) => left.rank - right.rank);
    this.#letters.set(key, letters);
    return letters;
  }
}

/** The letters, and every character of the given strings as a letter of its own, so that they can be told from others. */
function withChars(
  letters: readonly Letter[],
  texts: ReadonlySet<string>,
  languages: readonly Language[],
): readonly Letter[] {
  if (texts.size === 0) return letters;
  const special = new Set([...texts].flatMap((text) => Array.from(text, (char) => char.codePointAt(0) ?? 0)));
  const result = [...letters];
  for (const codePoint of special) {
    if (letters.some((letter) => letter.codePoint === codePoint)) continue;
    const classes = languages.map((language) => language.classOf(codePoint));
    if (!classes.includes(-1)) result.push({ codePoint, rank: 0, classes });
  }
  // A letter whose representative is special needs another character of its kind that is not.
  for (const letter of letters) {
    if (!special.has(letter.codePoint)) continue;
    const other = otherMember(letter, special, languages);
    if (other !== undefined) result.push({ ...letter, codePoint: other });
  }
  return result;
}

function otherMember(letter: Letter, special: ReadonlySet<number>, languages: readonly Language[]): number | undefined {
  let set: CharSet = [0, 0x10ffff];
  for (const [index, language] of languages.entries()) {
    set = intersectionOf(set, language.classes[letter.classes[index] ?? 0] ?? []);
  }
  const preferred = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';
  for (const char of preferred) {
    const codePoint = char.codePointAt(0) ?? 0;
    if (!special.has(codePoint) && hasChar(set, codePoint)) return codePoint;
  }
  for (let index = 0; index < set.length; index += 2) {
    for (let codePoint = set[index] ?? 0; codePoint <= (set[index + 1] ?? 0); codePoint += 1) {
      if (!special.has(codePoint)) return codePoint;
    }
  }
  return undefined;
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

function textOf(place: Place): string {
  const codePoints: number[] = [];
  for (let at: Place | undefined = place; at?.previous !== undefined; at = at.previous) codePoints.push(at.codePoint);
  return codePoints
    .toReversed()
    .map((codePoint) => String.fromCodePoint(codePoint))
    .join('');
}

function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

function isStringAtom(atom: Atom): atom is Atom & { literal: StringLiteral } {
  return atom.kind === 'literal' && atom.literal.type === 'string';
}
