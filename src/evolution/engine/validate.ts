import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { Budget } from './budget.ts';
import { draftOf, type Draft } from './draft.ts';
import { jsonTypeOf } from './json-type.ts';
import { SchemaDocument } from './schema-document.ts';
import type { Application } from './validation/application.ts';
import { validateArray, validateUnevaluatedItems } from './validation/arrays.ts';
import { validateObject, validateUnevaluatedProperties } from './validation/objects.ts';
import { PatternMatcher } from './validation/pattern-matcher.ts';
import { validateNumber, validateString } from './validation/scalars.ts';
import {
  ACCEPTED,
  CannotValidate,
  merge,
  refused,
  verdictOf,
  type Verdict,
  type Violation,
} from './validation/verdict.ts';

/**
 * A plain JSON Schema validator, written against the specification alone, that shares no reasoning with the solver: it
 * checks the solver's witnesses. `format` and the `content` keywords are annotations, numbers compare as exact decimals.
 */
export class Validator {
  readonly #document: SchemaDocument;
  readonly #patterns = new PatternMatcher();
  readonly #within: Application;
  readonly #underWay = new Map<JsonObject, Set<JsonValue>>();
  readonly #texts = new Map<JsonValue, ReadonlySet<string>>();
  #budget = UNLIMITED;
  #depth = 0;

