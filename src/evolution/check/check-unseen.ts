import type { ZodSchema } from '../../schema/zod-schema.ts';

/** Something that a zod schema does to a value and that no JSON Schema shows. */
export interface UnseenCheck {
  /** Where it stands: property names joined by dots, `[]` for items, `{}` for the values of a record; empty for the root. */
  readonly path: string;
  /**
   * `refinement`: refuses more than the schema shows; `transform`, `preprocess`: turns the value into another;
   * `overwrite`: tidies it, such as trim; `custom`: a type that is known to its code only.
   */
  readonly kind: 'refinement' | 'transform' | 'preprocess' | 'overwrite' | 'custom';
}

const maxDepth = 60;

/** Finds the refinements and transforms of a zod 3 or 4 schema, by shape, in the order of its fields. */
export function findUnseenChecks(schema: ZodSchema): UnseenCheck[] {
  const found = new Map<string, UnseenCheck>();
  const underWay = new Set<object>();
  function visit(node: unknown, path: string): void {
    // A lazy type may make a new schema each time it is asked.
    if (typeof node !== 'object' || node === null || underWay.has(node) || underWay.size > maxDepth) return;
    underWay.add(node);
    for (const kind of kindsOf(node)) found.set(`${kind} ${path}`, { path, kind });
    for (const [child, step] of childrenOf(definitionOf(node))) visit(child, join(path, step));
    underWay.delete(node);
  }
  visit(schema, '');
  return [...found.values()];
}

type Definition = Readonly<Record<string, unknown>>;

function definitionOf(node: object): Definition {
  if ('_zod' in node && isObject(node._zod) && isObject(node._zod['def'])) return node._zod['def'];
  return '_def' in node && isObject(node._def) ? node._def : {};
}

function kindsOf(node: object): UnseenCheck['kind'][] {
  const definition = definitionOf(node);
  return '_zod' in node ? zod4Kinds(definition) : zod3Kinds(definition);
}

function zod4Kinds({ type, checks, transform, reverseTransform }: Definition): UnseenCheck['kind'][] {
  const kinds: UnseenCheck['kind'][] = [];
  if (type === 'custom') kinds.push('custom');
  // A codec is a pipe that carries its functions itself.
  if (type === 'transform' || (type === 'pipe' && transform !== undefined && reverseTransform !== undefined))
    kinds.push('transform');
  for (const check of Array.isArray(checks) ? (checks as unknown[]) : []) {
    const name = isObject(check) ? definitionOf(check)['check'] : undefined;
    if (name === 'custom') kinds.push('refinement');
    if (name === 'overwrite') kinds.push('overwrite');
  }
  return kinds;
}

function zod3Kinds({ typeName, effect, checks }: Definition): UnseenCheck['kind'][] {
  if (typeName === 'ZodEffects' && isObject(effect)) {
    const { type } = effect;
    return type === 'refinement' || type === 'transform' || type === 'preprocess' ? [type] : [];
  }
  if (typeName !== 'ZodString' || !Array.isArray(checks)) return [];
  const changing = ['trim', 'toLowerCase', 'toUpperCase'];
  return checks.some((check: unknown) => isObject(check) && changing.includes(String(check['kind'])))
    ? ['overwrite']
    : [];
}

/** The schemas directly inside, of either zod version: their definitions share most names. */
function* childrenOf(definition: Definition): Generator<[unknown, string]> {
  const { shape, items, options, getter, checks } = definition;
  const fields: unknown = typeof shape === 'function' ? shape() : shape;
  if (isObject(fields)) for (const [name, field] of Object.entries(fields)) yield [field, name];
  if (Array.isArray(items)) for (const [index, item] of items.entries()) yield [item, `[${index}]`];
  if (Array.isArray(options) || options instanceof Map) for (const option of options.values()) yield [option, ''];
  if (typeof getter === 'function') yield [getter(), ''];
  // A check may hold a schema, as z.property() does.
  for (const check of Array.isArray(checks) ? (checks as unknown[]) : []) {
    if (isObject(check)) yield [definitionOf(check)['schema'], String(definitionOf(check)['property'] ?? '')];
  }
  // In zod 3 it is the item of an array, or what a brand marks.
  yield [definition['type'], definition['typeName'] === 'ZodArray' ? '[]' : ''];
  for (const [name, step] of Object.entries(inside)) yield [definition[name], step];
}

/** Members that hold one schema, and the step to it. */
const inside: Readonly<Record<string, string>> = {
  element: '[]',
  rest: '[]',
  keyType: '',
  valueType: '{}',
  catchall: '{}',
  left: '',
  right: '',
  innerType: '',
  schema: '',
  in: '',
  out: '',
};

function join(path: string, step: string): string {
  return path === '' || step === '' || step.startsWith('[') || step.startsWith('{')
    ? `${path}${step}`
    : `${path}.${step}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
