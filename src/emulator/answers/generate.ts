import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import type { Meaning } from './field-meaning.ts';
import { fitNumber, fits } from './fit.ts';
import { variant } from './variant.ts';
import { findFlag, findMember, findNumber, findTexts } from './find-leaf.ts';
import { keywordScore } from './keywords.ts';
import { fraction } from './random.ts';
import type { LineItem } from './line-items.ts';
import {
  nodeHeight,
  type ArrayNode,
  type NumberNode,
  type ObjectNode,
  type SchemaNode,
  type StringNode,
} from './schema-node.ts';
import { findString, inventString } from './string-value.ts';
import { TextFacts } from './text-facts.ts';

/**
 * Makes a value that conforms to the schema, with the text's own values wherever the field's name, format or enum tells
 * what to look for. A pure function: the same schema, text and seed give the same value.
 */
export function generateValue(node: SchemaNode, text: string, seed: number): JsonValue {
  return new ValueGenerator(new TextFacts(text), seed).value(node);
}

/** One value for each place that the text names, where the schema has room for one only; else one value. */
export function generateEach(node: SchemaNode, text: string, seed: number): JsonValue[] {
  const value = generateValue(node, text, seed);
  const field = node.kind === 'object' ? node.properties.find((property) => holdsPlace(property.node)) : undefined;
  if (!isJsonObject(value) || field?.node.kind !== 'string') return [value];
  const { name, node: place } = field;
  const places = new TextFacts(text).places(place.name.words).filter((one) => fits(place, one));
  return places.length < 2 ? [value] : places.map((one) => ({ ...value, [name]: one }));
}

function holdsPlace(node: SchemaNode): boolean {
  return node.kind === 'string' && node.name.meaning === 'place';
}

/** Recursive schemas: how many definitions deep to look for values before taking the smallest. */
const MAX_REFERENCE_DEPTH = 4;
/** Work for one value, in nodes; beyond it only what is required is filled in. */
const NODE_BUDGET = 3000;
const MAX_FREE_ITEMS = 10;

class ValueGenerator {
  readonly #facts: TextFacts;
  readonly #seed: number;
  /** Values that came out of the text so far: tells whether an alternative or an optional field fits the text. */
  #found = 0;
  #draws = 0;
  #nodes = 0;
  #referenceDepth = 0;
  #item: LineItem | undefined;

  constructor(facts: TextFacts, seed: number) {
    this.#facts = facts;
    this.#seed = seed;
  }

  value(node: SchemaNode): JsonValue {
    this.#nodes += 1;
    switch (node.kind) {
      case 'object':
        return this.#object(node);
      case 'array':
        return this.#array(node);
      case 'string':
        return this.#string(node);
      case 'number':
        return this.#number(node);
      case 'boolean':
        return this.#boolean(node.name.words);
      case 'null':
        return null;
      case 'enum':
        return this.#enum(node.values, node.name.words);
      case 'choice':
        return this.#choice(node.branches);
      case 'reference': {
        // A definition that only contains itself has no value at all.
        if (node.height === Infinity) return null;
        this.#referenceDepth += 1;
        const value = this.value(node.target);
        this.#referenceDepth -= 1;
        return value;
      }
      default:
        return node satisfies never;
    }
  }

