import { createHash } from 'node:crypto';
import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { changeRules, PROMPT_RULES, type ChangeDirection, type ChangeRule } from './change-rules.ts';
import type { Draft } from '../engine/draft.ts';
import { attempt, type Budget } from '../engine/budget.ts';
import { hintRenames } from './renames.ts';
import type { SchemaDocument } from '../engine/schema-document.ts';
import { unionOptions, type UnionOption } from '../engine/union-options.ts';

/** One edit, as a person would list it. The verdicts do not rest on these: they only explain. */
export interface SchemaChange {
  readonly rule: ChangeRule;
  /**
   * JSON pointer to the edited place in the new schema (in the old one for what was removed), read through references,
   * so that it stays the same when a definition is moved into `$defs`.
   */
  readonly pointer: string;
  /** The directions that this edit can break. */
  readonly affects: readonly ChangeDirection[];
  /** `breaking`: it affects a direction that is not compatible; `prompt`: it changes what the model is told, not the documents. */
  readonly severity: 'breaking' | 'compatible' | 'prompt';
  /** Twelve hexadecimal digits that stay the same as long as rule, place and values do. */
  readonly fingerprint: string;
  readonly before?: JsonValue;
  readonly after?: JsonValue;
  /** The name that a removed property seems to have now, or that an added one seems to have had. */
  readonly renamedTo?: string;
  readonly renamedFrom?: string;
  readonly text: string;
}

interface Edit {
  readonly rule: ChangeRule;
  readonly path: readonly string[];
  readonly affects: readonly ChangeDirection[];
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

/**
 * Lists the edits between two schemas; `broken` are the directions whose verdict is not `compatible`. Where the budget
 * runs out, the last edit says so.
 */
export function listChanges(
  older: SchemaDocument,
  newer: SchemaDocument,
  broken: readonly ChangeDirection[],
  budget: Budget,
): SchemaChange[] {
  const edits = new Differ(older, newer, budget).run();
  const renames = hintRenames(edits, budget);
  const describe = (edit: Edit): SchemaChange => {
    const pointer = edit.path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
    const { rule, affects, before, after } = edit;
    const isBreaking = affects.some((direction) => broken.includes(direction));
    return {
      rule,
      pointer,
      affects,
      severity: PROMPT_RULES.has(rule) ? 'prompt' : isBreaking ? 'breaking' : 'compatible',
      fingerprint: fingerprintOf(rule, pointer, before, after),
      ...(before === undefined ? {} : { before }),
      ...(after === undefined ? {} : { after }),
      ...renames.get(edit),
      text: changeRules[rule].text,
    };
  };
  // Values that nest too deeply to be written down are left out.
  return edits.map((edit) =>
    attempt(
      () => describe(edit),
      () => describe({ ...edit, before: undefined, after: undefined }),
    ),
  );
}

function fingerprintOf(
  rule: string,
  pointer: string,
  before: JsonValue | undefined,
  after: JsonValue | undefined,
): string {
  const text = canonicalJson([rule, pointer, before === undefined ? [] : [before], after === undefined ? [] : [after]]);
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

const LIMITS = {
  minimum: ['minimum', 'raised'],
  exclusiveMinimum: ['exclusive-minimum', 'raised'],
  minLength: ['min-length', 'raised'],
  minItems: ['min-items', 'raised'],
  minProperties: ['min-properties', 'raised'],
  maximum: ['maximum', 'lowered'],
  exclusiveMaximum: ['exclusive-maximum', 'lowered'],
  maxLength: ['max-length', 'lowered'],
  maxItems: ['max-items', 'lowered'],
  maxProperties: ['max-properties', 'lowered'],
} as const;

const ANNOTATIONS = {
  title: 'title-changed',
  description: 'description-changed',
  examples: 'examples-changed',
  default: 'default-changed',
} as const;

const REFERENCE_ONLY = ['$ref', '$defs', 'definitions', '$schema', '$id'];

/** An alternative with what its reference leads to. */
interface Option extends UnionOption {
  readonly target: JsonValue;
}

/** Keywords compared only as a whole. */
const WHOLES = [
  'allOf',
  'contains',
  'dependencies',
  'dependentRequired',
  'dependentSchemas',
  'else',
  'if',
  'maxContains',
  'minContains',
  'not',
  'patternProperties',
  'propertyNames',
  'then',
  'unevaluatedItems',
  'unevaluatedProperties',
  '$dynamicRef',
  '$recursiveRef',
];

class Differ {
  readonly #older: SchemaDocument;
  readonly #newer: SchemaDocument;
  readonly #edits: Edit[] = [];
  readonly #visited = new Map<JsonValue, Set<JsonValue>>();
  readonly #followed = new Map<JsonValue, JsonValue>();

  readonly #budget: Budget;
  /** The place being compared. */
  #at: readonly string[] = [];

  constructor(older: SchemaDocument, newer: SchemaDocument, budget: Budget) {
    this.#older = older;
    this.#newer = newer;
    this.#budget = budget;
  }

  run(): Edit[] {
    attempt(
      () => this.#compare(this.#older.root, this.#newer.root, []),
      () => this.#push('not-compared', this.#at),
    );
    return this.#edits;
  }

  #note(
    rule: ChangeRule,
    path: readonly string[],
    before?: JsonValue,
    after?: JsonValue,
    affects?: readonly ChangeDirection[],
  ): void {
    this.#budget.spend(5);
    this.#push(rule, path, before, after, affects);
  }

  #push(
    rule: ChangeRule,
    path: readonly string[],
    before?: JsonValue,
    after?: JsonValue,
    affects?: readonly ChangeDirection[],
  ): void {
    this.#edits.push({ rule, path, before, after, affects: affects ?? changeRules[rule].affects ?? [] });
  }

