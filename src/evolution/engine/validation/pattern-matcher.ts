import type { JsonValue } from '../../../json/value.ts';
import type { Budget } from '../budget.ts';
import { Languages } from '../regex/languages.ts';
import { patternSource } from '../regex/pattern-source.ts';
import { CannotValidate } from './verdict.ts';

/** Tells which texts match the patterns of a schema, each of which is read once. */
export class PatternMatcher {
  readonly #patterns = new Map<string, RegExp>();
  readonly #languages = new Languages();

  /** Without a budget a pattern may take as long as it does elsewhere. */
  matches(keyword: string, pattern: JsonValue, text: string, budget: Budget | undefined): boolean {
    if (typeof pattern !== 'string') throw new CannotValidate(keyword);
    const regex = this.#pattern(keyword, pattern);
    if (budget === undefined || !mayBacktrackLong(pattern, text.length)) return regex.test(text);
    budget.spend(1 + text.length);
    const language = this.#languages.of(pattern);
    if (language === undefined) throw new CannotValidate(keyword);
    return language.matches(text);
  }

  #pattern(keyword: string, pattern: string): RegExp {
    let regex = this.#patterns.get(pattern);
    if (regex === undefined) {
      const source = patternSource(pattern);
      if (source === undefined) throw new CannotValidate(keyword);
      regex = new RegExp(source, 'u');
      this.#patterns.set(pattern, regex);
    }
    return regex;
  }
}

/**
 * Whether a backtracking engine might take long for a text. Then the pattern's automaton tells, which reads each
 * character once.
 */
function mayBacktrackLong(pattern: string, length: number): boolean {
  const quantifiers = pattern.match(/[*+}]/g)?.length ?? 0;
  const isNested = /\)[*+?{]/.test(pattern);
  return isNested ? length > 8 : length ** quantifiers > 1e6;
}
