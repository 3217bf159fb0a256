import { isObject, zodChecks, zodDefinition, type ZodDefinition } from './walk.ts';

const JSON_FORMATS: Readonly<Record<string, string>> = { guid: 'uuid', url: 'uri', datetime: 'date-time' };

/** Options of zod's formats that change what is taken; a format without any is as it comes. */
const OPTIONS = ['offset', 'local', 'precision', 'version', 'hostname', 'protocol', 'alg', 'normalize'] as const;

/** Formats that only name a check whose pattern says all. */
const CHECKS: ReadonlySet<unknown> = new Set([
  'regex',
  'starts_with',
  'ends_with',
  'includes',
  'lowercase',
  'uppercase',
]);

/**
 * Names the format of a zod 4 text whose pattern is the one that zod brings itself, such as `email`. The pattern differs from
 * one version of zod to the next, while the definition says the same. Undefined where the pattern is the user's, or
 * stands beside another.
 */
export function ownFormat(schema: object): string | undefined {
  const definition = zodDefinition(schema);
  const nodes = [
    { node: schema, definition },
    ...(Array.isArray(definition['checks']) ? (definition['checks'] as unknown[]) : [])
      .filter(isObject)
      .map((node) => ({ node, definition: zodDefinition(node) })),
  ].filter(({ definition: one }) => one['pattern'] instanceof RegExp || typeof one['format'] === 'string');
  const [only, ...others] = nodes;
  if (only === undefined || others.length > 0 || zodChecks(definition).some(({ check }) => check === 'overwrite')) {
    return undefined;
  }
  const { format, pattern } = only.definition;
  if (typeof format !== 'string' || CHECKS.has(format)) return undefined;
  if (pattern instanceof RegExp && !isOwnPattern(only.node, only.definition)) return undefined;
  const options = OPTIONS.filter((option) => only.definition[option] != null && only.definition[option] !== false);
  const name = JSON_FORMATS[format] ?? format;
  return [name, ...options.map((option) => `${option}=${String(only.definition[option])}`)].join(' ');
}

/** Whether the format would get the same pattern if none were given. */
function isOwnPattern(node: object, definition: ZodDefinition): boolean {
  const internals = '_zod' in node && isObject(node._zod) ? node._zod : {};
  const construct = internals['constr'];
  if (typeof construct !== 'function') return false;
  try {
    const { pattern, checks: _, ...rest } = definition;
    const fresh = Reflect.construct(construct, [rest]) as object;
    return String(zodDefinition(fresh)['pattern']) === String(pattern);
  } catch {
    return false;
  }
}
