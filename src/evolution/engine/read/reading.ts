import type { JsonObject, JsonValue } from '../../../json/value.ts';
import type { Budget } from '../budget.ts';
import { typeBit, type Formula } from '../formula.ts';
import type { FormulaStore } from '../formula-store.ts';
import type { Literal } from '../literal.ts';
import type { Languages } from '../regex/languages.ts';
import type { SchemaDocument } from '../schema-document.ts';

/** What reading the keywords of a schema needs of the reader of its document. */
export interface Reading {
  readonly document: SchemaDocument;
  readonly store: FormulaStore;
  readonly languages: Languages;
  readonly budget: Budget;
  /** The formula of a schema inside the document. */
  formulaOf(schema: JsonValue): Formula;
  /** The condition that a keyword of a schema makes and that is not understood. */
  unclear(keyword: string, schema: JsonObject): Formula;
}

export function countLimits(
  reading: Reading,
  schema: JsonObject,
  keywords: Readonly<Record<string, 'string' | 'array' | 'object'>>,
): Formula[] {
  return Object.entries(keywords).flatMap(([keyword, type]) => {
    const count = schema[keyword];
    if (count === undefined) return [];
    if (typeof count !== 'number' || !Number.isInteger(count)) return [reading.unclear(keyword, schema)];
    return [reading.store.keyword({ type, kind: keyword, count } as Literal)];
  });
}

export function onlyFor(reading: Reading, type: 'string' | 'array' | 'object', formula: Formula): Formula {
  return reading.store.or([reading.store.not(reading.store.ofTypes(typeBit(type))), formula]);
}
