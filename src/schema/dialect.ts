import { canonicalJson } from '../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { SchemaLoss } from './derived.ts';
import { mergeAllOf } from './merge-all-of.ts';
import { pointerToken } from '../json/pointer.ts';
import { definitionName, resolveReference } from '../json/schema-reference.ts';
import { eachSubschema } from '../json/subschemas.ts';

/**
 * Which of the two native schema fields the OpenAI-compatible endpoint fills is not documented, so only what both
 * document is sent: type, properties, required, items, string enum, anyOf, minimum, maximum, minItems, maxItems, format,
 * description, beside `$ref`, `$defs` and `additionalProperties`, which Google's samples for this endpoint send.
 *
 * Null is a branch of `anyOf`, as the Pydantic models of those samples write it: `nullable` means nothing to a JSON
 * Schema reader, and a list of types is no OpenAPI. `propertyOrdering` is left out: nothing documents it on this
 * endpoint, it would cost tokens with every request, and the order of `properties` says the same.
 *
 * https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/control-generated-output
 */
const acceptedFormats = new Set(['date', 'date-time', 'duration', 'time']);

/** Requests fail where `maxItems` adds up to more than about 960 over the schema; half of it leaves room for the rest. */
const itemsBudget = 500;

/** Longer patterns say nothing to a model and are left out of descriptions. */
const longestSpelledPattern = 80;

const spelledListLength = 20;

