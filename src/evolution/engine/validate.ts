import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import { Budget } from './budget.ts';
import { draftOf, type Draft } from './draft.ts';
import { jsonTypeOf } from './json-type.ts';
import { isMultipleOf, rationalFromNumber } from './numbers/rational.ts';
import { Languages } from './regex/languages.ts';
import { patternSource } from './regex/pattern-source.ts';
import { SchemaDocument } from './schema-document.ts';

/** A keyword that refused a part of a document. */
export interface Violation {
  /** JSON pointer to the part of the document. */
  readonly at: string;
  readonly keyword: string;
  readonly message: string;
}

/** Thrown when a schema says something that cannot be judged; the message names the keyword. */
export class CannotValidate extends Error {
  override readonly name = 'CannotValidate';
}

/** What a schema said about one place of a document. */
interface Verdict {
  readonly violations: readonly Violation[];
  /** Names of the properties, or indexes of the items, that some keyword looked at. */
  readonly evaluated: ReadonlySet<string | number>;
}

/**
 * A plain JSON Schema validator, written against the specification alone, that shares no reasoning with the solver: it
 * checks the solver's witnesses. `format` and the `content` keywords are annotations, numbers compare as exact decimals.
 */
export class Validator {
  readonly #document: SchemaDocument;
  readonly #patterns = new Map<string, RegExp>();
  readonly #languages = new Languages();
  readonly #underWay = new Map<JsonObject, Set<JsonValue>>();
  /** Whether any keyword asks what others have evaluated; keeping book of it is the larger part of the work. */
  readonly #isSeeing: boolean;
  readonly #texts = new Map<JsonValue, ReadonlySet<string>>();
  #budget = UNLIMITED;
  #depth = 0;

