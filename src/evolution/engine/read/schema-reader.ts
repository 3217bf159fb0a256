import { isJsonObject, type JsonObject, type JsonValue } from '../../../json/value.ts';
import type { Budget } from '../budget.ts';
import type { Formula, Target } from '../formula.ts';
import type { FormulaStore } from '../formula-store.ts';
import { opaqueKey } from '../opaque-key.ts';
import type { Languages } from '../regex/languages.ts';
import type { SchemaDocument } from '../schema-document.ts';
import { flatKey } from './flat-key.ts';
import { readArrays } from './read-arrays.ts';
import { readCombinations } from './read-combinations.ts';
import { readNumbers } from './read-numbers.ts';
import { readObjects } from './read-objects.ts';
import { readStrings } from './read-strings.ts';
import { readValues } from './read-values.ts';
import type { Reading } from './reading.ts';

type Read = (reading: Reading, schema: JsonObject) => Formula[];

/** Who reads what. Most schemas have keywords of one or two of them, and the others need not look. */
const READERS: readonly { readonly read: Read; readonly keywords: string }[] = [
  { read: readValues, keywords: 'type enum const' },
  { read: readNumbers, keywords: 'minimum maximum exclusiveMinimum exclusiveMaximum multipleOf' },
  { read: readStrings, keywords: 'minLength maxLength pattern format' },
  {
    read: readArrays,
    keywords: 'minItems maxItems items prefixItems additionalItems uniqueItems contains unevaluatedItems',
  },
  {
    read: readObjects,
    keywords:
      'minProperties maxProperties required propertyNames properties patternProperties additionalProperties ' +
      'dependencies dependentRequired dependentSchemas unevaluatedProperties',
  },
  { read: readCombinations, keywords: 'allOf anyOf oneOf not if then else' },
];

const READER_OF: ReadonlyMap<string, number> = new Map(
  READERS.flatMap(({ keywords }, index) => keywords.split(' ').map((keyword) => [keyword, index] as const)),
);

/** Reads a schema document as a formula. What it does not understand becomes an opaque condition naming the keyword. */
export class SchemaReader implements Reading {
  readonly document: SchemaDocument;
  readonly store: FormulaStore;
  readonly languages: Languages;
  readonly budget: Budget;
  readonly #identity: string;
  readonly #done = new Map<JsonObject, Formula>();
  /** Of schemas with no schema in them, by what they say. */
  readonly #flat = new Map<string, Formula>();
  readonly #underWay = new Map<JsonObject, Target>();
  #targets = 0;

  /** `identity` tells documents apart where equal text can mean different things because of the references in it. */
  constructor(document: SchemaDocument, identity: string, store: FormulaStore, languages: Languages, budget: Budget) {
    this.document = document;
    this.#identity = identity;
    this.budget = budget;
    this.store = store;
    this.languages = languages;
  }

  read(): Formula {
    return this.formulaOf(this.document.root);
  }

  formulaOf(schema: JsonValue): Formula {
    if (schema === true) return this.store.true;
    if (schema === false) return this.store.false;
    if (!isJsonObject(schema)) return this.store.opaque('schema', JSON.stringify(schema));
    // What a format means depends on whether it stands at the root.
    const key = schema === this.document.root ? undefined : flatKey(schema);
    const known = key === undefined ? this.#done.get(schema) : this.#flat.get(key);
    if (known !== undefined) return known;
    const outer = this.#underWay.get(schema);
    if (outer !== undefined) return this.store.reference(outer);
    this.budget.spend(1);
    this.#targets += 1;
    const target: Target = { name: `${this.#identity}${this.#targets}`, formula: undefined };
    this.#underWay.set(schema, target);
    const formula = this.store.and(this.#conditions(schema));
    target.formula = formula;
    this.#underWay.delete(schema);
    if (key === undefined) this.#done.set(schema, formula);
    else this.#flat.set(key, formula);
    return formula;
  }

  unclear(keyword: string, schema: JsonObject): Formula {
    // Dialects may read the same words otherwise, and references lead to other places in other documents.
    const text = `${this.document.draft} ${opaqueKey(keyword, schema)}`;
    this.budget.spend(text.length >> 6);
    return this.store.opaque(
      keyword,
      /\$(?:ref|dynamicRef|recursiveRef)"/.test(text) ? `${this.#identity}${text}` : text,
    );
  }

  #conditions(schema: JsonObject): Formula[] {
    const reference = schema['$ref'];
    if (typeof reference === 'string' && this.document.draft === '7')
      return [this.#reference('$ref', reference, schema)];
    let readers = 0;
    let keywords = 0;
    for (const keyword in schema) {
      keywords += 1;
      const reader = READER_OF.get(keyword);
      if (reader !== undefined) readers |= 1 << reader;
    }
    this.budget.spend(keywords);
    const conditions = this.#references(schema);
    for (const [index, { read }] of READERS.entries()) {
      if (((readers >> index) & 1) === 1) conditions.push(...read(this, schema));
    }
    return conditions;
  }

  #references(schema: JsonObject): Formula[] {
    const found: Formula[] = [];
    for (const keyword of ['$ref', '$dynamicRef', '$recursiveRef']) {
      const reference = schema[keyword];
      if (reference === undefined) continue;
      found.push(
        typeof reference === 'string' ? this.#reference(keyword, reference, schema) : this.unclear(keyword, schema),
      );
    }
    return found;
  }

  #reference(keyword: string, reference: string, schema: JsonObject): Formula {
    const isPlain = keyword === '$ref';
    const target = isPlain ? this.document.resolve(reference, schema) : this.document.resolveDynamic(reference, schema);
    if (target !== undefined) return this.formulaOf(target);
    // What lies outside is the same wherever it is named, what should be inside is missing from this document only.
    const url = isPlain && !reference.startsWith('#') ? this.document.absolute(reference, schema) : undefined;
    return this.store.opaque(`${keyword} to ${reference}`, url ?? this.#identity);
  }
}
