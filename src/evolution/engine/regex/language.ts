import type { Budget } from '../budget.ts';
import { charClasses } from './char-classes.ts';
import { hasChar, type CharSet } from './char-set.ts';
import { acceptsEmpty, Conditions, type Condition } from './conditions.ts';
import { parseRegex, wordChars } from './parse.ts';
import { compileRegex, type Program, type Step } from './program.ts';

interface State {
  readonly condition: Condition;
  readonly accepts: boolean;
  readonly transitions: (number | undefined)[];
}

/** Where the automaton stands before reading on: the kind of the character just read, or that there is none. */
type Before = number;
const NOTHING: Before = -1;

/**
 * The set of strings in which a pattern is found, as a deterministic automaton over character classes whose states are
 * made when first asked for. State 0 is the start. Throws UnsupportedPattern for patterns that are not regular.
 */
export class Language {
  /** Disjoint sets of characters that the automaton tells apart. */
  readonly classes: readonly CharSet[];
  readonly #members: readonly (readonly boolean[])[];
  readonly #isWordClass: readonly boolean[];
  /** For each class its kind: classes of one kind are alike for all that looks behind. */
  readonly #kinds: readonly number[];
  /** For each kind one of its classes. */
  readonly #ofKind: readonly number[];
  readonly #setIndexes = new Map<Step, number>();
  readonly #program: Program;
  readonly #states: State[] = [];
  readonly #stateIds = new Map<number, number>();
  readonly #conditions: Conditions;
  /** Whether the pattern can match at the start only; then looking further on would hide that all is lost. */
  readonly #isAnchored: boolean = false;
  readonly #entries = new Map<string, Condition>();

  readonly #budget: Budget;

  /** The source must be valid with the `u` flag. */
  constructor(source: string, budget: Budget) {
    this.#budget = budget;
    this.#conditions = new Conditions(budget);
    this.#program = compileRegex(parseRegex(source));
    budget.spend(this.#program.steps.length);
    const sets: CharSet[] = [];
    const known = new Map<string, number>();
    function indexOf(set: CharSet): number {
      const key = set.join();
      let index = known.get(key);
      if (index === undefined) {
        index = sets.push(set) - 1;
        known.set(key, index);
      }
      return index;
    }
    let usesWords = false;
    const behind = new Set<number>();
    for (const step of this.#program.steps) {
      if (step.kind === 'chars') this.#setIndexes.set(step, indexOf(step.set));
      if (step.kind === 'lookbehind') {
        this.#setIndexes.set(step, indexOf(step.set));
        behind.add(indexOf(step.set));
      }
      if (step.kind === 'word-boundary') usesWords = true;
    }
    const wordSet = usesWords ? indexOf(wordChars) : -1;
    if (usesWords) behind.add(wordSet);
    budget.spend(sets.length * sets.length);
    const { classes, members } = charClasses(sets);
    this.classes = classes;
    this.#members = members;
    this.#isWordClass = members[wordSet] ?? [];
    const kinds = classes.map((_, index) => [...behind].map((set) => members[set]?.[index] === true).join());
    const distinct = [...new Set(kinds)];
    this.#kinds = kinds.map((kind) => distinct.indexOf(kind));
    this.#ofKind = distinct.map((kind) => kinds.indexOf(kind));
    const { body } = this.#program;
    this.#isAnchored = this.#ofKind.every((_, before) => this.#entryOf(body, before).kind === 'false');
    this.#entries.clear();
    this.#stateOf(this.#entryOf(this.#program.entry, NOTHING));
  }

  /** The state after reading a character of a class. */
  advance(state: number, charClass: number): number {
    const from = this.#states[state];
    if (from === undefined) throw new RangeError(`Cannot advance the automaton: no state ${state}`);
    let next = from.transitions[charClass];
    if (next === undefined) {
      next = this.#stateOf(this.#derive(from.condition, charClass, new Map()));
      from.transitions[charClass] = next;
    }
    return next;
  }

  accepts(state: number): boolean {
    return this.#states[state]?.accepts === true;
  }

  /** True or false when every continuation is, or none is, accepted; undefined when that depends or is not evident. */
  settled(state: number): boolean | undefined {
    const kind = this.#states[state]?.condition.kind;
    return kind === 'true' ? true : kind === 'false' ? false : undefined;
  }

  classOf(codePoint: number): number {
    return this.classes.findIndex((set) => hasChar(set, codePoint));
  }

  matches(text: string): boolean {
    let state = 0;
    this.#budget.spend(1 + (text.length >> 3));
    for (const char of text) {
      const settled = this.settled(state);
      if (settled !== undefined) return settled;
      const charClass = this.classOf(char.codePointAt(0) ?? 0);
      if (charClass < 0) return false;
      state = this.advance(state, charClass);
    }
    return this.accepts(state);
  }

  #stateOf(condition: Condition): number {
    let state = this.#stateIds.get(condition.id);
    if (state === undefined) {
      state = this.#states.push({ condition, accepts: acceptsEmpty(condition), transitions: [] }) - 1;
      this.#stateIds.set(condition.id, state);
    }
    return state;
  }