const keywordsOfType: Record<string, ReadonlySet<string>> = {
  string: new Set(['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType']),
  number: new Set(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']),
  array: new Set(['items', 'prefixItems', 'minItems', 'maxItems', 'uniqueItems', 'contains']),
  object: new Set([
    'properties',
    'required',
    'additionalProperties',
    'propertyNames',
    'patternProperties',
    'minProperties',
    'maxProperties',
  ]),
};

const structureKeywords = new Set(['$ref', '$defs', '$schema', 'type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf']);
const annotationKeywords = new Set(['title', 'description', 'default', 'examples']);
const sentAsTheyAre = new Set(['minimum', 'maximum', 'minItems', 'maxItems', 'required']);

type MutableSchema = Record<string, JsonValue | undefined>;

export interface ProviderSchema {
  provider: JsonObject;
  losses: SchemaLoss[];
}

/**
 * Rewrites a JSON Schema into what the provider accepts. Never narrower than the original: every document that is valid
 * under `schema` is valid under the result, and what the result says less is reported. A schema that is within the
 * subset comes back as it is, without losses.
 */
export function toProviderSchema(schema: JsonObject): ProviderSchema {
  const converter = new Converter(schema);
  const converted = converter.convert(schema, '') ?? { not: {} };
  const definitions: Record<string, JsonValue> = {};
  const given = schema['$defs'];
  if (isJsonObject(given)) {
    for (const [name, definition] of Object.entries(given)) {
      const path = `/$defs/${pointerToken(name)}`;
      const body = converter.convertAny(definition, path);
      Object.defineProperty(definitions, name, { value: body ?? { not: {} }, enumerable: true });
    }
  }
  const used = usedDefinitions(converted, definitions);
  const isInUse = (path: string): boolean => !path.startsWith('/$defs/') || used.some((name) => isBelow(path, name));
  converter.fitItemsBudget(isInUse);
  const kept = Object.fromEntries(used.map((name) => [name, definitions[name]]));
  const provider = used.length > 0 ? { ...converted, $defs: kept } : converted;
  const losses = converter.losses.filter(({ path }) => isInUse(path));
  // A place that is converted more than once, such as a record's value, is reported once.
  return { provider, losses: [...new Map(losses.map((loss) => [canonicalJson(loss), loss])).values()] };
}

function isRecursive(root: JsonObject, schema: JsonObject): boolean {
  const seen = new Set<JsonObject>();
  function reaches(from: JsonObject): boolean {
    if (seen.has(from)) return false;
    seen.add(from);
    const target = resolveReference(root, from['$ref']);
    let found = target !== undefined && (target === schema || reaches(target));
    eachSubschema(from, (child, { keyword }) => {
      if (!found && keyword !== '$defs') found = reaches(child);
    });
    return found;
  }
  return reaches(schema);
}

function isBelow(path: string, definition: string): boolean {
  const base = `/$defs/${pointerToken(definition)}`;
  return path === base || path.startsWith(`${base}/`);
}

/** Names of the definitions that the schema still refers to; merging and dropping leave some without a use. */
function usedDefinitions(root: JsonObject, definitions: Readonly<Record<string, JsonValue>>): string[] {
  const used = new Set<string>();
  function collect(schema: JsonObject): void {
    const reference = schema['$ref'];
    const name = typeof reference === 'string' ? definitionName(reference) : undefined;
    if (name !== undefined && Object.hasOwn(definitions, name) && !used.has(name)) {
      used.add(name);
      const target = definitions[name];
      if (isJsonObject(target)) collect(target);
    }
    eachSubschema(schema, collect);
  }
  collect(root);
  return Object.keys(definitions).filter((name) => used.has(name));
}

/** One conversion: what it lost, and the arrays whose bounds share one budget. */
class Converter {
  readonly losses: SchemaLoss[] = [];
  private readonly root: JsonObject;
  private readonly boundedArrays: { schema: MutableSchema; path: string }[] = [];

  constructor(root: JsonObject) {
    this.root = root;
  }

  /** As `convert`, for a place that may hold `true` or `false`. */
  convertAny(schema: JsonValue | undefined, path: string): MutableSchema | undefined {
    if (schema === false) return undefined;
    return isJsonObject(schema) ? this.convert(schema, path) : {};
  }

  /** Undefined where nothing can be valid; the caller then leaves the place out. */
  convert(schema: JsonObject, path: string): MutableSchema | undefined {
    if (isNever(schema)) return undefined;
    const { $defs: _, $schema: __, ...rest } = schema;
    if (typeof rest['$ref'] === 'string') return this.convertReference(rest, path);
    if (Array.isArray(rest['allOf'])) return this.convert(this.merge([rest], path), path);
    const words: string[] = [];
    const { const: constant, ...withoutConst } = rest;
    if (constant !== undefined) {
      const allowed = Array.isArray(rest['enum']) && !includesValue(rest['enum'], constant) ? [] : [constant];
      return this.convert({ ...withoutConst, enum: allowed }, path);
    }
    if (rest['anyOf'] !== undefined || rest['oneOf'] !== undefined) return this.convertUnion(rest, path);
    if (Array.isArray(rest['enum'])) return this.convertEnum(rest, rest['enum'] as readonly JsonValue[], path);
    const { type } = rest;
    if (Array.isArray(type)) return this.convertTypeList(rest, type as readonly JsonValue[], path);

    const result: MutableSchema = {};
    if (typeof type === 'string') result['type'] = type;
    this.keepFormat(rest, path, words, result);
    this.keepBounds(rest, path, words, result);
    const names = this.convertObject(rest, path, words, result);
    this.convertArray(rest, path, words, result);
    for (const [keyword, value] of Object.entries(rest)) {
      if (value === undefined || names.has(keyword) || structureKeywords.has(keyword)) continue;
      this.describeRest(keyword, value, rest, path, words);
    }
    return annotated(result, rest, words);
  }

  /** Drops array bounds, the largest first, until they are within the budget. */
  fitItemsBudget(isUsed: (path: string) => boolean): void {
    const costs = this.boundedArrays
      .filter(({ path }) => isUsed(path))
      .map((bounded) => ({ ...bounded, cost: Number(bounded.schema['maxItems'] ?? bounded.schema['minItems'] ?? 0) }))
      .sort((left, right) => right.cost - left.cost);
    let sum = costs.reduce((total, { cost }) => total + cost, 0);
    for (const { schema, path, cost } of costs) {
      if (sum < itemsBudget) break;
      sum -= cost;
      const words: string[] = [];
      for (const keyword of ['minItems', 'maxItems'] as const) {
        if (schema[keyword] === undefined) continue;
        const bound = `${keyword === 'minItems' ? 'at least' : 'at most'} ${counted(schema[keyword], 'item')}`;
        words.push(bound);
        this.lose(path, keyword, 'described', `"${bound}": bounds of arrays may add up to ${itemsBudget - 1} at most`);
        delete schema[keyword];
      }
      addWords(schema, words);
    }
  }

  private lose(
    path: string,
    keyword: string,
    action: SchemaLoss['action'],
    detail: string,
    enforcedLocally = true,
  ): void {
    this.losses.push({ path, keyword, action, detail, enforcedLocally });
  }

  private describe(path: string, keyword: string, words: string[], text: string, enforcedLocally = true): void {
    words.push(text);
    this.lose(path, keyword, 'described', `"${text}" in the description`, enforcedLocally);
  }

  private merge(parts: readonly JsonObject[], path: string): JsonObject {
    const { merged, dropped } = mergeAllOf(parts, (reference) => this.inlineable(reference));
    for (const keyword of new Set(dropped)) {
      this.lose(path, keyword, 'dropped', 'two constraints that must both hold cannot be joined; one is sent');
    }
    return merged;
  }

  /** What a reference points at, unless that contains itself: written out in place it would never end. */
  private inlineable(reference: string): JsonObject | undefined {
    const target = resolveReference(this.root, reference);
    return target === undefined || isRecursive(this.root, target) ? undefined : target;
  }

  private convertReference(schema: JsonObject, path: string): MutableSchema | undefined {
    const { $ref: reference, ...siblings } = schema;
    const constraints = Object.keys(siblings).filter((keyword) => !annotationKeywords.has(keyword));
    if (constraints.length > 0 && this.inlineable(String(reference)) !== undefined) {
      return this.convert(this.merge([schema], path), path);
    }
    for (const keyword of constraints) {
      this.lose(path, keyword, 'dropped', 'nothing may stand beside a reference to a recursive type');
    }
    const words: string[] = [];
    for (const [keyword, value] of Object.entries(onlyAnnotations(siblings))) {
      this.describeRest(keyword, value ?? null, siblings, path, words);
    }
    const { description } = annotated({}, siblings, words);
    // A node with $ref may carry nothing else, so a description needs a node around it.
    return description === undefined ? { $ref: reference } : { anyOf: [{ $ref: reference }], description };
  }

  private convertUnion(schema: JsonObject, path: string): MutableSchema | undefined {
    const { anyOf, oneOf, ...rest } = schema;
    const keyword = anyOf === undefined ? 'oneOf' : 'anyOf';
    const given = anyOf ?? oneOf;
    if (!Array.isArray(given)) return this.convert(rest, path);
    if (anyOf !== undefined && oneOf !== undefined) {
      this.lose(path, 'oneOf', 'dropped', 'only the anyOf beside it is sent');
    } else if (keyword === 'oneOf') {
      this.lose(path, 'oneOf', 'rewritten', 'sent as anyOf: an answer may match more than one branch');
    }
    const annotations = Object.entries(rest).filter(([key]) => annotationKeywords.has(key));
    const constraints = Object.fromEntries(Object.entries(rest).filter(([key]) => !annotationKeywords.has(key)));
    const constrained = Object.keys(constraints).length > 0;

    const branches: MutableSchema[] = [];
    for (const [index, branch] of given.entries()) {
      const branchPath = `${path}/${keyword}/${index}`;
      // What stands beside anyOf holds for each branch, and the OpenAPI dialect wants anyOf alone.
      const full = constrained && isJsonObject(branch) ? this.merge([constraints, branch], branchPath) : branch;
      const converted = this.convertAny(constrained && branch === true ? constraints : full, branchPath);
      if (converted !== undefined) branches.push(...unwrapped(converted));
    }
    return this.union(branches, Object.fromEntries(annotations), path);
  }

  /** Joins converted branches, each once. */
  private union(branches: readonly MutableSchema[], annotations: JsonObject, path: string): MutableSchema | undefined {
    const distinct = [...new Map(branches.map((branch) => [canonicalJson(branch), branch])).values()];
    const [first] = distinct;
    if (first === undefined) return undefined;
    const words: string[] = [];
    for (const [keyword, value] of Object.entries(annotations)) {
      this.describeRest(keyword, value ?? null, annotations, path, words);
    }
    // Anything goes already where one branch says nothing.
    const open = distinct.find((branch) => Object.keys(branch).every((keyword) => keyword === 'description'));
    if (open !== undefined && distinct.length > 1) return annotated({}, annotations, words);
    const { description } = annotated({}, annotations, words);
    if (distinct.length === 1 && (description === undefined || first['$ref'] === undefined)) {
      return description === undefined ? first : addWords(first, [], String(description));
    }
    const result: MutableSchema = { anyOf: distinct };
    if (description !== undefined) result['description'] = description;
    return result;
  }

  private convertTypeList(schema: JsonObject, types: readonly JsonValue[], path: string): MutableSchema | undefined {
    const { type: _, ...rest } = schema;
    const branches: MutableSchema[] = [];
    for (const type of types) {
      const branch = this.convert({ type, ...keywordsFor(type, rest) }, path);
      if (branch !== undefined) branches.push(branch);
    }
    return this.union(branches, onlyAnnotations(rest), path);
  }

  /** Only strings may be listed in both dialects: numbers become a range, the rest a type and words. */
  private convertEnum(schema: JsonObject, values: readonly JsonValue[], path: string): MutableSchema | undefined {
    const { enum: _, type, ...rest } = schema;
    const types = type === undefined ? undefined : Array.isArray(type) ? (type as readonly JsonValue[]) : [type];
    const allowed = values.filter((value) => types === undefined || types.some((name) => hasType(value, name)));
    const strings = [...new Set(allowed.filter((value) => typeof value === 'string'))];
    const numbers = allowed.filter((value) => typeof value === 'number');
    const booleans = [...new Set(allowed.filter((value) => typeof value === 'boolean'))];
    const others = allowed.filter((value) => typeof value === 'object' && value !== null);

    const branches: MutableSchema[] = [];
    if (strings.length > 0) branches.push({ type: 'string', enum: strings });
    if (numbers.length > 0) {
      const listed = listValues(numbers);
      branches.push({
        type: numbers.every((value) => Number.isInteger(value)) ? 'integer' : 'number',
        minimum: Math.min(...numbers),
        maximum: Math.max(...numbers),
        ...(isRange(numbers) ? {} : { description: `one of ${listed}` }),
      });
      this.lose(
        path,
        'enum',
        isRange(numbers) ? 'rewritten' : 'described',
        `numbers cannot be listed: a range is sent${isRange(numbers) ? '' : `, with "one of ${listed}" in the description`}`,
      );
    }
    if (booleans.length > 0) {
      const only = booleans.length === 1 ? `always ${String(booleans[0])}` : undefined;
      branches.push(only === undefined ? { type: 'boolean' } : { type: 'boolean', description: only });
      if (only !== undefined) this.lose(path, 'enum', 'described', `"${only}" in the description`);
    }
    if (allowed.includes(null)) branches.push({ type: 'null' });
    if (others.length > 0) {
      // Objects and arrays cannot be listed at all; zod has no way to write such a type.
      this.lose(path, 'enum', 'dropped', 'only strings can be listed; this place is left open');
      branches.push({});
    }
    for (const keyword of Object.keys(rest)) {
      if (annotationKeywords.has(keyword)) continue;
      this.lose(path, keyword, 'dropped', 'the listed values stand for it');
    }
    return this.union(branches, onlyAnnotations(rest), path);
  }

  private keepFormat(schema: JsonObject, path: string, words: string[], result: MutableSchema): void {
    const { format } = schema;
    if (typeof format !== 'string') return;
    if (acceptedFormats.has(format)) result['format'] = format;
    else this.describe(path, 'format', words, `format ${format}`);
  }

  private keepBounds(schema: JsonObject, path: string, words: string[], result: MutableSchema): void {
    for (const keyword of ['minimum', 'maximum'] as const) {
      const inclusive = schema[keyword];
      if (typeof inclusive === 'number') result[keyword] = inclusive;
      const exclusiveKeyword = keyword === 'minimum' ? 'exclusiveMinimum' : 'exclusiveMaximum';
      const exclusive = schema[exclusiveKeyword];
      if (typeof exclusive !== 'number') continue;
      const lower = keyword === 'minimum';
      const nearest =
        schema['type'] === 'integer' ? (lower ? Math.floor(exclusive) + 1 : Math.ceil(exclusive) - 1) : exclusive;
      const present = typeof inclusive === 'number' ? inclusive : nearest;
      result[keyword] = lower ? Math.max(present, nearest) : Math.min(present, nearest);
      // For whole numbers the next one says the same; otherwise only the description tells the border apart.
      if (nearest !== exclusive) continue;
      this.describe(path, exclusiveKeyword, words, `${lower ? 'above' : 'below'} ${exclusive}`);
    }
  }

  /** Returns the keywords that are dealt with here and in the other keepers. */
  private convertObject(schema: JsonObject, path: string, words: string[], result: MutableSchema): Set<string> {
    const handled = new Set([
      ...sentAsTheyAre,
      'format',
      'exclusiveMinimum',
      'exclusiveMaximum',
      'properties',
      'additionalProperties',
      'propertyNames',
      'items',
      'prefixItems',
    ]);
    const { additionalProperties: extra, propertyNames, patternProperties } = schema;
    const keys = enumeratedKeys(propertyNames);
    if (keys !== undefined && schema['properties'] === undefined && extra !== undefined) {
      // A record over a closed list of keys is an object with these properties.
      result['properties'] = Object.fromEntries(
        keys.map((key) => [key, this.convertAny(extra, `${path}/additionalProperties`) ?? {}]),
      );
      if (Array.isArray(schema['required'])) result['required'] = schema['required'];
      result['additionalProperties'] = false;
      return handled;
    }
    const given = schema['properties'];
    const never = new Set<string>();
    if (isJsonObject(given)) {
      const properties = new Map<string, JsonValue>();
      for (const [name, child] of Object.entries(given)) {
        const converted = this.convertAny(child, `${path}/properties/${pointerToken(name)}`);
        if (converted === undefined) never.add(name);
        else properties.set(name, converted);
      }
      result['properties'] = Object.fromEntries(properties);
    }
    const { required } = schema;
    if (Array.isArray(required)) {
      // An object that needs a key which nothing fits can have no valid document, so leaving it open is no matter.
      const names = required.filter((name: JsonValue) => !never.has(String(name)));
      if (names.length > 0) result['required'] = names;
    }
    if (extra !== undefined) {
      const converted = this.convertAny(extra, `${path}/additionalProperties`);
      if (converted === undefined) {
        if (patternProperties === undefined) result['additionalProperties'] = false;
      } else if (Object.keys(converted).length > 0) {
        if (patternProperties === undefined) result['additionalProperties'] = converted;
      } else if (!isJsonObject(given) || Object.keys(given).length === 0) {
        result['additionalProperties'] = true;
      } else {
        this.lose(path, 'additionalProperties', 'dropped', 'further keys are allowed, but not asked for', false);
      }
    }
    if (isJsonObject(propertyNames)) {
      const { pattern, minLength } = propertyNames;
      if (keys !== undefined) {
        this.describe(path, 'propertyNames', words, `keys are ${listValues(keys)}`);
      } else if (typeof pattern === 'string' && pattern.length <= longestSpelledPattern) {
        this.describe(path, 'propertyNames', words, `keys match /${pattern}/`);
      } else if (minLength !== undefined || Object.keys(propertyNames).some((keyword) => keyword !== 'type')) {
        this.lose(path, 'propertyNames', 'dropped', 'keys cannot be constrained');
      }
    }
    return handled;
  }

  private convertArray(schema: JsonObject, path: string, words: string[], result: MutableSchema): void {
    const { items, prefixItems, minItems, maxItems } = schema;
    if (Array.isArray(prefixItems)) {
      this.convertTuple(prefixItems as readonly JsonValue[], items, path, words, result);
    } else if (items !== undefined) {
      const converted = this.convertAny(items, `${path}/items`);
      if (converted === undefined) result['maxItems'] = 0;
      else if (Object.keys(converted).length > 0) result['items'] = converted;
    }
    if (typeof minItems === 'number' && minItems > 0) result['minItems'] = minItems;
    if (typeof maxItems === 'number') result['maxItems'] = Math.min(maxItems, Number(result['maxItems'] ?? maxItems));
    if (result['minItems'] !== undefined || result['maxItems'] !== undefined) {
      this.boundedArrays.push({ schema: result, path });
    }
  }

  /** Positions cannot be told apart in both dialects: any of the types may stand anywhere, and words name the order. */
  private convertTuple(
    positions: readonly JsonValue[],
    rest: JsonValue | undefined,
    path: string,
    words: string[],
    result: MutableSchema,
  ): void {
    const converted = positions.map(
      (position, index) => this.convertAny(position, `${path}/prefixItems/${index}`) ?? {},
    );
    const others = rest === false ? [] : [this.convertAny(rest ?? true, `${path}/items`) ?? {}];
    const item = this.union([...converted, ...others].flatMap(unwrapped), {}, path);
    if (item !== undefined && Object.keys(item).length > 0) result['items'] = item;
    if (rest === false) result['maxItems'] = positions.length;
    const order = converted.map((position) => shortName(position)).join(', ');
    this.describe(
      path,
      'prefixItems',
      words,
      `in this order: ${order}${rest === false ? '' : ', then any number more'}`,
    );
  }

  /** Turns a keyword that cannot be sent into words, or drops it. */
  private describeRest(keyword: string, value: JsonValue, schema: JsonObject, path: string, words: string[]): void {
    switch (keyword) {
      case 'description':
        return;
      case 'title':
        this.lose(path, keyword, 'described', 'leads the description', false);
        return;
      case 'minLength':
        this.describe(path, keyword, words, `at least ${counted(value, 'character')}`);
        return;
      case 'maxLength':
        this.describe(path, keyword, words, `at most ${counted(value, 'character')}`);
        return;
      case 'multipleOf':
        this.describe(path, keyword, words, `a multiple of ${String(value)}`);
        return;
      case 'minProperties':
        this.describe(path, keyword, words, `at least ${counted(value, 'key')}`);
        return;
      case 'maxProperties':
        this.describe(path, keyword, words, `at most ${counted(value, 'key')}`);
        return;
      case 'uniqueItems':
        if (value === true) this.describe(path, keyword, words, 'no duplicates');
        return;
      case 'contentEncoding':
        this.describe(path, keyword, words, `${String(value)}-encoded`, false);
        return;
      case 'default':
        this.describe(path, keyword, words, `default ${JSON.stringify(value)}`, false);
        return;
      case 'examples':
        if (Array.isArray(value) && value.length > 0) {
          this.describe(path, keyword, words, `such as ${listValues(value.slice(0, 3))}`, false);
        }
        return;
      case 'pattern':
        if (schema['format'] === 'date-time' && typeof value === 'string' && /Z\)*\$$/.test(value)) {
          // zod takes no offset by default, which the format alone would let a model write.
          this.describe(path, keyword, words, 'in UTC, ending in Z');
        } else if (typeof schema['format'] === 'string') {
          this.lose(path, keyword, 'dropped', `format ${schema['format']} says it already`);
        } else if (typeof value === 'string' && value.length <= longestSpelledPattern) {
          this.describe(path, keyword, words, `matches /${value}/`);
        } else {
          this.lose(path, keyword, 'dropped', 'too long to be spelled out in the description');
        }
        return;
      case 'patternProperties':
      case 'not':
      case 'contains':
      case 'if':
      case 'then':
      case 'else':
      case 'dependentRequired':
      case 'dependentSchemas':
      case 'unevaluatedProperties':
      case 'unevaluatedItems':
        this.lose(path, keyword, 'dropped', 'not in the provider subset');
        return;
      default:
        this.lose(path, keyword, 'dropped', 'an annotation that is not in the provider subset', false);
    }
  }
}