  constructor(schema: JsonValue | SchemaDocument, draft?: Draft) {
    const isRead = schema instanceof SchemaDocument;
    this.#document = isRead ? schema : new SchemaDocument(schema, draft ?? draftOf(schema));
    const document = this.#document;
    this.#within = {
      draft: document.draft,
      isSeeing: document.draft !== '7' && document.hasUnevaluated,
      apply: (inner, value, at) => this.#apply(inner, value, at),
      matches: (keyword, pattern, text) =>
        this.#patterns.matches(keyword, pattern, text, this.#budget === UNLIMITED ? undefined : this.#budget),
      textOf: (value) => this.#textOf(value),
      spend: (steps) => this.#budget.spend(steps),
    };
  }

  /**
   * Why the document is refused; empty when it is valid. Throws CannotValidate for schemas that make no sense, and
   * BudgetExhausted where that takes more steps than the budget has.
   */
  violations(value: JsonValue, budget: Budget = UNLIMITED): readonly Violation[] {
    this.#budget = budget;
    return this.#apply(this.#document.root, value, '').violations;
  }

  accepts(value: JsonValue, budget: Budget = UNLIMITED): boolean {
    return this.violations(value, budget).length === 0;
  }

  #apply(schema: JsonValue, value: JsonValue, at: string): Verdict {
    if (schema === true) return ACCEPTED;
    if (schema === false) return refused(at, 'false', 'nothing is allowed here');
    if (!isJsonObject(schema)) throw new CannotValidate('a schema that is neither an object nor a boolean');
    this.#budget.spend(2);
    const values = this.#underWay.get(schema) ?? new Set();
    this.#underWay.set(schema, values);
    const mark = isScalar(value) ? at : value;
    if (values.has(mark) || this.#depth > 2_000) throw new CannotValidate('$ref without end');
    values.add(mark);
    this.#depth += 1;
    try {
      return this.#applyKeywords(schema, value, at);
    } finally {
      this.#depth -= 1;
      values.delete(mark);
    }
  }

  #applyKeywords(schema: JsonObject, value: JsonValue, at: string): Verdict {
    const isOld = this.#document.draft === '7';
    if (isOld && typeof schema['$ref'] === 'string') return this.#follow('$ref', schema, value, at);
    const verdicts: Verdict[] = ['$ref', '$dynamicRef', '$recursiveRef'].flatMap((keyword) =>
      schema[keyword] === undefined ? [] : [this.#follow(keyword, schema, value, at)],
    );
    verdicts.push(this.#anyType(schema, value, at));
    if (typeof value === 'number') verdicts.push(validateNumber(schema, value, at));
    else if (typeof value === 'string') verdicts.push(validateString(this.#within, schema, value, at));
    else if (Array.isArray(value)) verdicts.push(validateArray(this.#within, schema, value, at));
    else if (isJsonObject(value)) verdicts.push(validateObject(this.#within, schema, value, at));
    verdicts.push(...this.#combinations(schema, value, at));
    const verdict = merge(verdicts);
    if (isOld) return verdict;
    if (Array.isArray(value))
      return merge([verdict, validateUnevaluatedItems(this.#within, schema, value, at, verdict.evaluated)]);
    if (isJsonObject(value))
      return merge([verdict, validateUnevaluatedProperties(this.#within, schema, value, at, verdict.evaluated)]);
    return verdict;
  }

  #follow(keyword: string, schema: JsonObject, value: JsonValue, at: string): Verdict {
    const reference = schema[keyword];
    const resolve = keyword === '$ref' ? 'resolve' : 'resolveDynamic';
    const target = typeof reference === 'string' ? this.#document[resolve](reference, schema) : undefined;
    if (target === undefined) throw new CannotValidate(keyword);
    return this.#apply(target, value, at);
  }

  #anyType(schema: JsonObject, value: JsonValue, at: string): Verdict {
    const { type, enum: members, const: only } = schema;
    const violations: Violation[] = [];
    if (type !== undefined) {
      const names: readonly JsonValue[] = Array.isArray(type) ? type : [type];
      if (!names.some((name) => isOfType(value, name)))
        violations.push({ at, keyword: 'type', message: `must be ${names.join(' or ')}` });
    }
    if (members !== undefined) {
      if (!Array.isArray(members)) throw new CannotValidate('enum');
      if (!this.#textsOf(members).has(this.#textOf(value))) {
        violations.push({ at, keyword: 'enum', message: 'must be one of the listed values' });
      }
    }
    if (only !== undefined && this.#textOf(only) !== this.#textOf(value)) {
      violations.push({ at, keyword: 'const', message: `must be ${JSON.stringify(only)}` });
    }
    return verdictOf(violations);
  }

  #textOf(value: JsonValue): string {
    const text = canonicalJson(value);
    this.#budget.spend(1 + (text.length >> 6));
    return text;
  }

  #textsOf(members: readonly JsonValue[]): ReadonlySet<string> {
    let texts = this.#texts.get(members);
    if (texts === undefined) {
      texts = new Set(members.map((member) => this.#textOf(member)));
      this.#texts.set(members, texts);
    }
    return texts;
  }

  #combinations(schema: JsonObject, value: JsonValue, at: string): Verdict[] {
    const { allOf, anyOf, oneOf, not, if: condition, then, else: otherwise } = schema;
    const verdicts: Verdict[] = [];
    if (allOf !== undefined) verdicts.push(...this.#each('allOf', allOf, value, at));
    for (const [keyword, members] of [
      ['anyOf', anyOf],
      ['oneOf', oneOf],
    ] as const) {
      if (members === undefined) continue;
      const accepting = this.#each(keyword, members, value, at).filter((verdict) => verdict.violations.length === 0);
      const isMet = keyword === 'anyOf' ? accepting.length > 0 : accepting.length === 1;
      verdicts.push(
        isMet
          ? merge(accepting)
          : refused(at, keyword, keyword === 'anyOf' ? 'must fit an alternative' : 'must fit exactly one alternative'),
      );
    }
    if (not !== undefined && this.#apply(not, value, at).violations.length === 0) {
      verdicts.push(refused(at, 'not', 'must not be what is excluded'));
    }
    if (condition !== undefined) {
      const verdict = this.#apply(condition, value, at);
      const isMet = verdict.violations.length === 0;
      if (isMet) verdicts.push(verdict);
      const next = isMet ? then : otherwise;
      if (next !== undefined) verdicts.push(this.#apply(next, value, at));
    }
    return verdicts;
  }

  #each(keyword: string, schemas: JsonValue, value: JsonValue, at: string): Verdict[] {
    if (!Array.isArray(schemas)) throw new CannotValidate(keyword);
    return schemas.map((inner: JsonValue) => this.#apply(inner, value, at));
  }
}

const UNLIMITED = new Budget(Infinity);
function isOfType(value: JsonValue, name: JsonValue): boolean {
  if (name === 'integer') return typeof value === 'number' && Number.isInteger(value);
  if (typeof name !== 'string' || !['null', 'boolean', 'number', 'string', 'array', 'object'].includes(name))
    throw new CannotValidate('type');
  return jsonTypeOf(value) === name;
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}