  constructor(schema: JsonValue | SchemaDocument, draft?: Draft) {
    const isRead = schema instanceof SchemaDocument;
    this.#document = isRead ? schema : new SchemaDocument(schema, draft ?? draftOf(schema));
    this.#isSeeing = this.#document.draft !== '7' && this.#document.hasUnevaluated;
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
    if (typeof value === 'number') verdicts.push(this.#number(schema, value, at));
    else if (typeof value === 'string') verdicts.push(this.#string(schema, value, at));
    else if (Array.isArray(value)) verdicts.push(this.#array(schema, value, at));
    else if (isJsonObject(value)) verdicts.push(this.#object(schema, value, at));
    verdicts.push(...this.#combinations(schema, value, at));
    const verdict = merge(verdicts);
    if (isOld) return verdict;
    if (Array.isArray(value)) return merge([verdict, this.#unevaluatedItems(schema, value, at, verdict.evaluated)]);
    if (isJsonObject(value)) return merge([verdict, this.#unevaluatedProperties(schema, value, at, verdict.evaluated)]);
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
    return violations.length === 0 ? ACCEPTED : { violations, evaluated: NONE };
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

  #number(schema: JsonObject, value: number, at: string): Verdict {
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    const violations: Violation[] = [];
    function check(
      keyword: string,
      limit: JsonValue | undefined,
      isMet: (limit: number) => boolean,
      words: string,
    ): void {
      if (limit === undefined || typeof limit === 'boolean') return;
      if (typeof limit !== 'number') throw new CannotValidate(keyword);
      if (!isMet(limit)) violations.push({ at, keyword, message: `must be ${words} ${limit}` });
    }
    check('minimum', minimum, (limit) => (exclusiveMinimum === true ? value > limit : value >= limit), 'at least');
    check('maximum', maximum, (limit) => (exclusiveMaximum === true ? value < limit : value <= limit), 'at most');
    check('exclusiveMinimum', exclusiveMinimum, (limit) => value > limit, 'above');
    check('exclusiveMaximum', exclusiveMaximum, (limit) => value < limit, 'below');
    check('multipleOf', multipleOf, (limit) => isDecimalMultiple(value, limit), 'a multiple of');
    return violations.length === 0 ? ACCEPTED : { violations, evaluated: NONE };
  }

  #string(schema: JsonObject, value: string, at: string): Verdict {
    const { minLength, maxLength, pattern } = schema;
    const violations: Violation[] = [];
    this.#budget.spend(1 + (value.length >> 4));
    const length = Array.from(value).length;
    if (minLength !== undefined && length < count('minLength', minLength)) {
      violations.push({
        at,
        keyword: 'minLength',
        message: `must have at least ${count('minLength', minLength)} characters`,
      });
    }
    if (maxLength !== undefined && length > count('maxLength', maxLength)) {
      violations.push({
        at,
        keyword: 'maxLength',
        message: `must have at most ${count('maxLength', maxLength)} characters`,
      });
    }
    if (pattern !== undefined && !this.#matches('pattern', pattern, value)) {
      violations.push({ at, keyword: 'pattern', message: 'must match the pattern' });
    }
    return violations.length === 0 ? ACCEPTED : { violations, evaluated: NONE };
  }

  #array(schema: JsonObject, value: readonly JsonValue[], at: string): Verdict {
    const { minItems, maxItems, items, prefixItems, additionalItems, uniqueItems } = schema;
    const verdicts: Verdict[] = [];
    if (minItems !== undefined && value.length < count('minItems', minItems)) {
      verdicts.push(refused(at, 'minItems', `must have at least ${count('minItems', minItems)} items`));
    }
    if (maxItems !== undefined && value.length > count('maxItems', maxItems)) {
      verdicts.push(refused(at, 'maxItems', `must have at most ${count('maxItems', maxItems)} items`));
    }
    const isList = Array.isArray(items);
    const listed = isList ? items : this.#document.draft === '2020-12' ? prefixItems : undefined;
    if (listed !== undefined && !Array.isArray(listed)) throw new CannotValidate('prefixItems');
    const prefix: readonly JsonValue[] = listed ?? [];
    const rest = isList ? additionalItems : items;
    for (const [index, item] of value.entries()) {
      const itemSchema = index < prefix.length ? prefix[index] : rest;
      if (itemSchema === undefined) continue;
      verdicts.push({
        violations: this.#apply(itemSchema, item, `${at}/${index}`).violations,
        evaluated: this.#seeing(index),
      });
    }
    if (uniqueItems === true && new Set(value.map((item) => this.#textOf(item))).size < value.length) {
      verdicts.push(refused(at, 'uniqueItems', 'must not repeat an item'));
    }
    if (schema['contains'] !== undefined) verdicts.push(this.#contains(schema, schema['contains'], value, at));
    return merge(verdicts);
  }

  #contains(schema: JsonObject, contains: JsonValue, value: readonly JsonValue[], at: string): Verdict {
    const isCounted = this.#document.draft !== '7';
    const min = isCounted && schema['minContains'] !== undefined ? count('minContains', schema['minContains']) : 1;
    const max =
      isCounted && schema['maxContains'] !== undefined ? count('maxContains', schema['maxContains']) : Infinity;
    const found = [...value.keys()].filter((index) => {
      const item = value[index];
      return item !== undefined && this.#apply(contains, item, `${at}/${index}`).violations.length === 0;
    });
    const evaluated = this.#document.draft === '2020-12' && this.#isSeeing ? new Set(found) : NONE;
    if (found.length >= min && found.length <= max) return { violations: [], evaluated };
    return { ...refused(at, found.length < min ? 'contains' : 'maxContains', 'must contain fitting items'), evaluated };
  }

  #object(schema: JsonObject, value: JsonObject, at: string): Verdict {
    const {
      minProperties,
      maxProperties,
      required,
      properties,
      patternProperties,
      additionalProperties,
      propertyNames,
    } = schema;
    const verdicts: Verdict[] = [];
    const entries = Object.entries(value);
    if (minProperties !== undefined && entries.length < count('minProperties', minProperties)) {
      verdicts.push(
        refused(at, 'minProperties', `must have at least ${count('minProperties', minProperties)} properties`),
      );
    }
    if (maxProperties !== undefined && entries.length > count('maxProperties', maxProperties)) {
      verdicts.push(
        refused(at, 'maxProperties', `must have at most ${count('maxProperties', maxProperties)} properties`),
      );
    }
    if (required !== undefined && typeof required !== 'boolean') {
      for (const name of namesIn('required', required)) {
        if (!Object.hasOwn(value, name))
          verdicts.push(refused(at, 'required', `must have the property ${JSON.stringify(name)}`));
      }
    }
    this.#budget.spend(entries.length);
    for (const [name, member] of entries) {
      const place = `${at}/${escapeName(name)}`;
      if (propertyNames !== undefined && this.#apply(propertyNames, name, place).violations.length > 0) {
        verdicts.push(refused(place, 'propertyNames', 'must have an allowed name'));
      }
      const schemas: JsonValue[] = [];
      if (isJsonObject(properties) && Object.hasOwn(properties, name) && properties[name] !== undefined)
        schemas.push(properties[name]);
      if (isJsonObject(patternProperties)) {
        for (const [pattern, inner] of Object.entries(patternProperties)) {
          if (inner !== undefined && this.#matches('patternProperties', pattern, name)) schemas.push(inner);
        }
      }
      if (schemas.length === 0 && additionalProperties !== undefined) {
        if (additionalProperties === false) {
          verdicts.push(
            refused(place, 'additionalProperties', 'must not be there, as no other properties are allowed'),
          );
          continue;
        }
        schemas.push(additionalProperties);
      }
      for (const inner of schemas) {
        verdicts.push({
          violations: this.#apply(inner, member ?? null, place).violations,
          evaluated: this.#seeing(name),
        });
      }
    }
    verdicts.push(...this.#dependencies(schema, value, at));
    return merge(verdicts);
  }

  #dependencies(schema: JsonObject, value: JsonObject, at: string): Verdict[] {
    const keywords =
      this.#document.draft === '7' ? ['dependencies'] : ['dependencies', 'dependentRequired', 'dependentSchemas'];
    const verdicts: Verdict[] = [];
    for (const keyword of keywords) {
      const entries = schema[keyword];
      if (entries === undefined) continue;
      if (!isJsonObject(entries)) throw new CannotValidate(keyword);
      for (const [name, dependent] of Object.entries(entries)) {
        if (dependent === undefined || !Object.hasOwn(value, name)) continue;
        if (!Array.isArray(dependent)) verdicts.push(this.#apply(dependent, value, at));
        else if (!namesIn(keyword, dependent).every((other) => Object.hasOwn(value, other))) {
          verdicts.push(refused(at, keyword, `must have what the property ${JSON.stringify(name)} demands`));
        }
      }
    }
    return verdicts;
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

  #unevaluatedItems(
    schema: JsonObject,
    value: readonly JsonValue[],
    at: string,
    seen: ReadonlySet<string | number>,
  ): Verdict {
    const inner = schema['unevaluatedItems'];
    if (inner === undefined) return ACCEPTED;
    return merge(
      value.flatMap((item, index) =>
        seen.has(index)
          ? []
          : [{ violations: this.#apply(inner, item, `${at}/${index}`).violations, evaluated: new Set([index]) }],
      ),
    );
  }

  #unevaluatedProperties(
    schema: JsonObject,
    value: JsonObject,
    at: string,
    seen: ReadonlySet<string | number>,
  ): Verdict {
    const inner = schema['unevaluatedProperties'];
    if (inner === undefined) return ACCEPTED;
    return merge(
      Object.entries(value).flatMap(([name, member]) =>
        seen.has(name)
          ? []
          : [
              {
                violations: this.#apply(inner, member ?? null, `${at}/${escapeName(name)}`).violations,
                evaluated: new Set([name]),
              },
            ],
      ),
    );
  }

  #seeing(place: string | number): ReadonlySet<string | number> {
    return this.#isSeeing ? new Set([place]) : NONE;
  }

  #matches(keyword: string, pattern: JsonValue, text: string): boolean {
    if (typeof pattern !== 'string') throw new CannotValidate(keyword);
    const regex = this.#pattern(keyword, pattern);
    if (this.#budget === UNLIMITED || !mayBacktrackLong(pattern, text.length)) return regex.test(text);
    this.#budget.spend(1 + text.length);
    const language = this.#languages.of(pattern);
    if (language === undefined) throw new CannotValidate(keyword);
    return language.matches(text);
  }

  #pattern(keyword: string, pattern: string): RegExp {
    let regex = this.#patterns.get(pattern);
    if (regex === undefined) {
      const source = patternSource(pattern);
      if (source === undefined) throw new CannotValidate(keyword);
      regex = new RegExp(source, 'u');
      this.#patterns.set(pattern, regex);
    }
    return regex;
  }
}

const UNLIMITED = new Budget(Infinity);
const NONE: ReadonlySet<string | number> = new Set();
const ACCEPTED: Verdict = { violations: [], evaluated: NONE };

function refused(at: string, keyword: string, message: string): Verdict {
  return { violations: [{ at, keyword, message }], evaluated: NONE };
}

function merge(verdicts: readonly Verdict[]): Verdict {
  const telling = verdicts.filter(
    (verdict) => verdict !== ACCEPTED && (verdict.violations.length > 0 || verdict.evaluated.size > 0),
  );
  const [first = ACCEPTED] = telling;
  if (telling.length < 2) return first;
  const evaluated = telling.filter((verdict) => verdict.evaluated.size > 0);
  return {
    violations: telling.flatMap((verdict) => verdict.violations),
    evaluated: evaluated.length === 0 ? NONE : new Set(evaluated.flatMap((verdict) => [...verdict.evaluated])),
  };
}

function isOfType(value: JsonValue, name: JsonValue): boolean {
  if (name === 'integer') return typeof value === 'number' && Number.isInteger(value);
  if (typeof name !== 'string' || !['null', 'boolean', 'number', 'string', 'array', 'object'].includes(name))
    throw new CannotValidate('type');
  return jsonTypeOf(value) === name;
}

function isDecimalMultiple(value: number, step: number): boolean {
  const exact = rationalFromNumber(value);
  const exactStep = rationalFromNumber(step);
  if (exact === undefined || exactStep === undefined || step <= 0) throw new CannotValidate('multipleOf');
  return isMultipleOf(exact, exactStep);
}

function count(keyword: string, value: JsonValue): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new CannotValidate(keyword);
  return value;
}

function namesIn(keyword: string, value: JsonValue): readonly string[] {
  const names: readonly JsonValue[] = Array.isArray(value) ? value : [];
  if (!Array.isArray(value) || !names.every((name) => typeof name === 'string')) throw new CannotValidate(keyword);
  return names;
}

/**
 * Whether a backtracking engine might take long for a text. Then the pattern's automaton tells, which reads each
 * character once.
 */
function mayBacktrackLong(pattern: string, length: number): boolean {
  const quantifiers = pattern.match(/[*+}]/g)?.length ?? 0;
  const isNested = /\)[*+?{]/.test(pattern);
  return isNested ? length > 8 : length ** quantifiers > 1e6;
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}

function escapeName(name: string): string {
  return name.includes('~') || name.includes('/') ? name.replaceAll('~', '~0').replaceAll('/', '~1') : name;
}