  get #isFrugal(): boolean {
    return this.#referenceDepth > MAX_REFERENCE_DEPTH || this.#nodes > NODE_BUDGET;
  }

  #draw(): number {
    this.#draws += 1;
    return fraction(this.#seed, this.#draws);
  }

  #note<Found>(value: Found): Found {
    this.#found += 1;
    return value;
  }

  #object(node: ObjectNode): JsonValue {
    // A null prototype keeps a property named "__proto__" an ordinary one.
    const object = Object.create(null) as Record<string, JsonValue>;
    let size = 0;
    for (const { name, isRequired, node: property } of node.properties) {
      if (!isRequired && this.#isFrugal) continue;
      const before = this.#found;
      const value = this.value(property);
      if (!isRequired && this.#found === before) continue;
      object[name] = value;
      size += 1;
    }
    if (node.isMap && node.extra?.kind === 'string') {
      for (const [label, value] of this.#facts.labels) {
        if (size >= MAX_FREE_ITEMS || node.extra.pattern !== undefined || node.extra.format !== undefined) break;
        if (value.length < node.extra.minLength || value.length > node.extra.maxLength) continue;
        object[label] = this.#note(value);
        size += 1;
      }
    }
    for (const { name, node: property } of node.properties) {
      if (size >= node.minProperties) break;
      if (Object.hasOwn(object, name)) continue;
      object[name] = this.value(property);
      size += 1;
    }
    for (let extra = 1; node.extra !== undefined && size < node.minProperties; extra++) {
      if (Object.hasOwn(object, `key_${extra}`)) continue;
      object[`key_${extra}`] = this.value(node.extra);
      size += 1;
    }
    return object;
  }

  #array(node: ArrayNode): JsonValue {
    const found = this.#isFrugal ? [] : this.#findItems(node);
    const values: JsonValue[] = node.prefix.slice(0, Math.max(node.minItems, 0)).map((item) => this.value(item));
    for (const item of node.prefix.length > values.length ? [] : found) {
      if (values.length < node.maxItems) values.push(item);
    }
    while (values.length < node.minItems) values.push(this.value(node.item));
    return node.isUnique ? this.#distinct(values, node) : values;
  }

  /** What the text lists for an array, by what the array holds. */
  #findItems(node: ArrayNode): JsonValue[] {
    const item = node.item.kind === 'reference' ? node.item.target : node.item;
    const limit = Math.min(node.maxItems, 20);
    switch (item.kind) {
      case 'object': {
        const meanings = item.properties.map((property) => meaningOf(property.node));
        // A name with a total may be the record itself; with a price it is a line of one.
        const isList =
          meanings.filter((meaning) => LINE_ITEM_MEANINGS.has(meaning)).length >= 2 &&
          meanings.some((meaning) => meaning !== 'person' && meaning !== 'total' && LINE_ITEM_MEANINGS.has(meaning));
        if (!isList) {
          const before = this.#found;
          const value = limit > 0 ? this.value(node.item) : null;
          return this.#found > before ? [value] : [];
        }
        return this.#facts.items.slice(0, limit).map((lineItem) => {
          this.#item = lineItem;
          const value = this.#note(this.value(node.item));
          this.#item = undefined;
          return value;
        });
      }
      case 'enum':
        return item.values
          .filter((value) => typeof value === 'string' && keywordScore(this.#facts.lowerCase, value) > 0)
          .slice(0, limit)
          .map((value) => this.#note(value));
      case 'string': {
        const texts = findTexts(node.name.meaning, this.#facts).filter((text) => fits(item, text));
        if (texts.length > 0) return texts.slice(0, limit).map((text) => this.#note(text));
        const one = limit > 0 ? findString(item, this.#facts) : undefined;
        return one === undefined
          ? []
          : one
              .split(/\s*[,;]\s*/)
              .filter((text) => text !== '' && fits(item, text))
              .slice(0, limit)
              .map((text) => this.#note(text));
      }
      case 'number': {
        const amounts = this.#facts.items.slice(0, limit).map(({ amount }) => fitNumber(amount, item));
        return amounts.map((amount) => this.#note(amount));
      }
      default:
        return [];
    }
  }

  #distinct(values: readonly JsonValue[], node: ArrayNode): JsonValue[] {
    const byText = new Map(values.map((value) => [canonicalJson(value), value]));
    const item = node.item.kind === 'reference' ? node.item.target : node.item;
    for (let tries = 0; byText.size < node.minItems && tries < node.minItems * 20; tries++) {
      const value = variant(item, this.value(node.item), tries);
      byText.set(canonicalJson(value), value);
    }
    return [...byText.values()];
  }

  #string(node: StringNode): string {
    const item = this.#item;
    if (
      item !== undefined &&
      (node.name.meaning === 'item' || node.name.meaning === 'person') &&
      fits(node, item.description)
    ) {
      return this.#note(item.description);
    }
    const found = findString(node, this.#facts);
    return found === undefined ? inventString(node, this.#facts, this.#draw()) : this.#note(found);
  }

  #number(node: NumberNode): number {
    const wanted = this.#item === undefined ? findNumber(node, this.#facts) : itemNumber(this.#item, node.name.meaning);
    return wanted === undefined ? fitNumber(0, node) : this.#note(fitNumber(wanted, node));
  }

  #boolean(words: readonly string[]): boolean {
    const found = findFlag(words, this.#facts);
    return found === undefined ? false : this.#note(found);
  }

  #enum(values: readonly JsonValue[], words: readonly string[]): JsonValue {
    const [only = null] = values;
    if (values.length <= 1) return only;
    const found = findMember(values, words, this.#facts);
    if (found !== undefined) return this.#note(found);
    if (values.includes(null)) return null;
    return values[Math.floor(this.#draw() * values.length)] ?? only;
  }

  /** The alternative that the text fills best; null where the text fills none and null is allowed. */
  #choice(branches: readonly SchemaNode[]): JsonValue {
    if (this.#isFrugal) return this.value(smallest(branches));
    let best: JsonValue | undefined;
    let bestFound = -1;
    const before = this.#found;
    for (const branch of branches) {
      if (branch.kind === 'null' || nodeHeight(branch) === Infinity) continue;
      this.#found = before;
      const value = this.value(branch);
      const found = this.#found - before;
      if (found <= bestFound) continue;
      best = value;
      bestFound = found;
    }
    this.#found = before + Math.max(0, bestFound);
    const hasNull = branches.some(({ kind }) => kind === 'null');
    return bestFound <= 0 && (hasNull || best === undefined) ? null : (best ?? null);
  }
}

const LINE_ITEM_MEANINGS: ReadonlySet<Meaning | undefined> = new Set<Meaning>([
  'item',
  'quantity',
  'price',
  'amount',
  'total',
  'person',
]);
function meaningOf(node: SchemaNode): Meaning | undefined {
  if (node.kind === 'string' || node.kind === 'number') return node.name.meaning;
  if (node.kind !== 'choice') return undefined;
  return node.branches.map(meaningOf).find((meaning) => meaning !== undefined);
}

function itemNumber(item: LineItem, meaning: Meaning | undefined): number | undefined {
  if (meaning === 'quantity') return item.quantity;
  if (meaning === 'price') return item.price;
  return meaning === 'amount' || meaning === 'total' ? item.amount : undefined;
}

function smallest(branches: readonly SchemaNode[]): SchemaNode {
  let best: SchemaNode = branches[0] ?? { kind: 'null' };
  for (const branch of branches) if (nodeHeight(branch) < nodeHeight(best)) best = branch;
  return best;
}
