/**
 * Tells zod's generations apart by shape: `instanceof` fails across copies of the package. Schemas of zod 4 and
 * zod/mini carry `_zod`, those of zod 3 a `_def` with a type name. Undefined for anything else.
 */
export function zodFlavour(value: unknown): 'zod 3' | 'zod 4' | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('_zod' in value) return 'zod 4';
  if (!('_def' in value)) return undefined;
  const definition = value._def;
  return typeof definition === 'object' && definition !== null && 'typeName' in definition ? 'zod 3' : undefined;
}
