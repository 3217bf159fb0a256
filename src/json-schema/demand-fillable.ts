import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { quoteFieldPath } from './field-path.ts';
import { findImpossible } from './impossible.ts';
import { findRecursion } from './recursion.ts';

/** @throws {GleanerError} for a place that no value fits */
export function refuseImpossible(schema: JsonObject): void {
  const path = findImpossible(schema);
  if (path === undefined) return;
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for ${quoteFieldPath(path)}: nothing fits it, because it is z.never() or an enum without values; ` +
      'list the values it may have, make the field .optional(), or leave it out',
  );
}

/**
 * Says what may go wrong with a schema that contains itself.
 *
 * @throws {GleanerError} for recursion without an end
 */
export function checkRecursion(schema: JsonObject): string[] {
  const recursion = findRecursion(schema);
  if (recursion === undefined) return [];
  const { path, isOptional } = recursion;
  if (isOptional) {
    return [
      `The schema contains itself at ${quoteFieldPath(path)}; the service unrolls such schemas to a limited depth, and some models refuse them`,
    ];
  }
  const field = path.split('.').at(-1) ?? '';
  const isList = field.endsWith('[]');
  const name = field.replaceAll('[]', '').replaceAll('.*', '');
  const way = isList
    ? `give the list a default, ${name}: z.array(...).default([]), or make it .optional()`
    : 'make the property .optional()';
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for ${quoteFieldPath(path)}: the schema contains itself there, and the service takes ` +
      `recursion only through properties that may be left out; ${way}, or write the levels out`,
  );
}

/** @throws {GleanerError} for a root that is no object with properties */
export function checkRoot(provider: JsonObject): void {
  const { type, properties } = provider;
  if (type === 'object') {
    if (isJsonObject(properties) && Object.keys(properties).length > 0) return;
    throw new GleanerError(
      'schema-unusable',
      'Cannot ask a model for an object without named properties: name at least one, or put the record into a property',
    );
  }
  const root =
    type === 'array'
      ? 'an array; wrap it: z.object({ items: z.array(...) })'
      : (provider['anyOf'] ?? provider['oneOf']) !== undefined
        ? 'a union; wrap it: z.object({ result: z.union([...]) })'
        : typeof type === 'string'
          ? `a ${type}; wrap it: z.object({ value: ... })`
          : 'a type that says nothing of its values; use z.object({ ... })';
  throw new GleanerError(
    'schema-unusable',
    `Cannot ask a model for this schema: the root must be z.object(), but it is ${root}`,
  );
}