function annotated(result: MutableSchema, schema: JsonObject, words: readonly string[]): MutableSchema {
  const texts = [schema['title'], schema['description']].filter((text) => typeof text === 'string' && text !== '');
  return addWords(result, words, texts.join(': '));
}

/** Adds short words in parentheses after a description, or as the description. */
function addWords(schema: MutableSchema, words: readonly string[], lead = ''): MutableSchema {
  const present = typeof schema['description'] === 'string' ? [schema['description']] : [];
  const all = [...(lead === '' ? [] : present), ...words];
  const text = lead === '' ? (present[0] ?? '') : lead;
  const extra = all.join('; ');
  const description = text === '' ? extra : extra === '' ? text : `${text} (${extra})`;
  if (description !== '') schema['description'] = description;
  return schema;
}

/** A plain union inside a union is part of it. */
function unwrapped(schema: MutableSchema): MutableSchema[] {
  const { anyOf } = schema;
  return Array.isArray(anyOf) && Object.keys(schema).length === 1 ? (anyOf as MutableSchema[]) : [schema];
}

function isNever(schema: JsonObject): boolean {
  const { not } = schema;
  return not === true || (isJsonObject(not) && Object.keys(not).length === 0);
}

function onlyAnnotations(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => annotationKeywords.has(keyword)));
}

