import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { lookUpPointer } from '../answers/compile-schema.ts';

/** Above this sum of `maxItems` Gemini refuses a schema: 971 was seen to pass, 972 to fail. */
const maxItemsBudget = 971;

/**
 * Why Gemini would refuse a schema, in the service's words; undefined where it would not. Only what is documented or was seen by
 * several people: too many array items in all, and a definition that must contain itself.
 */
export function gateSchema(schema: JsonObject): string | undefined {
  if (sumMaxItems(schema) > maxItemsBudget) {
    return (
      'The specified schema produces a constraint that has too many states for serving. Typical causes of this error are ' +
      'schemas with lots of text (for example, very long property or enum names), schemas with long array length limits ' +
      '(especially when nested), or schemas using complex value matchers (for example, integers or numbers with ' +
      'minimum/maximum bounds or strings with complex formats like date-time)'
    );
  }
  if (mustContainItself(schema, schema, new Map([['#', 'open']]))) {
    return 'Fully recursive schemas are not supported: a schema may refer to itself only in properties that are not required.';
  }
  return undefined;
}

function sumMaxItems(value: JsonValue | undefined): number {
  if (Array.isArray(value)) return value.reduce<number>((sum, item: JsonValue) => sum + sumMaxItems(item), 0);
  if (!isJsonObject(value)) return 0;
  let sum = 0;
  for (const [key, member] of Object.entries(value)) {
    if (key === 'maxItems' && typeof member === 'number') sum += member;
    else if (key !== 'enum' && key !== 'const' && key !== 'default') sum += sumMaxItems(member);
  }
  return sum;
}

/** Follows references through required properties, items and alternatives only; each definition is looked at once. */
function mustContainItself(
  schema: JsonValue | undefined,
  root: JsonObject,
  visits: Map<string, 'open' | 'done'>,
): boolean {
  if (!isJsonObject(schema)) return false;
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const visit = visits.get(reference);
    if (visit !== undefined) return visit === 'open';
    visits.set(reference, 'open');
    const isRecursive = mustContainItself(lookUpPointer(root, reference), root, visits);
    visits.set(reference, 'done');
    return isRecursive;
  }
  const required = new Set(Array.isArray(schema['required']) ? (schema['required'] as readonly JsonValue[]) : []);
  const properties = isJsonObject(schema['properties']) ? Object.entries(schema['properties']) : [];
  const below: (JsonValue | undefined)[] = properties
    .filter(([name]) => required.has(name))
    .map(([, property]) => property);
  below.push(schema['items']);
  for (const key of ['anyOf', 'oneOf', 'allOf', 'prefixItems']) {
    const branches = schema[key];
    if (Array.isArray(branches)) below.push(...(branches as readonly JsonValue[]));
  }
  return below.some((one) => mustContainItself(one, root, visits));
}
