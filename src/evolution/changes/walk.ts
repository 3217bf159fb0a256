import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { Draft } from '../engine/draft.ts';
import type { ChangeDirection, ChangeRule } from './change-rules.ts';

/**
 * What an edit at a place means for the whole: what narrows the schema there narrows the whole (`kept`), widens it
 * (`flipped`, as under `not`), or may do either (`mixed`, as under `if`).
 */
type Polarity = 'kept' | 'flipped' | 'mixed';

/** A place in both schemas, read through references. */
export interface Place {
  readonly path: readonly string[];
  readonly polarity: Polarity;
}

export interface Edit {
  readonly rule: ChangeRule;
  readonly path: readonly string[];
  readonly affects: readonly ChangeDirection[];
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/** What the comparers of keywords need of the walk through two schemas. */
export interface Walk {
  readonly oldDraft: Draft;
  readonly newDraft: Draft;
  /** Whether what properties and items are looked at decides elsewhere: then allowing one can forbid another. */
  readonly isSeeing: boolean;
  /** Notes an edit, which affects the given directions, or those of its rule, turned as the place's polarity says. */
  note(
    rule: ChangeRule,
    place: Place,
    before?: JsonValue,
    after?: JsonValue,
    affects?: readonly ChangeDirection[],
  ): void;
  /** Compares two schemas that stand at the same place. */
  compare(before: JsonValue, after: JsonValue, place: Place): void;
  isSame(left: JsonValue | undefined, right: JsonValue | undefined): boolean;
  /** What a reference leads to, with what stands beside it. */
  followOld(schema: JsonValue): JsonValue;
  followNew(schema: JsonValue): JsonValue;
  /** What a reference keyword of a schema leads to, undefined outside of its document. */
  targetOf(side: 'old' | 'new', keyword: string, schema: JsonObject): JsonValue | undefined;
  /** Equal values have equal texts. */
  textOf(value: JsonValue): string;
  /** Whether no document is of two of the alternatives, on neither side. */
  areDisjoint(before: readonly JsonValue[], after: readonly JsonValue[]): boolean;
  spend(steps: number): void;
}

export const BOTH: readonly ChangeDirection[] = ['backward', 'forward'];
export const NARROWS: readonly ChangeDirection[] = ['backward'];
export const WIDENS: readonly ChangeDirection[] = ['forward'];

export function inside(place: Place, ...steps: readonly string[]): Place {
  return { ...place, path: [...place.path, ...steps] };
}

export function flipped(place: Place): Place {
  if (place.polarity === 'mixed') return place;
  return { ...place, polarity: place.polarity === 'kept' ? 'flipped' : 'kept' };
}

export function mixed(place: Place): Place {
  return { ...place, polarity: 'mixed' };
}

/** The directions that an edit affects which affects the given ones at its place. */
export function turned(affects: readonly ChangeDirection[], { polarity }: Place): readonly ChangeDirection[] {
  if (affects.length !== 1 || polarity === 'kept') return affects;
  if (polarity === 'mixed') return BOTH;
  return affects[0] === 'backward' ? WIDENS : NARROWS;
}
