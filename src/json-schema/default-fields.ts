import { resolveReference } from './schema-reference.ts';
import { eachSubschema, mapSubschemas } from './subschemas.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

/**
 * Asks for fields with a default as if they were required. A model leaves out what it may leave out, and the default would pass
 * for what the record says. Where a recursive type ends in such a field, it stays optional: there is no other end.
 */
export function requireDefaults(root: JsonObject): JsonObject {
  function rewrite(schema: JsonObject): JsonObject {
    const below = mapSubschemas(schema, rewrite);
    const { properties } = schema;
    if (!isJsonObject(properties)) return below;
    const required = Array.isArray(schema['required']) ? (schema['required'] as readonly JsonValue[]) : [];
    const added = Object.entries(properties)
      .filter(([name, child]) => !required.includes(name) && isJsonObject(child) && hasDefault(root, child))
      .map(([name]) => name);
    if (added.length === 0) return below;
    // In the order of the properties, which is the one of the definition.
    const names = Object.keys(properties).filter((name) => required.includes(name) || added.includes(name));
    return { ...below, required: names };
  }
  return rewrite(root);
}

function hasDefault(root: JsonObject, child: JsonObject): boolean {
  return child['default'] !== undefined && !leadsToRecursion(root, child);
}

function leadsToRecursion(root: JsonObject, schema: JsonObject): boolean {
  const open = new Set<JsonObject>();
  const done = new Set<JsonObject>();
  function visit(node: JsonObject): boolean {
    if (open.has(node)) return true;
    if (done.has(node)) return false;
    open.add(node);
    const target = resolveReference(root, node['$ref']);
    let found = target !== undefined && visit(target);
    eachSubschema(node, (child, { keyword }) => {
      if (!found && keyword !== '$defs') found = visit(child);
    });
    open.delete(node);
    done.add(node);
    return found;
  }
  return visit(schema);
}
