import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { Budget } from './budget.ts';
import { areDisjointByInspection } from './disjoint.ts';
import { evaluatingSchemas, type EvaluatingSchema } from './evaluated.ts';
import { typeBit, type Formula, type FormulaStore, type Target } from './formula.ts';
import { JSON_TYPES } from './json-type.ts';
import type { Literal } from './literal.ts';
import { rationalFromNumber, type Rational } from './numbers/rational.ts';
import { opaqueKey } from './opaque-key.ts';
import type { Languages } from './regex/languages.ts';
import type { SchemaDocument } from './schema-document.ts';
import { unevaluatedItems, unevaluatedProperties } from './unevaluated.ts';
import { oneOfValues } from './value-formula.ts';

/** Reads a schema document as a formula. What it does not understand becomes an opaque condition naming the keyword. */
export class SchemaReader {
  readonly #document: SchemaDocument;
  readonly #store: FormulaStore;
  readonly #languages: Languages;
  readonly #identity: string;
  readonly #budget: Budget;
  readonly #done = new Map<JsonObject, Formula>();
  readonly #underWay = new Map<JsonObject, Target>();
  #targets = 0;

  /** `identity` tells documents apart where equal text can mean different things because of the references in it. */
  constructor(document: SchemaDocument, identity: string, store: FormulaStore, languages: Languages, budget: Budget) {
    this.#document = document;
    this.#identity = identity;
    this.#budget = budget;
    this.#store = store;
    this.#languages = languages;
  }

  read(): Formula {
    return this.#schema(this.#document.root);
  }

