import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { attempt, type Budget } from '../engine/budget.ts';
import type { Draft } from '../engine/draft.ts';
import { areDisjointByInspection } from '../engine/disjoint.ts';
import type { SchemaDocument } from '../engine/schema-document.ts';
import { changeRules, type ChangeDirection, type ChangeRule } from './change-rules.ts';
import { compareAnnotations, compareKeywords } from './compare-keywords.ts';
import { compareUnions, isComparedAsUnion } from './compare-unions.ts';
import { turned, type Edit, type Place, type Walk } from './walk.ts';

/**
 * Lists the edits between two schemas by walking through both at once. Every keyword that differs where the walk comes by
 * is noted, so that no edit of what is allowed stays unnamed. Where the budget runs out, the last edit says so.
 */
export function editsBetween(older: SchemaDocument, newer: SchemaDocument, budget: Budget): readonly Edit[] {
  return new SchemaWalk(older, newer, budget).run();
}

/** Keywords of a reference that say nothing of documents. */
const REFERENCE_ONLY = ['$ref', '$defs', 'definitions', '$schema', '$id', '$comment'];
const ANNOTATIONS = ['title', 'description', 'examples', 'default', 'deprecated', 'readOnly', 'writeOnly'];

class SchemaWalk implements Walk {
  readonly #older: SchemaDocument;
  readonly #newer: SchemaDocument;
  readonly #budget: Budget;
  readonly #edits: Edit[] = [];
  readonly #visited = new Map<JsonValue, Map<JsonValue, Set<string>>>();
  readonly #followed = new Map<JsonValue, JsonValue>();
  #at: readonly string[] = [];

  constructor(older: SchemaDocument, newer: SchemaDocument, budget: Budget) {
    this.#older = older;
    this.#newer = newer;
    this.#budget = budget;
  }

  get isSeeing(): boolean {
    return this.#older.hasUnevaluated || this.#newer.hasUnevaluated;
  }

  get oldDraft(): Draft {
    return this.#older.draft;
  }

  get newDraft(): Draft {
    return this.#newer.draft;
  }

