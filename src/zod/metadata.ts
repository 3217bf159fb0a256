import { isObject } from './walk.ts';

/** Keywords that refuse documents. In metadata they take the place of what zod says, and zod does not check them. */
const ASSERTIONS: ReadonlySet<string> = new Set(
  (
    '$ref type enum const format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf ' +
    'items prefixItems additionalItems unevaluatedItems contains minContains maxContains minItems maxItems uniqueItems ' +
    'properties patternProperties additionalProperties unevaluatedProperties propertyNames required minProperties ' +
    'maxProperties dependencies dependentRequired dependentSchemas allOf anyOf oneOf not if then else'
  ).split(' '),
);

/** The metadata of a zod 4 schema; those of zod/mini do not know theirs, but the registry does. */
function metadataOf(schema: object): unknown {
  if ('meta' in schema && typeof schema.meta === 'function') return schema.meta();
  const registry: unknown = Reflect.get(globalThis, '__zod_globalRegistry');
  return isObject(registry) && typeof registry['get'] === 'function'
    ? (registry as { get: (schema: object) => unknown }).get(schema)
    : undefined;
}

/** What a schema's metadata says of documents, as JSON text; undefined where it only describes. */
export function assertionsInMetadata(schema: object): string | undefined {
  const metadata = metadataOf(schema);
  if (!isObject(metadata)) return undefined;
  const names = Object.keys(metadata).filter((name) => ASSERTIONS.has(name));
  return names.length === 0 ? undefined : JSON.stringify(names.sort().map((name) => [name, metadata[name]]));
}
