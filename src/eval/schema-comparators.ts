import { resolveReference } from '../json-schema/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import { date, exact, numeric, text, type Comparator } from './comparator.ts';

/** References may lead back to where they stand. */
const MAX_DEPTH = 12;

/**
 * The comparator of every field of a JSON Schema, by its name as people write it: `total`, `address.city`, `items[].price`. A field that
 * may be several things has none: its values decide.
 */
export function comparatorsOf(schema: JsonObject): Map<string, Comparator> {
  const found = new Map<string, Comparator>();
  visit(schema, '', 0);
  return found;

  function visit(given: JsonValue | undefined, field: string, depth: number): void {
    const node = plain(given, schema);
    if (node === undefined || depth > MAX_DEPTH) return;
    const { properties, items } = node;
    if (isJsonObject(properties)) {
      for (const [name, child] of Object.entries(properties)) {
        visit(child, field === '' ? name : `${field}.${name}`, depth + 1);
      }
    } else if (isJsonObject(items)) {
      visit(items, `${field}[]`, depth + 1);
    } else if (field !== '') {
      const comparator = leafComparator(node);
      if (comparator !== undefined) found.set(field, comparator);
    }
  }
}

/** The schema behind references, and beside null; undefined where several are left. */
function plain(given: JsonValue | undefined, root: JsonObject): JsonObject | undefined {
  let node = isJsonObject(given) ? given : undefined;
  for (let steps = 0; node !== undefined && steps < MAX_DEPTH; steps += 1) {
    if (typeof node['$ref'] === 'string') {
      node = resolveReference(root, node['$ref']);
      continue;
    }
    const options = node['anyOf'] ?? node['oneOf'];
    if (!Array.isArray(options)) return node;
    const others = (options as readonly JsonValue[]).filter(
      (option) => !isJsonObject(option) || option['type'] !== 'null',
    );
    if (others.length !== 1 || !isJsonObject(others[0])) return undefined;
    node = others[0];
  }
  return node;
}

function leafComparator(node: JsonObject): Comparator | undefined {
  if (node['enum'] !== undefined || node['const'] !== undefined) return exact();
  const { type } = node;
  const types = (Array.isArray(type) ? (type as readonly JsonValue[]) : [type]).filter((name) => name !== 'null');
  if (types.length !== 1) return undefined;
  switch (types[0]) {
    case 'number':
    case 'integer':
      return numeric();
    case 'boolean':
      return exact();
    case 'string':
      return node['format'] === 'date' || node['format'] === 'date-time' ? date() : text();
    default:
      return undefined;
  }
}
