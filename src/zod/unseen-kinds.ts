import { exactPattern, isFreeOfFlags } from './exact-pattern.ts';
import { isObject, zodChecks, zodDefinition, type ZodDefinition } from './walk.ts';

/**
 * `refinement`: refuses more than the schema shows; `transform`, `preprocess`: turns the value into another;
 * `overwrite`: tidies it, such as trim; `custom`: a type that is known to its code only.
 */
export type UnseenKind = 'refinement' | 'transform' | 'preprocess' | 'overwrite' | 'custom';

/** Lists what one node of a zod 3 or 4 schema does to a value and no JSON Schema shows. */
export function unseenKinds(node: object): UnseenKind[] {
  const definition = zodDefinition(node);
  return '_zod' in node ? zod4Kinds(definition) : zod3Kinds(definition);
}

function zod4Kinds(definition: ZodDefinition): UnseenKind[] {
  const { type, transform, reverseTransform } = definition;
  const kinds: UnseenKind[] = [];
  if (type === 'custom') kinds.push('custom');
  // A codec is a pipe that carries its functions itself.
  if (type === 'transform' || (type === 'pipe' && transform !== undefined && reverseTransform !== undefined)) {
    kinds.push('transform');
  }
  for (const { check, pattern } of zodChecks(definition)) {
    if (check === 'custom' || check === 'property' || isLost(pattern)) kinds.push('refinement');
    if (check === 'overwrite') kinds.push('overwrite');
  }
  if ([definition, ...zodChecks(definition)].some(hasFormatOptions)) kinds.push('refinement');
  return kinds;
}

/** Options of a format that its name in a JSON Schema does not tell: `z.url({ protocol })`, `z.jwt({ alg })`. */
function hasFormatOptions({ format, protocol, hostname, alg }: ZodDefinition): boolean {
  if (format === 'url') return protocol !== undefined || hostname !== undefined;
  return format === 'jwt' && alg !== undefined && alg !== null;
}

/** Checks of zod 3 strings that come out as no more than a name, or as nothing a reader holds to. */
function isUntold(check: ZodDefinition): boolean {
  const { kind, version, offset, local, precision, alg } = check;
  if (kind === 'ip' || kind === 'cidr') return version === undefined || kind === 'cidr';
  if (kind === 'datetime') return offset === true || local === true || typeof precision === 'number';
  if (kind === 'time') return typeof precision === 'number';
  return kind === 'jwt' && alg !== undefined;
}

const REWRITING: ReadonlySet<unknown> = new Set(['trim', 'toLowerCase', 'toUpperCase']);

function zod3Kinds(definition: ZodDefinition): UnseenKind[] {
  const { typeName, effect } = definition;
  if (typeName === 'ZodEffects' && isObject(effect)) {
    const { type } = effect;
    return type === 'refinement' || type === 'transform' || type === 'preprocess' ? [type] : [];
  }
  if (typeName !== 'ZodString') return [];
  const checks = zodChecks(definition);
  const kinds: UnseenKind[] = checks.some(({ kind }) => REWRITING.has(kind)) ? ['overwrite'] : [];
  const isNarrower = checks.some((check) => isLost(check['regex']) || isUntold(check));
  return isNarrower ? [...kinds, 'refinement'] : kinds;
}

/** Whether a pattern is one that no JSON Schema can say, and that is left out of it. */
function isLost(pattern: unknown): boolean {
  if (!(pattern instanceof RegExp) || isFreeOfFlags(pattern.flags)) return false;
  return exactPattern(pattern.source, pattern.flags) === undefined;
}
