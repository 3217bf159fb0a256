/** The generations of zod, which know nothing of each other's schemas. */
export type ZodFlavour = 'zod 3' | 'zod 4';

/**
 * Tells zod's generations apart by shape: `instanceof` fails across copies of the package. Schemas of zod 4 and
 * zod/mini carry `_zod`, those of zod 3 a `_def` with a type name. Undefined for anything else.
 */
export function zodFlavour(value: unknown): ZodFlavour | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('_zod' in value) return 'zod 4';
  if (!('_def' in value)) return undefined;
  const definition = value._def;
  return typeof definition === 'object' && definition !== null && 'typeName' in definition ? 'zod 3' : undefined;
}

/** Names the zod that made a schema, such as `zod 4.6.7`. Schemas of zod 3 do not tell their version. */
export function zodVersion(schema: object): string {
  if (!('_zod' in schema)) return 'zod 3';
  const internals = schema._zod;
  const version =
    typeof internals === 'object' && internals !== null && 'version' in internals ? internals.version : undefined;
  if (typeof version !== 'object' || version === null) return 'zod 4';
  const { major, minor, patch } = version as Record<string, unknown>;
  return `zod ${[major, minor, patch].filter((part) => typeof part === 'number').join('.')}`;
}
