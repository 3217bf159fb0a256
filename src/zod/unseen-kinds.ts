import { countsCodeUnits } from './code-units.ts';
import { exactPattern, isExactAlready } from './exact-pattern.ts';
import { assertionsInMetadata } from './metadata.ts';
import { isObject, zodChecks, zodDefinition, type ZodDefinition } from './walk.ts';

/**
 * `refinement`: refuses more than the schema shows; `transform`, `preprocess`: turns the value into another;
 * `overwrite`: tidies it, such as trim; `custom`: a type that is known to its code only; `pipe`: two schemas, of which what is
 * read shows the first and what is written the second; `override`: metadata says in the JSON Schema what zod does not check.
 */
export type UnseenKind = 'refinement' | 'transform' | 'preprocess' | 'overwrite' | 'custom' | 'pipe' | 'override';

/** Lists what one node of a zod 3 or 4 schema does to a value and no JSON Schema shows. */
export function unseenKinds(node: object): UnseenKind[] {
  const definition = zodDefinition(node);
  if (!('_zod' in node)) return zod3Kinds(definition);
  const kinds = zod4Kinds(definition);
  return assertionsInMetadata(node) === undefined ? kinds : [...kinds, 'override'];
}

/** What a node's checks were given that its JSON Schema does not tell, as text; empty where there is nothing of the kind. */
export function unseenOptions(node: object): string[] {
  const definition = zodDefinition(node);
  const isDate = definition['type'] === 'date' || definition['typeName'] === 'ZodDate';
  return [definition, ...zodChecks(definition)].flatMap((check) => {
    const { pattern, regex } = check;
    if (hasFormatOptions(check)) return [textOf([check['protocol'], check['hostname'], check['alg']])];
    if (isUntold(check)) return [textOf(UNTOLD_OPTIONS.map((name) => check[name]))];
    if (isDate && check !== definition)
      return [textOf(['check', 'kind', 'value', 'inclusive'].map((name) => check[name]))];
    return [pattern, regex].filter(isUntoldPattern).map(String);
  });
}

const UNTOLD_OPTIONS = ['kind', 'version', 'offset', 'local', 'precision', 'alg', 'value', 'position'] as const;

function textOf(options: readonly unknown[]): string {
  return options.map((option) => (option instanceof Date ? option.toJSON() : String(option ?? ''))).join(' ');
}

function zod4Kinds(definition: ZodDefinition): UnseenKind[] {
  const { type, transform, reverseTransform } = definition;
  const kinds: UnseenKind[] = [];
  // It writes whether the schema inside took the value, and takes what that takes.
  if (type === 'success') kinds.push('transform');
  if (type === 'custom') kinds.push('custom');
  // A codec is a pipe that carries its functions itself.
  if (type === 'transform' || (type === 'pipe' && transform !== undefined && reverseTransform !== undefined)) {
    kinds.push('transform');
  } else if (type === 'pipe' && isPlainPipe(definition)) kinds.push('pipe');
  if (type === 'intersection' && isStrictSide(definition)) kinds.push('refinement');
  // Written as text, dates show none of their limits.
  if (type === 'date' && zodChecks(definition).some(({ check }) => check !== undefined)) kinds.push('refinement');
  // A format of one's own is a name and a function.
  if (typeof definition['fn'] === 'function' && definition['check'] === 'string_format') kinds.push('refinement');
  for (const { check, pattern } of zodChecks(definition)) {
    if (check === 'custom' || check === 'property' || isUntoldPattern(pattern)) kinds.push('refinement');
    if (check === 'overwrite') kinds.push('overwrite');
  }
  if ([definition, ...zodChecks(definition)].some(hasFormatOptions)) kinds.push('refinement');
  return kinds;
}

/** A transform on either side is told by itself. */
function isPlainPipe({ in: inside, out: outside }: ZodDefinition): boolean {
  return ![inside, outside].some((side) => isObject(side) && zodDefinition(side)['type'] === 'transform');
}

/** Wrappers that show the schema inside on both sides. */
const SHOWING: ReadonlySet<unknown> = new Set([
  'ZodBranded',
  'ZodReadonly',
  'ZodNullable',
  'ZodOptional',
  'ZodDefault',
  'ZodCatch',
]);

/** A strict object refuses the keys of the other side, which the two schemas together do not show. */
function isStrictSide({ left, right }: ZodDefinition): boolean {
  return [left, right].some((side) => isStrict(side));
}

function isStrict(schema: unknown, depth = 0): boolean {
  if (!isObject(schema) || depth > 20) return false;
  const definition = zodDefinition(schema);
  const { type, typeName, catchall, unknownKeys, innerType, left, right, options } = definition;
  if (typeName === 'ZodObject') return unknownKeys === 'strict';
  if (type === 'object') return isObject(catchall) && zodDefinition(catchall)['type'] === 'never';
  if (SHOWING.has(typeName)) return isStrict(innerType ?? type, depth + 1);
  const listed = Array.isArray(options) ? (options as unknown[]) : [];
  return [innerType, left, right, ...listed].some((inner) => isStrict(inner, depth + 1));
}

/** Options of a format that its name in a JSON Schema does not tell: `z.url({ protocol })`, `z.jwt({ alg })`. */
function hasFormatOptions({ format, protocol, hostname, alg }: ZodDefinition): boolean {
  if (format === 'url') return protocol !== undefined || hostname !== undefined;
  return format === 'jwt' && alg !== undefined && alg !== null;
}

/** Checks of zod 3 strings that come out as no more than a name, or as nothing a reader holds to. */
function isUntold(check: ZodDefinition): boolean {
  const { kind, version, offset, local, precision, alg, position } = check;
  if (kind === 'includes') return typeof position === 'number';
  if (kind === 'base64') return true;
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
  if (typeName === 'ZodPipeline') return ['pipe'];
  if (typeName === 'ZodIntersection') return isStrictSide(definition) ? ['refinement'] : [];
  if (typeName === 'ZodDate') return zodChecks(definition).length > 0 ? ['refinement'] : [];
  if (typeName !== 'ZodString') return [];
  const checks = zodChecks(definition);
  const kinds: UnseenKind[] = checks.some(({ kind }) => REWRITING.has(kind)) ? ['overwrite'] : [];
  const isNarrower = checks.some((check) => isUntoldPattern(check['regex']) || isUntold(check));
  return isNarrower ? [...kinds, 'refinement'] : kinds;
}

/** Whether a pattern is one that no JSON Schema can say: it is left out of it, or counts otherwise. */
function isUntoldPattern(pattern: unknown): boolean {
  if (!(pattern instanceof RegExp)) return false;
  const { source, flags } = pattern;
  if (countsCodeUnits(source, flags)) return true;
  return !isExactAlready(source, flags) && exactPattern(source, flags) === undefined;
}
