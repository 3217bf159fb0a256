import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { lookUpPointer } from '../answers/compile-schema.ts';

/** Above this sum of `maxItems` Gemini refuses a schema: 971 was seen to pass, 972 to fail. */
const MAX_ITEMS_BUDGET = 971;

/**
 * Why Gemini would refuse a schema, in the service's words; undefined where it would not. Only what is documented or was seen by
 * several people: too many array items in all, a definition that must contain itself, and an empty string among listed values.
 */
export function gateSchema(schema: JsonObject): string | undefined {
  if (sumMaxItems(schema) > MAX_ITEMS_BUDGET) {
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
  return findEmptyValue(schema, 'generation_config.response_schema');
}

/** What may stand beside `anyOf`: Pydantic writes these two there, and no report names them. */
const BESIDE_ANY_OF: ReadonlySet<string> = new Set(['anyOf', 'title', 'default', '$defs']);

/** Formats of strings that function declarations are reported to take. */
const FUNCTION_FORMATS: ReadonlySet<unknown> = new Set(['enum', 'date-time']);

/** Why Gemini would refuse the parameters of a function, in the service's words, as several people report them. */
export function gateFunction(name: string, parameters: JsonObject): string | undefined {
  const place = `parameters of function ${name}`;
  let refusal = findEmptyValue(parameters, place);
  eachNode(parameters, place, (node, path) => {
    if (node['anyOf'] !== undefined && Object.keys(node).some((keyword) => !BESIDE_ANY_OF.has(keyword))) {
      refusal ??=
        `Unable to submit request because \`${name}\` functionDeclaration \`${path}\` schema specified other fields alongside any_of. ` +
        'When using any_of, it must be the only field set.';
    }
    if (node['type'] === 'string' && typeof node['format'] === 'string' && !FUNCTION_FORMATS.has(node['format'])) {
      refusal ??= `${path}.format: only 'enum' and 'date-time' are supported for STRING type`;
    }
  });
  return refusal;
}

function findEmptyValue(schema: JsonObject, place: string): string | undefined {
  let refusal: string | undefined;
  eachNode(schema, place, ({ enum: values }, path) => {
    const index = Array.isArray(values) ? values.indexOf('') : -1;
    if (index >= 0) refusal ??= `${path}.enum[${index}]: cannot be empty`;
  });
  return refusal;
}

/** Visits every schema, with the path by which the service names it. */
function eachNode(schema: JsonValue | undefined, path: string, visit: (node: JsonObject, path: string) => void): void {
  if (!isJsonObject(schema)) return;
  visit(schema, path);
  for (const keyword of ['properties', '$defs'] as const) {
    const members = schema[keyword];
    if (!isJsonObject(members)) continue;
    for (const [name, member] of Object.entries(members)) eachNode(member, `${path}.${keyword}[${name}]`, visit);
  }
  for (const keyword of ['items', 'additionalProperties'] as const)
    eachNode(schema[keyword], `${path}.${keyword}`, visit);
  for (const keyword of ['anyOf', 'oneOf', 'allOf', 'prefixItems'] as const) {
    const branches = schema[keyword];
    if (!Array.isArray(branches)) continue;
    for (const [index, branch] of (branches as readonly JsonValue[]).entries()) {
      eachNode(branch, `${path}.${keyword}[${index}]`, visit);
    }
  }
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