  run(): readonly Edit[] {
    attempt(
      () => this.compare(this.#older.root, this.#newer.root, { path: [], polarity: 'kept' }),
      () => this.#push('not-compared', this.#at, ['backward', 'forward']),
    );
    return this.#edits;
  }

  note(
    rule: ChangeRule,
    place: Place,
    before?: JsonValue,
    after?: JsonValue,
    affects?: readonly ChangeDirection[],
  ): void {
    this.#budget.spend(5);
    this.#push(rule, place.path, turned(affects ?? changeRules[rule].affects ?? [], place), before, after);
  }

  compare(oldGiven: JsonValue, newGiven: JsonValue, place: Place): void {
    this.#at = place.path;
    this.#budget.spend(5);
    const before = this.followOld(oldGiven);
    const after = this.followNew(newGiven);
    if (isSameFlat(before, after) || this.#wasHere(before, after, place)) return;
    if (!isJsonObject(before) || !isJsonObject(after)) {
      this.#compareBooleans(before, after, place);
      return;
    }
    compareAnnotations(this, before, after, place);
    if (isComparedAsUnion(before, after)) compareUnions(this, before, after, place);
    else compareKeywords(this, before, after, place);
  }

  isSame(left: JsonValue | undefined, right: JsonValue | undefined): boolean {
    if (left === right) return true;
    return left !== undefined && right !== undefined && this.textOf(left) === this.textOf(right);
  }

  targetOf(side: 'old' | 'new', keyword: string, schema: JsonObject): JsonValue | undefined {
    const document = side === 'old' ? this.#older : this.#newer;
    const reference = schema[keyword];
    if (typeof reference !== 'string') return undefined;
    return keyword === '$ref' ? document.resolve(reference, schema) : document.resolveDynamic(reference, schema);
  }

  textOf(value: JsonValue): string {
    const text = canonicalJson(value);
    this.#budget.spend(1 + (text.length >> 6));
    return text;
  }

  followOld(schema: JsonValue): JsonValue {
    return this.#follow(schema, this.#older);
  }

  followNew(schema: JsonValue): JsonValue {
    return this.#follow(schema, this.#newer);
  }

  areDisjoint(before: readonly JsonValue[], after: readonly JsonValue[]): boolean {
    const sides = [
      [before, this.#older],
      [after, this.#newer],
    ] as const;
    return sides.every(([options, document]) =>
      options.every((option, index) => {
        this.#budget.spend(index);
        return options.slice(0, index).every((other) => areDisjointByInspection(option, other, document));
      }),
    );
  }

  spend(steps: number): void {
    this.#budget.spend(steps);
  }

  #push(
    rule: ChangeRule,
    path: readonly string[],
    affects: readonly ChangeDirection[],
    before?: JsonValue,
    after?: JsonValue,
  ): void {
    this.#edits.push({ rule, path, affects, before, after });
  }

  /** Whether two schemas were compared already where edits mean the same; notes that they are now. */
  #wasHere(before: JsonValue, after: JsonValue, { polarity }: Place): boolean {
    if (!isJsonObject(before) || !isJsonObject(after)) return false;
    const partners = this.#visited.get(before) ?? new Map<JsonValue, Set<string>>();
    this.#visited.set(before, partners);
    const polarities = partners.get(after) ?? new Set();
    partners.set(after, polarities);
    if (polarities.has(polarity) || polarities.has('mixed')) return true;
    polarities.add(polarity);
    return false;
  }

  /**
   * The schema that a reference leads to, with what stands beside the reference; the same object each time. Where both
   * restrict the same the reference stays, to be compared as a keyword of its own.
   */
  #follow(schema: JsonValue, document: SchemaDocument): JsonValue {
    const reference = isJsonObject(schema) ? schema['$ref'] : undefined;
    if (!isJsonObject(schema) || typeof reference !== 'string') return schema;
    const known = this.#followed.get(schema);
    if (known !== undefined) return known;
    this.#followed.set(schema, schema); // what a reference in a circle leads to
    const target = document.resolve(reference, schema);
    const end = target === undefined ? schema : this.#follow(target, document);
    const result = document.draft === '7' || end === schema ? end : joined(schema, end);
    this.#followed.set(schema, result);
    return result;
  }

  #compareBooleans(before: JsonValue, after: JsonValue, place: Place): void {
    if (this.isSame(before, after) || (isOpen(before) && isOpen(after))) return;
    if (after === false) this.note('schema-forbidden', place, before, after);
    else if (isOpen(after)) this.note('schema-unrestricted', place, before, after);
    else
      this.note(
        'schema-replaced',
        place,
        before,
        after,
        isOpen(before) ? ['backward'] : before === false ? ['forward'] : undefined,
      );
  }
}

/** Whether two schemas are the same word for word, with nothing in them and no reference: most pairs of a large schema are. */
function isSameFlat(before: JsonValue, after: JsonValue): boolean {
  if (!isJsonObject(before) || !isJsonObject(after)) return false;
  let surplus = 0;
  for (const keyword in before) {
    const value = before[keyword];
    if (typeof value === 'object' || value !== after[keyword] || keyword.startsWith('$')) return false;
    surplus += 1;
  }
  for (const _keyword in after) surplus -= 1;
  return surplus === 0;
}

function joined(schema: JsonObject, end: JsonValue): JsonValue {
  const beside = Object.entries(schema).filter(
    ([keyword, value]) => value !== undefined && !REFERENCE_ONLY.includes(keyword),
  );
  if (beside.length === 0 || (!isJsonObject(end) && beside.every(([keyword]) => ANNOTATIONS.includes(keyword))))
    return end;
  if (!isJsonObject(end)) return schema;
  const isClear = beside.every(([keyword]) => ANNOTATIONS.includes(keyword) || !isTogether(keyword, end));
  return isClear && end['$ref'] === undefined ? { ...end, ...Object.fromEntries(beside) } : schema;
}

/** Whether a schema has a keyword, or one that is read together with it, which side by side would mean something else. */
function isTogether(keyword: string, schema: JsonObject): boolean {
  const group = TOGETHER.find((keywords) => keywords.includes(keyword)) ?? [keyword];
  return group.some((other) => schema[other] !== undefined);
}

const TOGETHER = [
  ['properties', 'patternProperties', 'additionalProperties', 'required', 'unevaluatedProperties'],
  ['items', 'prefixItems', 'additionalItems', 'unevaluatedItems'],
  ['if', 'then', 'else'],
  ['contains', 'minContains', 'maxContains'],
  ['const', 'enum'],
];

function isOpen(schema: JsonValue): boolean {
  return schema === true || (isJsonObject(schema) && Object.keys(schema).length === 0);
}
