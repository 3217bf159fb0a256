import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/** Finds what `#` or `#/$defs/<name>` points at, the two forms that zod schemas lead to; undefined for any other. */
export function resolveReference(root: JsonObject, reference: JsonValue | undefined): JsonObject | undefined {
  if (typeof reference !== 'string') return undefined;
  if (reference === '#') return root;
  const name = definitionName(reference);
  const definitions = root['$defs'];
  if (name === undefined || !isJsonObject(definitions) || !Object.hasOwn(definitions, name)) return undefined;
  const target = definitions[name];
  return isJsonObject(target) ? target : undefined;
}

/** The name in `#/$defs/<name>`. */
export function definitionName(reference: string): string | undefined {
  if (!reference.startsWith('#/$defs/')) return undefined;
  const token = reference.slice('#/$defs/'.length);
  return token.includes('/') ? undefined : token.replaceAll('~1', '/').replaceAll('~0', '~');
}
