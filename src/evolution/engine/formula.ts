import { JSON_TYPES, type JsonType } from './json-type.ts';
import type { Literal } from './literal.ts';

/**
 * What a schema demands of a document, in negation normal form. Formulas are interned by their store: equal formulas
 * are the same object, so comparing two schemas that share most of their text compares mostly identical objects.
 * `types` is the set of JSON types (as bits) that a satisfying document can have, or more.
 */
export type Formula =
  | { readonly id: number; readonly types: number; readonly kind: 'true' | 'false' | 'type' }
  | { readonly id: number; readonly types: number; readonly kind: 'and' | 'or'; readonly parts: readonly Formula[] }
  /** The document is of the literal's type, and the literal holds of it. */
  | { readonly id: number; readonly types: number; readonly kind: 'literal'; readonly literal: Literal }
  | {
      readonly id: number;
      readonly types: number;
      readonly kind: 'reference';
      readonly target: Target;
      readonly negated: boolean;
    }
  /** A condition that is not understood here; equal keys mean equal conditions. */
  | {
      readonly id: number;
      readonly types: number;
      readonly kind: 'opaque';
      readonly keyword: string;
      readonly key: string;
      readonly negated: boolean;
    };

/** A schema that refers to itself: its formula is known only after everything in it was read. */
export interface Target {
  readonly name: string;
  formula: Formula | undefined;
}

/** The bits of all types. */
export const EVERY_TYPE = (1 << JSON_TYPES.length) - 1;

export function typeBit(type: JsonType): number {
  return 1 << JSON_TYPES.indexOf(type);
}

/** The literal of a formula that is nothing but one keyword: that of all documents of the literal's type the literal holds. */
export function keywordIn(formula: Formula): (Formula & { kind: 'literal' }) | undefined {
  if (formula.kind !== 'or' || formula.parts.length !== 2) return undefined;
  const [first, second] = formula.parts;
  if (first?.kind === 'type' && second?.kind === 'literal' && first.types === (EVERY_TYPE & ~second.types))
    return second;
  if (second?.kind === 'type' && first?.kind === 'literal' && second.types === (EVERY_TYPE & ~first.types))
    return first;
  return undefined;
}
