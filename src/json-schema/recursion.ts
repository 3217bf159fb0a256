import type { JsonObject } from '../json/value.ts';
import { fieldPath } from './field-path.ts';
import { resolveReference } from './schema-reference.ts';
import { eachSubschema } from './subschemas.ts';

export interface Recursion {
  /** Where the schema meets itself again, such as `children[]`. */
  path: string;
  /** Whether every round passes through a property that may be left out. */
  isOptional: boolean;
}

/**
 * Finds recursion in a schema, endless ones first: the service unrolls a reference to itself "to a limited degree", and
 * only within properties that are not required; being nullable, or an array that may be empty, is not enough
 * (https://ai.google.dev/api/generate-content, `responseJsonSchema`).
 */
export function findRecursion(root: JsonObject): Recursion | undefined {
  const endless = findCycle(root, false);
  if (endless !== undefined) return { path: endless, isOptional: false };
  const optional = findCycle(root, true);
  return optional === undefined ? undefined : { path: optional, isOptional: true };
}

function findCycle(root: JsonObject, throughOptional: boolean): string | undefined {
  const done = new Set<JsonObject>();

  /** `open` holds the schemas that are being looked into: meeting one of them again closes a round. */
  function visit(schema: JsonObject, path: string, open: ReadonlySet<JsonObject>): string | undefined {
    if (open.has(schema)) return path;
    if (done.has(schema)) return undefined;
    const inside = new Set([...open, schema]);
    const target = resolveReference(root, schema['$ref']);
    let found = target === undefined ? undefined : visit(target, path, inside);
    const required = schema['required'];
    eachSubschema(schema, (child, place) => {
      if (found !== undefined || place.keyword === '$defs') return;
      const isRequired =
        place.keyword !== 'properties' || (Array.isArray(required) && required.includes(place.key ?? ''));
      if (isRequired || throughOptional) found = visit(child, fieldPath(path, place), inside);
    });
    done.add(schema);
    return found;
  }

  const starts: [JsonObject, string][] = [[root, '']];
  // A definition that is reached through an optional property only still must not recur through required ones.
  if (!throughOptional) collectPaths(root, starts);
  for (const [schema, path] of starts) {
    const found = visit(schema, path, new Set());
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Every schema behind a reference, with the first path that leads there. */
function collectPaths(root: JsonObject, found: [JsonObject, string][]): void {
  const seen = new Set<JsonObject>();
  function walk(schema: JsonObject, path: string): void {
    if (seen.has(schema)) return;
    seen.add(schema);
    const target = resolveReference(root, schema['$ref']);
    if (target !== undefined) {
      found.push([target, path]);
      walk(target, path);
    }
    eachSubschema(schema, (child, place) => {
      if (place.keyword !== '$defs') walk(child, fieldPath(path, place));
    });
  }
  walk(root, '');
}
