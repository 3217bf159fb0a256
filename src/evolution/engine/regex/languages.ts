import { Budget } from '../budget.ts';
import { Language } from './language.ts';
import { UnsupportedPattern } from './parse.ts';
import { patternSource } from './pattern-source.ts';

/** The automata of the patterns met in one comparison, by source. */
export class Languages {
  readonly #budget: Budget;
  readonly #known = new Map<string, Language | undefined>();

  constructor(budget = new Budget(Infinity)) {
    this.#budget = budget;
  }

  /** The automaton of a pattern, or undefined when the pattern is no regular language or no pattern at all. */
  of(source: string): Language | undefined {
    if (this.#known.has(source)) return this.#known.get(source);
    const language = build(source, this.#budget);
    this.#known.set(source, language);
    return language;
  }
}

function build(source: string, budget: Budget): Language | undefined {
  const valid = patternSource(source);
  if (valid === undefined) return undefined;
  try {
    return new Language(valid, budget);
  } catch (error) {
    if (error instanceof UnsupportedPattern) return undefined;
    throw error;
  }
}