  #isSame(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
    if (left === right) return true;
    return left !== undefined && right !== undefined && this.#textOf(left) === this.#textOf(right);
  }

  #textOf(value: JsonValue): string {
    const text = canonicalJson(value);
    this.#budget.spend(1 + (text.length >> 6));
    return text;
  }

  #compare(oldGiven: JsonValue, newGiven: JsonValue, path: readonly string[]): void {
    this.#at = path;
    this.#budget.spend(5);
    const before = this.#follow(oldGiven, this.#older);
    const after = this.#follow(newGiven, this.#newer);
    const seen = this.#visited.get(before) ?? new Set();
    if (isJsonObject(before) && seen.has(after)) return;
    this.#visited.set(before, seen.add(after));
    if (!isJsonObject(before) || !isJsonObject(after)) {
      this.#compareBooleans(before, after, path);
      return;
    }
    this.#compareAnnotations(before, after, path);
    const oldOptions = unionOptions(before);
    const newOptions = unionOptions(after);
    if (oldOptions.length > 1 || newOptions.length > 1) this.#compareUnions(before, after, path);
    else this.#compareKeywords(before, after, path);
  }

  /** The schema that a reference leads to, with what stands beside the reference; the same object each time. */
  #follow(schema: JsonValue, document: SchemaDocument): JsonValue {
    const reference = isJsonObject(schema) ? schema['$ref'] : undefined;
    if (!isJsonObject(schema) || typeof reference !== 'string') return schema;
    const known = this.#followed.get(schema);
    if (known !== undefined) return known;
    this.#followed.set(schema, schema); // what a reference in a circle leads to
    const target = document.resolve(reference, schema);
    const end = target === undefined ? schema : this.#follow(target, document);
    const beside = Object.entries(schema).filter(([keyword]) => !REFERENCE_ONLY.includes(keyword));
    const isAlone = document.draft === '7' || beside.length === 0 || !isJsonObject(end) || end === schema;
    const result = isAlone ? end : { ...end, ...Object.fromEntries(beside) };
    this.#followed.set(schema, result);
    return result;
  }

  #compareBooleans(before: JsonValue, after: JsonValue, path: readonly string[]): void {
    if (before === after) return;
    if (after === false) this.#note('schema-forbidden', path, before, after);
    else if (after === true) this.#note('schema-unrestricted', path, before, after);
    else
      this.#note(
        'schema-replaced',
        path,
        before,
        after,
        before === true ? ['backward'] : before === false ? ['forward'] : undefined,
      );
  }

  #compareAnnotations(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    for (const [keyword, rule] of Object.entries(ANNOTATIONS)) {
      if (!this.#isSame(before[keyword], after[keyword]))
        this.#note(rule, [...path, keyword], before[keyword], after[keyword]);
    }
  }

  /** Pairs alternatives that are equal, then those with the same discriminator, then those of the same type. */
  #compareUnions(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    let left: Option[] = unionOptions(before).map((option) => ({
      ...option,
      target: this.#follow(option.schema, this.#older),
    }));
    let right: Option[] = unionOptions(after).map((option) => ({
      ...option,
      target: this.#follow(option.schema, this.#newer),
    }));
    for (const keyOf of [(schema: JsonValue) => this.#textOf(schema), discriminatorOf, typeKey]) {
      const groups = new Map<string, { left: Option[]; right: Option[] }>();
      for (const [side, options] of [
        ['left', left],
        ['right', right],
      ] as const) {
        for (const option of options) {
          const key = keyOf(option.target);
          this.#budget.spend(2);
          if (key === undefined) continue;
          const group = groups.get(key) ?? { left: [], right: [] };
          groups.set(key, group);
          group[side].push(option);
        }
      }
      const paired = new Set<Option>();
      for (const group of groups.values()) {
        if (keyOf === typeKey && (group.left.length > 1 || group.right.length > 1)) continue;
        for (const [index, option] of group.left.entries()) {
          const partner = group.right[index];
          if (partner === undefined) break;
          paired.add(option).add(partner);
          this.#compare(option.schema, partner.schema, [...path, ...partner.path]);
        }
      }
      left = left.filter((option) => !paired.has(option));
      right = right.filter((option) => !paired.has(option));
    }
    if (left.length === 1 && right.length === 1 && left[0] !== undefined && right[0] !== undefined) {
      this.#compare(left[0].schema, right[0].schema, [...path, ...right[0].path]);
      return;
    }
    for (const option of left) {
      this.#note(
        isBareType(option.target) ? 'type-narrowed' : 'union-option-removed',
        [...path, ...option.path],
        option.schema,
      );
    }
    for (const option of right) {
      this.#note(
        isBareType(option.target) ? 'type-widened' : 'union-option-added',
        [...path, ...option.path],
        undefined,
        option.schema,
      );
    }
  }

  #compareKeywords(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    if (!this.#compareTypes(before, after, path)) return;
    this.#compareValues(before, after, path);
    for (const [keyword, [name, narrowing]] of Object.entries(LIMITS))
      this.#compareLimit(before, after, path, keyword, name, narrowing);
    this.#comparePresence(before, after, path, 'multipleOf', 'multiple-of');
    this.#comparePresence(before, after, path, 'pattern', 'pattern');
    this.#comparePresence(before, after, path, 'format', 'format');
    const wasUnique = before['uniqueItems'] === true;
    if (wasUnique !== (after['uniqueItems'] === true)) {
      this.#note(wasUnique ? 'unique-items-removed' : 'unique-items-added', [...path, 'uniqueItems']);
    }
    this.#compareProperties(before, after, path);
    this.#compareAdditional(before, after, path);
    this.#compareItems(before, after, path);
    for (const keyword of WHOLES) {
      if (!this.#isSame(before[keyword], after[keyword]))
        this.#note('keyword-changed', [...path, keyword], before[keyword], after[keyword]);
    }
  }

  /** False when the types have nothing in common, so that nothing else is worth comparing. */
  #compareTypes(before: JsonObject, after: JsonObject, path: readonly string[]): boolean {
    const left = before['type'];
    const right = after['type'];
    if (this.#isSame(left, right)) return true;
    const isNarrower = allows(left, right);
    const isWider = allows(right, left);
    if (isNarrower && isWider) return true;
    const rule = isNarrower ? 'type-narrowed' : isWider ? 'type-widened' : 'type-changed';
    this.#note(rule, [...path, 'type'], left, right);
    return rule !== 'type-changed';
  }

  #compareValues(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    const left = listedValues(before);
    const right = listedValues(after);
    const place = [...path, after['const'] !== undefined ? 'const' : 'enum'];
    if (left === undefined && right === undefined) return;
    if (left === undefined) this.#note('enum-added', place, undefined, [...(right ?? [])]);
    else if (right === undefined)
      this.#note('enum-removed', [...path, before['const'] !== undefined ? 'const' : 'enum'], [...left]);
    else {
      const leftTexts = new Set(left.map(canonicalJson));
      const rightTexts = new Set(right.map(canonicalJson));
      for (const value of left)
        if (!rightTexts.has(canonicalJson(value))) this.#note('enum-value-removed', place, value);
      for (const value of right)
        if (!leftTexts.has(canonicalJson(value))) this.#note('enum-value-added', place, undefined, value);
    }
  }

  #compareLimit(
    before: JsonObject,
    after: JsonObject,
    path: readonly string[],
    keyword: string,
    name: (typeof LIMITS)[keyof typeof LIMITS][0],
    narrowing: 'raised' | 'lowered',
  ): void {
    const left = before[keyword];
    const right = after[keyword];
    if (this.#isSame(left, right)) return;
    const place = [...path, keyword];
    if (left === undefined) this.#note(`${name}-added`, place, left, right);
    else if (right === undefined) this.#note(`${name}-removed`, place, left, right);
    else if (typeof left !== 'number' || typeof right !== 'number') this.#note('keyword-changed', place, left, right);
    else
      this.#note(
        right > left ? `${name}-raised` : `${name}-lowered`,
        place,
        left,
        right,
        right > left === (narrowing === 'raised') ? ['backward'] : ['forward'],
      );
  }

  #comparePresence(
    before: JsonObject,
    after: JsonObject,
    path: readonly string[],
    keyword: string,
    name: 'multiple-of' | 'pattern' | 'format',
  ): void {
    const left = before[keyword];
    const right = after[keyword];
    if (this.#isSame(left, right)) return;
    const change = left === undefined ? 'added' : right === undefined ? 'removed' : 'changed';
    this.#note(`${name}-${change}`, [...path, keyword], left, right);
  }

  #compareProperties(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    const left = mapOf(before['properties']);
    const right = mapOf(after['properties']);
    const oldRequired = requiredNames(before);
    const newRequired = requiredNames(after);
    for (const name of new Set([...Object.keys(left), ...oldRequired, ...Object.keys(right), ...newRequired])) {
      const place = [...path, 'properties', name];
      const was = Object.hasOwn(left, name) ? left[name] : undefined;
      const is = Object.hasOwn(right, name) ? right[name] : undefined;
      const wasRequired = oldRequired.includes(name);
      const isRequired = newRequired.includes(name);
      if (was === undefined && is !== undefined && !wasRequired) {
        const rest = openness(before);
        const affects: ChangeDirection[] = [];
        if (isRequired || rest !== 'closed') affects.push('backward');
        if (rest !== 'open') affects.push('forward');
        this.#note(isRequired ? 'required-property-added' : 'property-added', place, undefined, is, affects);
      } else if (was !== undefined && is === undefined && !isRequired) {
        const rest = openness(after);
        const affects: ChangeDirection[] = [];
        if (rest !== 'open') affects.push('backward');
        if (wasRequired || rest !== 'closed') affects.push('forward');
        this.#note(wasRequired ? 'required-property-removed' : 'property-removed', place, was, undefined, affects);
      } else {
        if (isRequired && !wasRequired) this.#note('property-became-required', place);
        if (wasRequired && !isRequired) this.#note('property-became-optional', place);
        if (was !== undefined || is !== undefined) this.#compare(was ?? true, is ?? true, place);
      }
    }
  }

  #compareAdditional(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    const place = [...path, 'additionalProperties'];
    const left = before['additionalProperties'] ?? true;
    const right = after['additionalProperties'] ?? true;
    if (this.#isSame(left, right)) return;
    const was = openness(before);
    const is = openness(after);
    if (is === was) {
      if (was === 'restricted') this.#compare(left, right, place);
    } else if (is === 'closed') this.#note('additional-properties-closed', place, left, right);
    else if (is === 'open') this.#note('additional-properties-opened', place, left, right);
    else this.#note('additional-properties-changed', place, left, right, was === 'open' ? ['backward'] : ['forward']);
  }

  #compareItems(before: JsonObject, after: JsonObject, path: readonly string[]): void {
    const left = itemsOf(before, this.#older.draft);
    const right = itemsOf(after, this.#newer.draft);
    for (let index = 0; index < Math.max(left.prefix.length, right.prefix.length); index += 1) {
      const was = left.prefix[index];
      const is = right.prefix[index];
      if (was !== undefined && is !== undefined) this.#compare(was, is, [...path, right.prefixKeyword, String(index)]);
      else if (is !== undefined)
        this.#note('tuple-item-added', [...path, right.prefixKeyword, String(index)], undefined, is);
      else if (was !== undefined) this.#note('tuple-item-removed', [...path, left.prefixKeyword, String(index)], was);
    }
    const place = [...path, right.restKeyword];
    if (left.rest === undefined && right.rest !== undefined) this.#note('items-added', place, undefined, right.rest);
    else if (left.rest !== undefined && right.rest === undefined) this.#note('items-removed', place, left.rest);
    else if (left.rest !== undefined && right.rest !== undefined) this.#compare(left.rest, right.rest, place);
  }
}

