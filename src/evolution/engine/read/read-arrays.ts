import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { evaluatingSchemas } from '../evaluated.ts';
import type { Formula } from '../formula.ts';
import { unevaluatedItems } from '../unevaluated.ts';
import { countLimits, onlyFor, type Reading } from './reading.ts';

export function readArrays(reading: Reading, schema: JsonObject): Formula[] {
  const parts = countLimits(reading, schema, { minItems: 'array', maxItems: 'array' });
  const { draft } = reading.document;
  const { items, prefixItems, additionalItems, uniqueItems } = schema;
  const isList = Array.isArray(items);
  const listed = isList ? items : draft === '2020-12' ? prefixItems : undefined;
  const prefix = Array.isArray(listed) ? (listed as readonly JsonValue[]) : [];
  if (listed !== undefined && !Array.isArray(listed)) parts.push(reading.unclear('prefixItems', schema));
  for (const [index, item] of prefix.entries())
    parts.push(everyItem(reading, index, index + 1, reading.formulaOf(item)));
  const rest = isList ? additionalItems : items;
  if (rest !== undefined) parts.push(everyItem(reading, prefix.length, Infinity, reading.formulaOf(rest)));
  if (uniqueItems === true) parts.push(reading.store.keyword({ type: 'array', kind: 'unique', negated: false }));
  parts.push(...readContains(reading, schema));
  const unevaluated = schema['unevaluatedItems'];
  if (draft !== '7' && unevaluated !== undefined) {
    const read = (inner: JsonValue): Formula => reading.formulaOf(inner);
    const evaluating = evaluatingSchemas(schema, reading);
    const found = evaluating && unevaluatedItems(evaluating, read(unevaluated), reading.store, reading.document, read);
    parts.push(found ?? reading.unclear('unevaluatedItems', schema));
  }
  return parts;
}

function readContains(reading: Reading, schema: JsonObject): Formula[] {
  const { contains } = schema;
  if (contains === undefined) return [];
  const isCounted = reading.document.draft !== '7';
  const min = isCounted ? (schema['minContains'] ?? 1) : 1;
  const max = isCounted ? (schema['maxContains'] ?? Infinity) : Infinity;
  const formula = reading.formulaOf(contains);
  const parts: Formula[] = [];
  if (!isCount(min)) parts.push(onlyFor(reading, 'array', reading.unclear('minContains', schema)));
  else parts.push(reading.store.keyword({ type: 'array', kind: 'minFitting', count: min, formula }));
  if (max === Infinity) return parts;
  if (!isCount(max)) parts.push(onlyFor(reading, 'array', reading.unclear('maxContains', schema)));
  else parts.push(reading.store.keyword({ type: 'array', kind: 'maxFitting', count: max, formula }));
  return parts;
}

function isCount(value: JsonValue): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function everyItem(reading: Reading, from: number, to: number, formula: Formula): Formula {
  return reading.store.keyword({ type: 'array', kind: 'everyItem', from, to, formula });
}
