import type { JsonValue } from '../../json/value.ts';

/**
 * How a value came to fit its schema; none of these loses anything of it.
 * - `number-from-text`: a number that was written as text; `grouped-number`: one with its thousands set apart;
 * - `boolean-from-text`, `null-word`: such a value as a word;
 * - `enum-form`: a member of a closed set in other case, or with other separators;
 * - `year-first-date`: a date, year first, without its noughts or with slashes;
 * - `trimmed`: a text without the blanks around it;
 * - `list-of-one`: one value where a list of such values is wanted; `one-of-list`: the other way round;
 * - `unwrapped`: what stands alone within another object; `bare-list`: a list that its object is missing around;
 * - `json-text`: JSON that was written as text; `key-form`: a property in other case, or with other separators.
 */
export type CoercionRule =
  | 'number-from-text'
  | 'grouped-number'
  | 'boolean-from-text'
  | 'null-word'
  | 'enum-form'
  | 'year-first-date'
  | 'trimmed'
  | 'list-of-one'
  | 'one-of-list'
  | 'unwrapped'
  | 'bare-list'
  | 'json-text'
  | 'key-form';

/** One value that was coerced. */
export interface Coercion {
  /** JSON pointer to where it stands now; empty for the whole answer. */
  path: string;
  rule: CoercionRule;
}

/** A value that fits, and what was done to it. */
export interface Coerced {
  value: JsonValue;
  coercions: readonly Coercion[];
}