  /** The condition that a step puts on the rest of the string, with everything resolved that reads no character. */
  #entryOf(step: number, before: Before): Condition {
    const key = `${step} ${before}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const condition = this.#expand(step, before, new Set(), new Map()).condition;
    this.#entries.set(key, condition);
    return condition;
  }

  /**
   * Loops whose body can match nothing lead back to a step under way; going round once more adds no match, so that way
   * counts as false. A result found while such a way was cut is not kept, as it holds only inside that loop.
   */
  #expand(
    index: number,
    before: Before,
    path: Set<number>,
    done: Map<number, Condition>,
  ): { condition: Condition; isCut: boolean } {
    const known = done.get(index);
    if (known !== undefined) return { condition: known, isCut: false };
    if (path.has(index)) return { condition: this.#conditions.whenFalse, isCut: true };
    this.#budget.spend();
    const step = this.#program.steps[index];
    if (step === undefined) throw new RangeError(`Cannot run the pattern: no step ${index}`);
    path.add(index);
    let isCut = false;
    const follow = (next: number): Condition => {
      const found = this.#expand(next, before, path, done);
      isCut ||= found.isCut;
      return found.condition;
    };
    const condition = this.#conditionOf(step, index, before, follow);
    path.delete(index);
    if (!isCut) done.set(index, condition);
    return { condition, isCut };
  }

  #conditionOf(step: Step, index: number, before: Before, follow: (next: number) => Condition): Condition {
    switch (step.kind) {
      case 'match':
        return this.#conditions.whenTrue;
      case 'chars':
        return this.#conditions.read(index);
      case 'split':
        if (index === this.#program.entry && this.#isAnchored && before !== NOTHING) return this.#conditions.whenFalse;
        return this.#conditions.combine('or', [follow(step.first), follow(step.second)]);
      case 'start':
        return before === NOTHING ? follow(step.next) : this.#conditions.whenFalse;
      case 'end':
        return this.#conditions.combine('and', [this.#conditions.atEnd, follow(step.next)]);
      case 'word-boundary': {
        const isAfterWord = this.#isWordClass[this.#ofKind[before] ?? -1] === true;
        const isBoundaryIfWord = isAfterWord === step.negated;
        const next = isBoundaryIfWord
          ? this.#conditions.nextIsWord
          : this.#conditions.negate(this.#conditions.nextIsWord);
        return this.#conditions.combine('and', [next, follow(step.next)]);
      }
      case 'lookahead': {
        const body = follow(step.body);
        return this.#conditions.combine('and', [
          step.negated ? this.#conditions.negate(body) : body,
          follow(step.next),
        ]);
      }
      case 'lookbehind': {
        const members = this.#members[this.#setIndexes.get(step) ?? -1];
        const isMet = before === NOTHING ? step.atStart : members?.[this.#ofKind[before] ?? -1] === true;
        return isMet === step.negated ? this.#conditions.whenFalse : follow(step.next);
      }
      default:
        return step satisfies never;
    }
  }

  #derive(condition: Condition, charClass: number, done: Map<number, Condition>): Condition {
    switch (condition.kind) {
      case 'true':
      case 'false':
        return condition;
      case 'at-end':
        return this.#conditions.whenFalse;
      case 'next-is-word':
        return this.#isWordClass[charClass] === true ? this.#conditions.whenTrue : this.#conditions.whenFalse;
      case 'read': {
        const step = this.#program.steps[condition.step];
        if (step?.kind !== 'chars') return this.#conditions.whenFalse;
        if (this.#members[this.#setIndexes.get(step) ?? -1]?.[charClass] !== true) return this.#conditions.whenFalse;
        return this.#entryOf(step.next, this.#kinds[charClass] ?? NOTHING);
      }
      default: {
        const known = done.get(condition.id);
        if (known !== undefined) return known;
        this.#budget.spend(condition.kind === 'not' ? 1 : condition.parts.length);
        const result =
          condition.kind === 'not'
            ? this.#conditions.negate(this.#derive(condition.part, charClass, done))
            : this.#conditions.combine(
                condition.kind,
                condition.parts.map((part) => this.#derive(part, charClass, done)),
              );
        done.set(condition.id, result);
        return result;
      }
    }
  }
}