function isSame(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
  if (left === undefined || right === undefined) return left === right;
  return left === right || canonicalJson(left) === canonicalJson(right);
}

function mapOf(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

function requiredNames(schema: JsonObject): readonly string[] {
  const { required } = schema;
  return Array.isArray(required) ? required.filter((name: JsonValue) => typeof name === 'string') : [];
}

function openness(schema: JsonObject): 'open' | 'closed' | 'restricted' {
  const rest = schema['additionalProperties'];
  if (rest === undefined || rest === true || (isJsonObject(rest) && Object.keys(rest).length === 0)) return 'open';
  return rest === false || (isJsonObject(rest) && isSame(rest, { not: {} })) ? 'closed' : 'restricted';
}

function listedValues(schema: JsonObject): readonly JsonValue[] | undefined {
  const { const: only, enum: members } = schema;
  if (only !== undefined) return [only];
  return Array.isArray(members) ? members : undefined;
}

/** Whether every document of the second `type` is of the first. */
function allows(wide: JsonValue | undefined, narrow: JsonValue | undefined): boolean {
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  const wideTypes: readonly JsonValue[] = Array.isArray(wide) ? wide : [wide];
  const narrowTypes: readonly JsonValue[] = Array.isArray(narrow) ? narrow : [narrow];
  return narrowTypes.every((type) => wideTypes.includes(type) || (type === 'integer' && wideTypes.includes('number')));
}

function discriminatorOf(schema: JsonValue): string | undefined {
  if (!isJsonObject(schema)) return undefined;
  const constants = requiredNames(schema).flatMap((name) => {
    const property = mapOf(schema['properties'])[name];
    const values = isJsonObject(property) ? listedValues(property) : undefined;
    return values?.length === 1 ? [[name, values[0] ?? null]] : [];
  });
  return constants.length === 0 ? undefined : canonicalJson(constants);
}

function typeKey(schema: JsonValue): string | undefined {
  return isJsonObject(schema) && typeof schema['type'] === 'string'
    ? schema['type'].replace('integer', 'number')
    : undefined;
}

function isBareType(schema: JsonValue): boolean {
  return isJsonObject(schema) && Object.keys(schema).every((keyword) => keyword === 'type');
}

interface Items {
  readonly prefix: readonly JsonValue[];
  readonly prefixKeyword: string;
  readonly rest: JsonValue | undefined;
  readonly restKeyword: string;
}

function itemsOf(schema: JsonObject, draft: Draft): Items {
  const { items, prefixItems, additionalItems } = schema;
  if (Array.isArray(items))
    return { prefix: items, prefixKeyword: 'items', rest: additionalItems, restKeyword: 'additionalItems' };
  const prefix: readonly JsonValue[] = draft === '2020-12' && Array.isArray(prefixItems) ? prefixItems : [];
  return { prefix, prefixKeyword: 'prefixItems', rest: items, restKeyword: 'items' };
}
