import { canonicalJson } from '../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';

export interface MergedSchema {
  merged: JsonObject;
  /** Keywords of which only one side's value could be kept. The merged schema is then wider than the parts, never narrower. */
  dropped: readonly string[];
}

/**
 * Joins schemas that must all hold into one without `allOf`. Object schemas pool their properties, as zod's
 * intersection does: a key is unknown only where every part rejects it. `resolve` looks up references.
 */
export function mergeAllOf(
  parts: readonly JsonObject[],
  resolve: (reference: string) => JsonObject | undefined,
): MergedSchema {
  const dropped: string[] = [];
  const flat = flatten(parts, resolve, new Set(), dropped);
  const [first = {}, ...others] = flat;
  let merged = first;
  for (const part of others) merged = mergeTwo(merged, part, dropped);
  return { merged, dropped };
}

function flatten(
  parts: readonly JsonObject[],
  resolve: (reference: string) => JsonObject | undefined,
  open: ReadonlySet<string>,
  dropped: string[],
): JsonObject[] {
  return parts.flatMap((part) => {
    const { allOf, $ref: reference, ...rest } = part;
    const own = Object.keys(rest).length > 0 ? [rest] : [];
    if (Array.isArray(allOf)) own.push(...flatten(allOf.filter(isJsonObject), resolve, open, dropped));
    if (typeof reference === 'string') {
      const target = open.has(reference) ? undefined : resolve(reference);
      if (target === undefined) {
        dropped.push('$ref');
      } else {
        const { $defs: _, ...body } = target;
        own.push(...flatten([body], resolve, new Set([...open, reference]), dropped));
      }
    }
    return own;
  });
}

function mergeTwo(left: JsonObject, right: JsonObject, dropped: string[]): JsonObject {
  const merged: Record<string, JsonValue | undefined> = { ...left };
  for (const [keyword, value] of Object.entries(right)) {
    if (value === undefined) continue;
    const present = merged[keyword];
    merged[keyword] = present === undefined ? value : mergeKeyword(keyword, present, value, dropped);
  }
  // A schema without a word on further keys leaves them open.
  const extras = [left['additionalProperties'], right['additionalProperties']];
  if (isObjectSchema(left) && isObjectSchema(right) && extras.includes(undefined)) {
    if (extras.some((extra) => isJsonObject(extra) && Object.keys(extra).length > 0))
      dropped.push('additionalProperties');
    delete merged['additionalProperties'];
  }
  return merged;
}

function isObjectSchema(schema: JsonObject): boolean {
  return schema['type'] === 'object' || schema['properties'] !== undefined;
}

function mergeKeyword(keyword: string, left: JsonValue, right: JsonValue, dropped: string[]): JsonValue {
  if (canonicalJson(left) === canonicalJson(right)) return left;
  switch (keyword) {
    case 'minimum':
    case 'exclusiveMinimum':
    case 'minLength':
    case 'minItems':
    case 'minProperties':
      return Math.max(Number(left), Number(right));
    case 'maximum':
    case 'exclusiveMaximum':
    case 'maxLength':
    case 'maxItems':
    case 'maxProperties':
      return Math.min(Number(left), Number(right));
    case 'type':
      return intersectTypes(left, right);
    case 'enum': {
      const allowed = new Set(asList(right).map((value) => canonicalJson(value)));
      return asList(left).filter((value) => allowed.has(canonicalJson(value)));
    }
    case 'required':
      return [...new Set([...asList(left), ...asList(right)])];
    case 'properties': {
      if (!isJsonObject(left) || !isJsonObject(right)) break;
      const pooled = new Map(Object.entries(left));
      for (const [name, schema] of Object.entries(right)) {
        const present = pooled.get(name);
        pooled.set(name, present === undefined || schema === undefined ? schema : both(present, schema));
      }
      return Object.fromEntries(pooled);
    }
    case 'items':
    case 'propertyNames':
      return both(left, right);
    case 'additionalProperties':
      if (left === false) return right;
      if (right === false) return left;
      return both(left, right);
    case 'description':
      return `${String(left)} ${String(right)}`;
    default:
      break;
  }
  dropped.push(keyword);
  return left;
}

function both(left: JsonValue, right: JsonValue): JsonValue {
  if (left === true) return right;
  if (right === true) return left;
  if (!isJsonObject(left) || !isJsonObject(right)) return false;
  return canonicalJson(left) === canonicalJson(right) ? left : { allOf: [left, right] };
}

function intersectTypes(left: JsonValue, right: JsonValue): JsonValue {
  const others = asList(right);
  const kept = new Set<JsonValue>();
  for (const type of asList(left)) {
    if (others.includes(type)) kept.add(type);
    else if (type === 'number' && others.includes('integer')) kept.add('integer');
    else if (type === 'integer' && others.includes('number')) kept.add('integer');
  }
  const [only] = kept;
  return kept.size === 1 && only !== undefined ? only : [...kept];
}

function asList(value: JsonValue): readonly JsonValue[] {
  return Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
}
