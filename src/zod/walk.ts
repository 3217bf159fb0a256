/** The members of a zod definition, by name; known by shape, never by class. */
export type ZodDefinition = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 60;

/** A lazy type that makes new schemas each time it is asked would branch without an end. */
const MAX_NODES = 100_000;

/** Members that hold one schema, and the step to it. */
const INSIDE: readonly (readonly [name: string, step: string])[] = Object.entries({
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
});

/**
 * Visits a zod 3 or 4 schema and every schema inside it, in the order of the fields. A path joins property names by dots,
 * with `[]` for items and `{}` for the values of a record; it is empty for the root.
 */
export function walkZod(schema: object, visit: (node: object, path: string, parent: object | undefined) => void): void {
  const underWay = new Set<object>();
  let left = MAX_NODES;
  function walk(node: unknown, path: string, parent: object | undefined): void {
    if (!isObject(node) || underWay.has(node) || underWay.size > MAX_DEPTH || left === 0) return;
    left -= 1;
    underWay.add(node);
    visit(node, path, parent);
    eachChild(zodDefinition(node), (child, step) => walk(child, join(path, step), node));
    underWay.delete(node);
  }
  walk(schema, '', undefined);
}

/** The definition of a schema or check; empty for anything else. */
export function zodDefinition(node: object): ZodDefinition {
  if ('_zod' in node && isObject(node._zod) && isObject(node._zod['def'])) return node._zod['def'];
  return '_def' in node && isObject(node._def) ? node._def : {};
}

/** The checks of a definition, as definitions. */
export function zodChecks({ checks }: ZodDefinition): ZodDefinition[] {
  if (!Array.isArray(checks)) return [];
  // In zod 3 a check is its own definition.
  return checks.filter(isObject).map((check) => ('_zod' in check ? zodDefinition(check) : check));
}

/** Visits the schemas directly inside, of either zod version: their definitions share most names. */
function eachChild(definition: ZodDefinition, visit: (child: unknown, step: string) => void): void {
  const { shape, items, options, getter } = definition;
  const fields: unknown = typeof shape === 'function' ? shape() : shape;
  if (isObject(fields)) for (const [name, field] of Object.entries(fields)) visit(field, name);
  if (Array.isArray(items)) for (const [index, item] of items.entries()) visit(item, `[${index}]`);
  if (Array.isArray(options) || options instanceof Map) for (const option of options.values()) visit(option, '');
  if (typeof getter === 'function') visit(getter(), '');
  // A check may hold a schema, as z.property() does.
  for (const { schema, property } of zodChecks(definition)) visit(schema, String(property ?? ''));
  // In zod 3 it is the item of an array, or what a brand marks.
  visit(definition['type'], definition['typeName'] === 'ZodArray' ? '[]' : '');
  for (const [name, step] of INSIDE) {
    const child = definition[name];
    if (child !== undefined) visit(child, step);
  }
}

function join(path: string, step: string): string {
  return path === '' || step === '' || step.startsWith('[') || step.startsWith('{')
    ? `${path}${step}`
    : `${path}.${step}`;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
