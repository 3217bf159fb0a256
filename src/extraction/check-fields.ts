import { GleanerError } from '../gleaner-error.ts';
import { fieldPath } from '../json-schema/field-path.ts';
import { resolveReference } from '../json-schema/schema-reference.ts';
import { eachSubschema } from '../json-schema/subschemas.ts';
import type { JsonObject } from '../json/value.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { Extraction } from './definition.ts';

type NamingFields = Pick<Extraction, 'name' | 'requireEvidence' | 'cascade' | 'evaluate'>;

/**
 * Checks the fields that a definition names: a name that is none of the schema would be about nothing, without a word.
 *
 * @throws {GleanerError} for a name that is no field, with the one that is likely meant
 */
export function checkFields(
  { name, requireEvidence = [], cascade, evaluate = {} }: NamingFields,
  schema: JsonObject,
): void {
  const known = fieldsOf(schema);
  const whole = wholeFields(schema, schema, MAX_DEPTH);
  if (!whole.isOpen && !isOpen(schema)) {
    const compared = membersByList(known);
    for (const field of Object.keys(evaluate)) {
      if (!isComparable(field, compared)) refuseUnknown(field, compared.keys(), { option: 'evaluate', name });
    }
  }
  const subject = { option: 'requireEvidence', name };
  for (const field of requireEvidence) {
    const schemas = known.get(field);
    if (schemas === undefined) refuseUnknown(field, known.keys(), subject);
    if (!schemas.some((one) => canHaveEvidence(one, schema, MAX_DEPTH))) refuseWithoutEvidence(field, subject);
  }
  // A cascade holds answers against each other by whole fields, each with all that it holds.
  for (const field of cascade?.fields ?? []) {
    if (!whole.names.has(field) && !whole.isOpen) refuseUnknown(field, whole.names, { option: 'cascade.fields', name });
  }
}

interface Naming {
  option: string;
  /** Of the extraction. */
  name: string;
}

const MOST_NAMED = 20;

function refuseUnknown(field: string, known: Iterable<string>, { option, name }: Naming): never {
  const names = [...known];
  const near =
    nearestName(field, names) ?? names.find((one) => field.startsWith(`${one}.`) || field.startsWith(`${one}[`));
  const right =
    near === undefined
      ? `its fields are ${names.slice(0, MOST_NAMED).join(', ')}`
      : `did you mean ${JSON.stringify(near)}?`;
  throw new GleanerError(
    'definition-invalid',
    `Cannot use ${option} of the extraction ${name}: ${JSON.stringify(field)} is no field of its schema; ${right}`,
  );
}

function refuseWithoutEvidence(field: string, { option, name }: Naming): never {
  throw new GleanerError(
    'definition-invalid',
    `Cannot use ${option} of the extraction ${name}: ${JSON.stringify(field)} never has evidence, as booleans and choices of a closed set are the model's own; name fields with texts or numbers that are copied from the record`,
  );
}

const MAX_DEPTH = 12;
const NOT_OF_THE_VALUE: ReadonlySet<string> = new Set(['$defs', 'not', 'propertyNames']);
/** Keywords whose schemas are those of the same value. */
const OF_THE_SAME: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);

/** The fields of a schema, at every depth, as people write them, with the schemas that may be theirs. */
function fieldsOf(root: JsonObject): Map<string, JsonObject[]> {
  const found = new Map<string, JsonObject[]>();
  const visit = (schema: JsonObject, path: string, depth: number): void => {
    if (path !== '') found.set(path, [...(found.get(path) ?? []), schema]);
    if (depth === 0) return;
    const target = resolveReference(root, schema['$ref']);
    if (target !== undefined) visit(target, path, depth - 1);
    eachSubschema(schema, (child, place) => {
      if (!NOT_OF_THE_VALUE.has(place.keyword)) visit(child, fieldPath(path, place), depth - 1);
    });
  };
  visit(root, '', MAX_DEPTH);
  return found;
}

/** Comparators say `[]` for all members of a list, also of one whose members have schemas of their own. */
function membersByList(known: ReadonlyMap<string, JsonObject[]>): Map<string, JsonObject[]> {
  const found = new Map<string, JsonObject[]>();
  for (const [field, schemas] of known) {
    const name = field.replaceAll(/\[\d+\]/g, '[]');
    found.set(name, [...(found.get(name) ?? []), ...schemas]);
  }
  return found;
}

/** Whether a field can be one of an answer: the schema names it, or leaves open what stands in that place. */
function isComparable(field: string, known: ReadonlyMap<string, JsonObject[]>): boolean {
  const isBelow = (name: string): boolean => field.startsWith(`${name}.`) || field.startsWith(`${name}[`);
  return known.has(field) || [...known].some(([name, schemas]) => isBelow(name) && schemas.some(isOpen));
}

/** Keywords that say what a value holds; a schema with none of them takes anything. */
const SAYING = ['type', 'properties', 'items', 'prefixItems', 'enum', 'const', '$ref', ...OF_THE_SAME];

function isOpen(schema: JsonObject): boolean {
  const { additionalProperties, patternProperties } = schema;
  const takesNames = additionalProperties !== undefined && additionalProperties !== false;
  return takesNames || patternProperties !== undefined || !SAYING.some((keyword) => keyword in schema);
}

/** The fields of an answer itself, and whether it may have others. */
function wholeFields(schema: JsonObject, root: JsonObject, depth: number): { names: Set<string>; isOpen: boolean } {
  const names = new Set<string>();
  let isOpen = schema['additionalProperties'] === true;
  const take = (part: JsonObject): void => {
    if (depth === 0) return;
    const inside = wholeFields(part, root, depth - 1);
    for (const name of inside.names) names.add(name);
    isOpen ||= inside.isOpen;
  };
  const target = resolveReference(root, schema['$ref']);
  if (target !== undefined) take(target);
  eachSubschema(schema, (child, { keyword, key }) => {
    if (keyword === 'properties' && key !== undefined) names.add(key);
    else if (keyword === 'additionalProperties' || keyword === 'patternProperties') isOpen = true;
    else if (OF_THE_SAME.has(keyword)) take(child);
  });
  return { names, isOpen };
}

/** Whether a value can be copied from a text, or anything that it holds. */
function canHaveEvidence(schema: JsonObject, root: JsonObject, depth: number): boolean {
  if ('const' in schema || 'enum' in schema) return false;
  const parts: JsonObject[] = [];
  const target = resolveReference(root, schema['$ref']);
  if (target !== undefined) parts.push(target);
  eachSubschema(schema, (child, { keyword }) => {
    if (!NOT_OF_THE_VALUE.has(keyword)) parts.push(child);
  });
  if (parts.length > 0) return depth === 0 || parts.some((part) => canHaveEvidence(part, root, depth - 1));
  const { type } = schema;
  const types = Array.isArray(type) ? type : [type];
  return types.some((one) => one !== 'boolean' && one !== 'null');
}