  #schema(schema: JsonValue): Formula {
    if (schema === true) return this.#store.true;
    if (schema === false) return this.#store.false;
    if (!isJsonObject(schema)) return this.#store.opaque('schema', JSON.stringify(schema));
    const known = this.#done.get(schema);
    if (known !== undefined) return known;
    const outer = this.#underWay.get(schema);
    if (outer !== undefined) return this.#store.reference(outer);
    this.#budget.spend(1 + Object.keys(schema).length);
    this.#targets += 1;
    const target: Target = { name: `${this.#identity}${this.#targets}`, formula: undefined };
    this.#underWay.set(schema, target);
    const formula = this.#store.and(this.#conditions(schema));
    target.formula = formula;
    this.#underWay.delete(schema);
    this.#done.set(schema, formula);
    return formula;
  }

  #conditions(schema: JsonObject): Formula[] {
    const reference = schema['$ref'];
    if (typeof reference === 'string' && this.#document.draft === '7')
      return [this.#reference('$ref', reference, schema)];
    return [
      ...this.#references(schema),
      ...this.#values(schema),
      ...this.#numbers(schema),
      ...this.#strings(schema),
      ...this.#arrays(schema),
      ...this.#objects(schema),
      ...this.#combinations(schema),
    ];
  }

  #references(schema: JsonObject): Formula[] {
    return ['$ref', '$dynamicRef', '$recursiveRef'].flatMap((keyword) => {
      const reference = schema[keyword];
      if (reference === undefined) return [];
      return [
        typeof reference === 'string' ? this.#reference(keyword, reference, schema) : this.#unclear(keyword, schema),
      ];
    });
  }

  #reference(keyword: string, reference: string, schema: JsonObject): Formula {
    const isPlain = keyword === '$ref';
    const target = isPlain
      ? this.#document.resolve(reference, schema)
      : this.#document.resolveDynamic(reference, schema);
    if (target !== undefined) return this.#schema(target);
    // What lies outside is the same wherever it is named, what should be inside is missing from this document only.
    const url = isPlain && !reference.startsWith('#') ? this.#document.absolute(reference, schema) : undefined;
    return this.#store.opaque(`${keyword} to ${reference}`, url ?? this.#identity);
  }

  #values(schema: JsonObject): Formula[] {
    const parts: Formula[] = [];
    const { type, enum: members, const: only } = schema;
    if (type !== undefined) {
      const names = typeof type === 'string' ? [type] : Array.isArray(type) ? (type as readonly JsonValue[]) : [];
      const formulas = names.map((name) => this.#type(name));
      parts.push(
        names.length === 0 || formulas.includes(undefined)
          ? this.#unclear('type', schema)
          : this.#store.or(formulas.filter(isFormula)),
      );
    }
    if (Array.isArray(members)) parts.push(oneOfValues(this.#store, members as readonly JsonValue[]));
    else if (members !== undefined) parts.push(this.#unclear('enum', schema));
    if (only !== undefined) parts.push(oneOfValues(this.#store, [only]));
    return parts;
  }

  #type(name: JsonValue): Formula | undefined {
    if (name === 'integer')
      return this.#store.literal({ type: 'number', kind: 'multipleOf', step: ONE, negated: false });
    const type = JSON_TYPES.find((candidate) => candidate === name);
    return type === undefined ? undefined : this.#store.ofType(type);
  }

  #numbers(schema: JsonObject): Formula[] {
    const parts: Formula[] = [];
    const { minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf } = schema;
    const limits = [
      ['minimum', 'atLeast', minimum, exclusiveMinimum === true],
      ['maximum', 'atMost', maximum, exclusiveMaximum === true],
      ['exclusiveMinimum', 'atLeast', typeof exclusiveMinimum === 'boolean' ? undefined : exclusiveMinimum, true],
      ['exclusiveMaximum', 'atMost', typeof exclusiveMaximum === 'boolean' ? undefined : exclusiveMaximum, true],
    ] as const;
    for (const [keyword, kind, value, exclusive] of limits) {
      if (value === undefined) continue;
      const bound = typeof value === 'number' ? rationalFromNumber(value) : undefined;
      parts.push(
        bound === undefined
          ? this.#unclear(keyword, schema)
          : this.#store.keyword({ type: 'number', kind, bound, exclusive }),
      );
    }
    if (multipleOf !== undefined) {
      const step = typeof multipleOf === 'number' && multipleOf > 0 ? rationalFromNumber(multipleOf) : undefined;
      parts.push(
        step === undefined
          ? this.#unclear('multipleOf', schema)
          : this.#store.keyword({ type: 'number', kind: 'multipleOf', step, negated: false }),
      );
    }
    return parts;
  }

  #strings(schema: JsonObject): Formula[] {
    const { pattern, format, type } = schema;
    const parts = this.#counts(schema, { minLength: 'string', maxLength: 'string' });
    if (pattern !== undefined) parts.push(this.#onlyFor('string', this.#pattern(pattern, schema)));
    // Without a type of its own it is about texts all the same, whatever stands beside it. A document of nothing but a format
    // is one that only means to describe.
    const isUntyped = type === undefined && (schema !== this.#document.root || Object.keys(schema).some(isDemand));
    const isText = isUntyped || type === 'string' || (Array.isArray(type) && type.includes('string'));
    if (typeof format === 'string' && isText && !hasPattern(schema)) {
      parts.push(this.#store.keyword({ type: 'string', kind: 'format', name: format, negated: false }));
    }
    return parts;
  }

  #pattern(pattern: JsonValue, schema: JsonObject): Formula {
    if (typeof pattern !== 'string') return this.#unclear('pattern', schema);
    if (this.#languages.of(pattern) === undefined) return this.#store.opaque('pattern', pattern);
    return this.#store.literal({ type: 'string', kind: 'pattern', source: pattern, negated: false });
  }

  #arrays(schema: JsonObject): Formula[] {
    const parts = this.#counts(schema, { minItems: 'array', maxItems: 'array' });
    const { draft } = this.#document;
    const { items, prefixItems, additionalItems, uniqueItems } = schema;
    const isList = Array.isArray(items);
    const listed = isList ? items : draft === '2020-12' ? prefixItems : undefined;
    const prefix = Array.isArray(listed) ? (listed as readonly JsonValue[]) : [];
    if (listed !== undefined && !Array.isArray(listed)) parts.push(this.#unclear('prefixItems', schema));
    for (const [index, item] of prefix.entries()) parts.push(this.#everyItem(index, index + 1, this.#schema(item)));
    const rest = isList ? additionalItems : items;
    if (rest !== undefined) parts.push(this.#everyItem(prefix.length, Infinity, this.#schema(rest)));
    if (uniqueItems === true) parts.push(this.#store.keyword({ type: 'array', kind: 'unique', negated: false }));
    parts.push(...this.#contains(schema));
    const unevaluated = schema['unevaluatedItems'];
    if (draft !== '7' && unevaluated !== undefined) {
      const read = (inner: JsonValue): Formula => this.#schema(inner);
      const evaluating = this.#evaluating(schema);
      const found = evaluating && unevaluatedItems(evaluating, read(unevaluated), this.#store, this.#document, read);
      parts.push(found ?? this.#unclear('unevaluatedItems', schema));
    }
    return parts;
  }

  #contains(schema: JsonObject): Formula[] {
    const { contains } = schema;
    if (contains === undefined) return [];
    const isCounted = this.#document.draft !== '7';
    const min = isCounted ? (schema['minContains'] ?? 1) : 1;
    const max = isCounted ? (schema['maxContains'] ?? Infinity) : Infinity;
    const formula = this.#schema(contains);
    const parts: Formula[] = [];
    if (min !== 0) parts.push(this.#store.keyword({ type: 'array', kind: 'someItem', from: 0, to: Infinity, formula }));
    if (min !== 0 && min !== 1) parts.push(this.#onlyFor('array', this.#unclear('minContains', schema)));
    if (max === 0) parts.push(this.#everyItem(0, Infinity, this.#store.not(formula)));
    else if (max !== Infinity) parts.push(this.#onlyFor('array', this.#unclear('maxContains', schema)));
    return parts;
  }

  #objects(schema: JsonObject): Formula[] {
    const parts = this.#counts(schema, { minProperties: 'object', maxProperties: 'object' });
    const { required, propertyNames } = schema;
    if (Array.isArray(required)) {
      for (const name of required as readonly JsonValue[]) {
        parts.push(
          typeof name === 'string' ? this.#store.keyword(this.#presence(name)) : this.#unclear('required', schema),
        );
      }
    } else if (required !== undefined && typeof required !== 'boolean') parts.push(this.#unclear('required', schema));
    parts.push(...this.#properties(schema));
    if (propertyNames !== undefined) {
      parts.push(this.#everyProperty(this.#store.not(this.#schema(propertyNames)), this.#store.false));
    }
    parts.push(...this.#dependencies(schema));
    const unevaluated = schema['unevaluatedProperties'];
    if (this.#document.draft !== '7' && unevaluated !== undefined) {
      const others = (names: readonly string[], patterns: readonly string[]): Formula =>
        this.#otherNames(names, patterns, schema);
      const evaluating = this.#evaluating(schema);
      const found = evaluating && unevaluatedProperties(evaluating, this.#schema(unevaluated), this.#store, others);
      parts.push(found ?? this.#unclear('unevaluatedProperties', schema));
    }
    return parts;
  }

  #properties(schema: JsonObject): Formula[] {
    const { properties, patternProperties, additionalProperties } = schema;
    const parts: Formula[] = [];
    const names = isJsonObject(properties) ? Object.keys(properties) : [];
    const patterns = isJsonObject(patternProperties) ? Object.keys(patternProperties) : [];
    if (properties !== undefined && !isJsonObject(properties)) parts.push(this.#unclear('properties', schema));
    if (patternProperties !== undefined && !isJsonObject(patternProperties))
      parts.push(this.#unclear('patternProperties', schema));
    for (const name of names) {
      const member = isJsonObject(properties) ? properties[name] : undefined;
      if (member !== undefined) parts.push(this.#everyProperty(this.#named([name]), this.#schema(member)));
    }
    for (const pattern of patterns) {
      const member = isJsonObject(patternProperties) ? patternProperties[pattern] : undefined;
      if (member === undefined) continue;
      parts.push(this.#everyProperty(this.#pattern(pattern, schema), this.#schema(member)));
    }
    if (additionalProperties !== undefined) {
      parts.push(this.#everyProperty(this.#otherNames(names, patterns, schema), this.#schema(additionalProperties)));
    }
    return parts;
  }

  #evaluating(schema: JsonObject): readonly EvaluatingSchema[] | undefined {
    const formulaOf = (inner: JsonValue): Formula => this.#schema(inner);
    return evaluatingSchemas(schema, { document: this.#document, store: this.#store, formulaOf });
  }

  #dependencies(schema: JsonObject): Formula[] {
    const isModern = this.#document.draft !== '7';
    const keywords = isModern ? ['dependencies', 'dependentRequired', 'dependentSchemas'] : ['dependencies'];
    return keywords.flatMap((keyword) => {
      const entries = schema[keyword];
      if (entries === undefined) return [];
      if (!isJsonObject(entries)) return [this.#unclear(keyword, schema)];
      return Object.entries(entries).flatMap(([name, dependent]) => {
        if (dependent === undefined) return [];
        const consequence = Array.isArray(dependent)
          ? (dependent as readonly JsonValue[]).map((other) =>
              typeof other === 'string' ? this.#store.literal(this.#presence(other)) : this.#unclear(keyword, schema),
            )
          : [this.#schema(dependent)];
        return [
          this.#store.or([this.#store.not(this.#store.literal(this.#presence(name))), this.#store.and(consequence)]),
        ];
      });
    });
  }

  #combinations(schema: JsonObject): Formula[] {
    const parts: Formula[] = [];
    const { not, if: condition, then, else: otherwise } = schema;
    for (const keyword of ['allOf', 'anyOf', 'oneOf'] as const) {
      const members = schema[keyword];
      if (members === undefined) continue;
      if (!Array.isArray(members)) parts.push(this.#unclear(keyword, schema));
      else if (keyword === 'oneOf') parts.push(this.#exactlyOne(members as readonly JsonValue[]));
      else {
        const formulas = (members as readonly JsonValue[]).map((member) => this.#schema(member));
        parts.push(keyword === 'allOf' ? this.#store.and(formulas) : this.#store.or(formulas));
      }
    }
    if (not !== undefined) parts.push(this.#store.not(this.#schema(not)));
    if (condition !== undefined) {
      const formula = this.#schema(condition);
      if (then !== undefined) parts.push(this.#store.or([this.#store.not(formula), this.#schema(then)]));
      if (otherwise !== undefined) parts.push(this.#store.or([formula, this.#schema(otherwise)]));
    }
    return parts;
  }

  #exactlyOne(members: readonly JsonValue[]): Formula {
    const formulas = members.map((member) => this.#schema(member));
    const overlaps: Formula[] = [];
    for (const [index, formula] of formulas.entries()) {
      this.#budget.spend(index);
      for (let other = 0; other < index; other += 1) {
        if (areDisjointByInspection(members[index], members[other], this.#document)) continue;
        overlaps.push(
          this.#store.or([this.#store.not(formula), this.#store.not(formulas[other] ?? this.#store.false)]),
        );
      }
    }
    return this.#store.and([this.#store.or(formulas), ...overlaps]);
  }

  #counts(schema: JsonObject, keywords: Readonly<Record<string, 'string' | 'array' | 'object'>>): Formula[] {
    return Object.entries(keywords).flatMap(([keyword, type]) => {
      const count = schema[keyword];
      if (count === undefined) return [];
      if (typeof count !== 'number' || !Number.isInteger(count)) return [this.#unclear(keyword, schema)];
      return [this.#store.keyword({ type, kind: keyword, count } as Literal)];
    });
  }

  #everyItem(from: number, to: number, formula: Formula): Formula {
    return this.#store.keyword({ type: 'array', kind: 'everyItem', from, to, formula });
  }

  #everyProperty(names: Formula, formula: Formula): Formula {
    return this.#store.keyword({ type: 'object', kind: 'everyProperty', names, formula });
  }

  #presence(name: string): Literal {
    return { type: 'object', kind: 'someProperty', names: this.#named([name]), formula: this.#store.true };
  }

  #named(names: readonly string[]): Formula {
    return this.#store.literal({ type: 'string', kind: 'oneOf', values: new Set(names), negated: false });
  }

  #otherNames(names: readonly string[], patterns: readonly string[], schema: JsonObject): Formula {
    return this.#store.and([
      this.#store.literal({ type: 'string', kind: 'oneOf', values: new Set(names), negated: true }),
      ...patterns.map((source) =>
        this.#languages.of(source) === undefined
          ? this.#store.not(this.#pattern(source, schema))
          : this.#store.literal({ type: 'string', kind: 'pattern', source, negated: true }),
      ),
    ]);
  }

  #onlyFor(type: 'string' | 'array' | 'object', formula: Formula): Formula {
    return this.#store.or([this.#store.not(this.#store.ofTypes(typeBit(type))), formula]);
  }

  #unclear(keyword: string, schema: JsonObject): Formula {
    // Dialects may read the same words otherwise, and references lead to other places in other documents.
    const text = `${this.#document.draft} ${opaqueKey(keyword, schema)}`;
    this.#budget.spend(text.length >> 6);
    return this.#store.opaque(
      keyword,
      /\$(?:ref|dynamicRef|recursiveRef)"/.test(text) ? `${this.#identity}${text}` : text,
    );
  }
}

const ONE: Rational = { numerator: 1n, denominator: 1n };

function isFormula(value: Formula | undefined): value is Formula {
  return value !== undefined;
}

/** Whether a keyword beside a format says more of the value than what it is called. */
function isDemand(keyword: string): boolean {
  return !['format', '$schema', '$id', '$comment', 'title', 'description', 'default', 'examples'].includes(keyword);
}

/** Zod writes a pattern beside most formats, in `allOf` when there are several; then the pattern decides. */
function hasPattern(schema: JsonObject): boolean {
  if (schema['pattern'] !== undefined) return true;
  const { allOf } = schema;
  return Array.isArray(allOf) && allOf.some((part: JsonValue) => isJsonObject(part) && part['pattern'] !== undefined);
}