/** The keywords that say something about values of one type. */
function keywordsFor(type: JsonValue, schema: JsonObject): JsonObject {
  const own = keywordsOfType[type === 'integer' ? 'number' : String(type)];
  const known = new Set(Object.values(keywordsOfType).flatMap((keywords) => [...keywords]));
  return Object.fromEntries(
    Object.entries(schema).filter(
      ([keyword]) => !annotationKeywords.has(keyword) && (own?.has(keyword) === true || !known.has(keyword)),
    ),
  );
}

function hasType(value: JsonValue, type: JsonValue): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'integer':
      return Number.isInteger(value);
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isJsonObject(value);
    default:
      return typeof value === type;
  }
}

/** Whether the numbers are whole and without a gap, so that their bounds say all. */
function isRange(numbers: readonly number[]): boolean {
  const distinct = new Set(numbers);
  return (
    numbers.every((value) => Number.isInteger(value)) &&
    Math.max(...numbers) - Math.min(...numbers) === distinct.size - 1
  );
}

function includesValue(values: readonly unknown[], value: JsonValue): boolean {
  const text = canonicalJson(value);
  return values.some((member) => canonicalJson(member) === text);
}

function enumeratedKeys(propertyNames: JsonValue | undefined): string[] | undefined {
  if (!isJsonObject(propertyNames)) return undefined;
  const listed = propertyNames['const'] === undefined ? propertyNames['enum'] : [propertyNames['const']];
  if (!Array.isArray(listed) || listed.length === 0) return undefined;
  const keys = listed.filter((key): key is string => typeof key === 'string');
  return keys.length === listed.length ? keys : undefined;
}

function counted(value: unknown, noun: string): string {
  return `${String(value)} ${noun}${value === 1 ? '' : 's'}`;
}

function listValues(values: readonly JsonValue[]): string {
  const shown = values.slice(0, spelledListLength).map((value) => JSON.stringify(value));
  return `${shown.join(', ')}${values.length > shown.length ? ', …' : ''}`;
}

/** A few words for a tuple's position. */
function shortName(schema: MutableSchema): string {
  const { description, type } = schema;
  if (typeof description === 'string') return description;
  if (Array.isArray(schema['enum'])) return listValues(schema['enum'] as readonly JsonValue[]);
  if (typeof type === 'string') return type;
  const branches = schema['anyOf'];
  if (Array.isArray(branches)) return (branches as MutableSchema[]).map((branch) => shortName(branch)).join(' or ');
  return 'any value';
}
