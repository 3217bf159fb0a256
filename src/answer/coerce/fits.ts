import { isSameJson } from '../../json/same-json.ts';
import { resolveReference } from '../../json/schema-reference.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';

/** References may lead in a circle; no answer is nested deeper than that in what is looked at here. */
const MAX_DEPTH = 60;

/** The schema behind references. */
export function resolved(node: JsonValue | undefined, root: JsonObject): JsonObject | undefined {
  let found = node;
  for (let steps = 0; isJsonObject(found) && typeof found['$ref'] === 'string'; steps += 1) {
    if (steps > MAX_DEPTH) return undefined;
    found = resolveReference(root, found['$ref']);
  }
  return isJsonObject(found) ? found : undefined;
}

/** The alternatives of a schema: the members of a union, or a schema for each of its types. */
export function optionsOf(node: JsonObject, root: JsonObject): readonly JsonObject[] {
  const union = node['anyOf'] ?? node['oneOf'];
  if (Array.isArray(union)) {
    return (union as readonly JsonValue[]).flatMap((option) => {
      const found = resolved(option, root);
      return found === undefined ? [] : optionsOf(found, root);
    });
  }
  const { type } = node;
  if (!Array.isArray(type)) return [node];
  return (type as readonly JsonValue[]).map((name) => ({ ...node, type: name }));
}

/** Whether a value fits a schema as it is, as far as types, members, enums and patterns tell; zod has the last word. */
export function fits(value: JsonValue, given: JsonValue | undefined, root: JsonObject, depth = 0): boolean {
  const node = resolved(given, root);
  if (node === undefined) return given === true || given === undefined;
  if (depth > MAX_DEPTH) return false;
  const options = optionsOf(node, root);
  if (options.length !== 1 || options[0] !== node)
    return options.some((option) => fits(value, option, root, depth + 1));
  if (node['const'] !== undefined) return isSameJson(value, node['const']);
  if (Array.isArray(node['enum']))
    return (node['enum'] as readonly JsonValue[]).some((member) => isSameJson(value, member));
  switch (node['type']) {
    case 'object':
      return isJsonObject(value) && fitsMembers(value, node, root, depth);
    case 'array':
      return (
        Array.isArray(value) &&
        (node['items'] === undefined ||
          (value as readonly JsonValue[]).every((item) => fits(item, node['items'], root, depth + 1)))
      );
    case 'string':
      return typeof value === 'string' && matchesText(value, node);
    case 'integer':
      return Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'null':
      return value === null;
    default:
      return true;
  }
}

function fitsMembers(
  value: JsonObject,
  { properties, required }: JsonObject,
  root: JsonObject,
  depth: number,
): boolean {
  const names = Array.isArray(required) ? (required as readonly string[]) : [];
  if (!names.every((name) => Object.hasOwn(value, name))) return false;
  return Object.entries(isJsonObject(properties) ? properties : {}).every(
    ([name, schema]) => !Object.hasOwn(value, name) || fits(value[name] ?? null, schema, root, depth + 1),
  );
}

/** Whether a text has the pattern and, for dates, the form that the schema wants. */
export function matchesText(value: string, { pattern, format }: JsonObject): boolean {
  if (format === 'date' && !/^\d{4}-\d{2}-\d{2}$/.test(value)) return false;
  if (typeof pattern !== 'string') return true;
  try {
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}
