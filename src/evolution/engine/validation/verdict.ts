import type { JsonValue } from '../../../json/value.ts';

/** A keyword that refused a part of a document. */
export interface Violation {
  /** JSON pointer to the part of the document. */
  readonly at: string;
  readonly keyword: string;
  readonly message: string;
}

/** Thrown when a schema says something that cannot be judged; the message names the keyword. */
export class CannotValidate extends Error {
  override readonly name = 'CannotValidate';
}

/** What a schema said about one place of a document. */
export interface Verdict {
  readonly violations: readonly Violation[];
  /** Names of the properties, or indexes of the items, that some keyword looked at. */
  readonly evaluated: ReadonlySet<string | number>;
}

export const NONE: ReadonlySet<string | number> = new Set();
export const ACCEPTED: Verdict = { violations: [], evaluated: NONE };

export function refused(at: string, keyword: string, message: string): Verdict {
  return { violations: [{ at, keyword, message }], evaluated: NONE };
}

export function merge(verdicts: readonly Verdict[]): Verdict {
  const telling = verdicts.filter(
    (verdict) => verdict !== ACCEPTED && (verdict.violations.length > 0 || verdict.evaluated.size > 0),
  );
  const [first = ACCEPTED] = telling;
  if (telling.length < 2) return first;
  const evaluated = telling.filter((verdict) => verdict.evaluated.size > 0);
  return {
    violations: telling.flatMap((verdict) => verdict.violations),
    evaluated: evaluated.length === 0 ? NONE : new Set(evaluated.flatMap((verdict) => [...verdict.evaluated])),
  };
}

/** The verdict of keywords that look at no item and no property. */
export function verdictOf(violations: readonly Violation[]): Verdict {
  return violations.length === 0 ? ACCEPTED : { violations, evaluated: NONE };
}

/** The number that a keyword has to hold. */
export function count(keyword: string, value: JsonValue): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new CannotValidate(keyword);
  return value;
}

/** The names that a keyword has to hold. */
export function namesIn(keyword: string, value: JsonValue): readonly string[] {
  const names: readonly JsonValue[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) || !names.every((name) => typeof name === 'string')) throw new CannotValidate(keyword);
  return names;
}
