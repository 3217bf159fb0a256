import { canonicalJson } from '../../json/canonical.ts';
import type { JsonObject } from '../../json/value.ts';
import { ANNOTATION_KEYWORDS } from '../keywords-of-type.ts';
import type { Conversion } from './conversion.ts';
import { addWords, annotated, type MutableSchema } from './words.ts';

/** Joins converted branches, each once, and finds a place for what is said of the union as a whole. */
export function joinBranches(
  conversion: Conversion,
  branches: readonly MutableSchema[],
  annotations: JsonObject,
  path: string,
): MutableSchema | undefined {
  const distinct = [...new Map(branches.map((branch) => [canonicalJson(branch), branch])).values()];
  const [first] = distinct;
  if (first === undefined) return undefined;
  const { description } = annotated({}, annotations, conversion.putIntoWords(annotations, path));
  // Anything goes already where one branch says nothing.
  const isOpen = distinct.some((branch) => Object.keys(branch).every((keyword) => keyword === 'description'));
  if (isOpen && distinct.length > 1) return description === undefined ? {} : { description };
  if (description === undefined) return distinct.length === 1 ? first : { anyOf: distinct };
  const text = String(description);
  if (distinct.length === 1 && first['$ref'] === undefined) return addWords(first, [], text);
  if (conversion.dialect.unionDescription === 'beside anyOf') return { anyOf: distinct, description: text };
  // The first branch with a value says it, as a reader meets it there.
  const at = distinct.findIndex((branch) => branch['$ref'] === undefined && branch['type'] !== 'null');
  const bearer = distinct[at];
  if (bearer === undefined) {
    conversion.lose(path, 'description', 'dropped', 'nothing may stand beside a reference to a recursive type', false);
    return distinct.length === 1 ? first : { anyOf: distinct };
  }
  addWords(bearer, [], text);
  return { anyOf: distinct };
}

/** A plain union inside a union is part of it. */
export function unwrapped(schema: MutableSchema): MutableSchema[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) && Object.keys(schema).length === 1 ? (anyOf as MutableSchema[]) : [schema];
}

export function onlyAnnotations(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => ANNOTATION_KEYWORDS.has(keyword)));
}
