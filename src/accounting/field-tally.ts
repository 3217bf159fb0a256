import { isJsonObject, type JsonValue } from '../json/value.ts';
import { ValueCounts } from './value-counts.ts';

const MAX_DISTINCT = 50;
const MAX_VALUE_LENGTH = 40;

export interface Range {
  min: number;
  max: number;
}

export interface FieldSummary {
  name: string;
  /** Results in which the field holds something. */
  filled: number;
  /** Results in which it is an empty text, list or object. */
  empty: number;
  nulls: number;
  missing: number;
  /** How often each value occurs, most frequent first; only for fields of few short values that recur. */
  values: [value: string, count: number][] | undefined;
  numbers: Range | undefined;
  textLengths: Range | undefined;
  listLengths: Range | undefined;
}

/** What one field of the results holds, in constant memory. */
export class FieldTally {
  #filled = 0;
  #empty = 0;
  #nulls = 0;
  /** Undefined once the field has shown not to be one of few short values. */
  #values: ValueCounts<string | number | boolean> | undefined = new ValueCounts(MAX_DISTINCT);
  readonly #numbers: Range = nowhere();
  readonly #textLengths: Range = nowhere();
  readonly #listLengths: Range = nowhere();

  add(value: JsonValue): void {
    if (value === null) {
      this.#nulls += 1;
      return;
    }
    if (isEmpty(value)) this.#empty += 1;
    else this.#filled += 1;
    if (typeof value === 'number') widen(this.#numbers, value);
    else if (typeof value === 'string') widen(this.#textLengths, value.length);
    else if (Array.isArray(value)) widen(this.#listLengths, value.length);
    this.#countValue(value);
  }

  summary(name: string, results: number): FieldSummary {
    return {
      name,
      filled: this.#filled,
      empty: this.#empty,
      nulls: this.#nulls,
      missing: results - this.#filled - this.#empty - this.#nulls,
      values: this.#recurringValues(),
      numbers: known(this.#numbers),
      textLengths: known(this.#textLengths),
      listLengths: known(this.#listLengths),
    };
  }

  #countValue(value: JsonValue): void {
    if (this.#values === undefined || value === '') return;
    if (typeof value === 'object' || (typeof value === 'string' && value.length > MAX_VALUE_LENGTH)) {
      this.#values = undefined;
      return;
    }
    this.#values.add(value as string | number | boolean);
    if (this.#values.rest > 0) this.#values = undefined;
  }

  /** Values that stand for a kind of record recur; those that hardly do are the record's own. */
  #recurringValues(): [string, number][] | undefined {
    const { distinct } = this.#values ?? { distinct: 0 };
    if (distinct === 0 || this.#filled < 2 * distinct) return undefined;
    return this.#values?.entries().map(([value, count]) => [String(value), count]);
  }
}

function isEmpty(value: JsonValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return value === '' || (isJsonObject(value) && Object.keys(value).length === 0);
}

function nowhere(): Range {
  return { min: Number.POSITIVE_INFINITY, max: Number.NEGATIVE_INFINITY };
}

function widen(range: Range, value: number): void {
  range.min = Math.min(range.min, value);
  range.max = Math.max(range.max, value);
}

function known(range: Range): Range | undefined {
  return range.min <= range.max ? range : undefined;
}
