import { isJsonObject, type JsonValue } from '../json/value.ts';
import { DistinctCount } from './distinct-count.ts';
import { ValueBins } from './value-bins.ts';
import { ValueCounts } from './value-counts.ts';

const MAX_DISTINCT = 50;
const MAX_VALUE_LENGTH = 40;

export interface Spread {
  min: number;
  max: number;
  mean: number;
  /** How they spread: where each bin begins, and how many it holds. Bins are 9 % wide. Absent in profiles of version 0.1. */
  bins?: [edge: number, count: number][];
}

/** What profile.json says of one field. */
export interface FieldProfile {
  /** Results in which the field holds something, an empty text, list or object, null, and nothing at all. */
  filled: number;
  empty: number;
  null: number;
  missing: number;
  /** How many different values it has; null where some are lists or objects. */
  distinct: number | null;
  /** False where `distinct` is an estimate, within 10 % almost always. */
  isDistinctExact: boolean;
  /** Of texts, in UTF-16 units, and of lists, in items; null where there are none. */
  lengths: { text: Spread | null; list: Spread | null };
  numbers: Spread | null;
  /** How often each value occurs, most frequent first; null but for fields of few short values that recur. */
  values: { value: string | number | boolean; count: number }[] | null;
  /**
   * Only of a field within objects or lists: how many of those there are, so how often it can be there, and how many results they are worth
   * where members of one list are alike. Of another field each result is one.
   */
  places?: number;
  independent?: number;
}

/** A `FieldTally` as a checkpoint holds it. */
export interface SavedFieldTally {
  filled: number;
  empty: number;
  nulls: number;
  values: ReturnType<ValueCounts<string | number | boolean>['save']> | undefined;
  distinct: ReturnType<DistinctCount['save']> | undefined;
  hasNested: boolean;
  numbers: SavedSpread;
  textLengths: SavedSpread;
  listLengths: SavedSpread;
}

interface SavedSpread {
  count: number;
  sum: number;
  min: number;
  max: number;
  bins: ReturnType<ValueBins['save']>;
}

/** What one field of the results holds, in constant memory. */
export class FieldTally {
  #filled = 0;
  #empty = 0;
  #nulls = 0;
  /** Undefined once the field has shown not to be one of few short values; `#distinct` takes its place then. */
  #values: ValueCounts<string | number | boolean> | undefined = new ValueCounts(MAX_DISTINCT);
  #distinct: DistinctCount | undefined;
  #hasNested = false;
  readonly #numbers = new SpreadTally();
  readonly #textLengths = new SpreadTally();
  readonly #listLengths = new SpreadTally();

  add(value: JsonValue): void {
    if (value === null) {
      this.#nulls += 1;
      return;
    }
    if (isEmpty(value)) this.#empty += 1;
    else this.#filled += 1;
    if (typeof value === 'number') this.#numbers.add(value);
    else if (typeof value === 'string') this.#textLengths.add(value.length);
    else if (Array.isArray(value)) this.#listLengths.add(value.length);
    if (typeof value === 'object') this.#noteNested();
    else if (!this.#hasNested) this.#countValue(value);
  }

  save(): SavedFieldTally {
    return {
      filled: this.#filled,
      empty: this.#empty,
      nulls: this.#nulls,
      values: this.#values?.save(),
      distinct: this.#distinct?.save(),
      hasNested: this.#hasNested,
      numbers: this.#numbers.save(),
      textLengths: this.#textLengths.save(),
      listLengths: this.#listLengths.save(),
    };
  }

  load(saved: SavedFieldTally): void {
    this.#filled = saved.filled;
    this.#empty = saved.empty;
    this.#nulls = saved.nulls;
    if (saved.values === undefined) this.#values = undefined;
    else this.#values?.load(saved.values);
    if (saved.distinct !== undefined) {
      this.#distinct = new DistinctCount();
      this.#distinct.load(saved.distinct);
    }
    this.#hasNested = saved.hasNested;
    this.#numbers.load(saved.numbers);
    this.#textLengths.load(saved.textLengths);
    this.#listLengths.load(saved.listLengths);
  }

  /** `places`: how often it can have been there. */
  profile(places: number): FieldProfile {
    const exact = this.#values?.distinct;
    const text = this.#textLengths.spread();
    const hasEmptyText = text?.min === 0;
    const values = this.#recurring();
    return {
      filled: this.#filled,
      empty: this.#empty,
      null: this.#nulls,
      missing: places - this.#filled - this.#empty - this.#nulls,
      distinct: this.#hasNested
        ? null
        : exact === undefined
          ? Math.min(this.#distinct?.estimate() ?? 0, this.#filled + this.#empty)
          : exact + (hasEmptyText ? 1 : 0),
      isDistinctExact: exact !== undefined,
      lengths: { text, list: this.#listLengths.spread() },
      numbers: this.#numbers.spread(),
      values: values === undefined ? null : values.map(([value, count]) => ({ value, count })),
    };
  }

  /** Values of a field that holds lists or objects are not told apart. */
  #noteNested(): void {
    this.#hasNested = true;
    this.#values = undefined;
    this.#distinct = undefined;
  }

  #countValue(value: string | number | boolean): void {
    if (this.#distinct !== undefined) {
      this.#distinct.add(distinctName(value));
      return;
    }
    // How many are empty is known besides.
    if (this.#values === undefined || value === '') return;
    const isLong = typeof value === 'string' && value.length > MAX_VALUE_LENGTH;
    if (!isLong) this.#values.add(value);
    if (!isLong && this.#values.rest === 0) return;
    this.#distinct = this.#estimateFrom(this.#values);
    this.#distinct.add(distinctName(value));
    this.#values = undefined;
  }

  /** An estimate does not depend on when and how often its values came. */
  #estimateFrom(values: ValueCounts<string | number | boolean>): DistinctCount {
    const distinct = new DistinctCount();
    for (const [value] of values.entries()) distinct.add(distinctName(value));
    if (this.#textLengths.min === 0) distinct.add('');
    return distinct;
  }

  /** Values that stand for a kind of record recur; those that hardly do are the record's own. */
  #recurring(): [string | number | boolean, number][] | undefined {
    const { distinct } = this.#values ?? { distinct: 0 };
    if (distinct === 0 || this.#filled < 2 * distinct) return undefined;
    // Records end in any order; equally frequent values must not.
    return this.#values
      ?.entries()
      .sort((left, right) => right[1] - left[1] || (String(left[0]) < String(right[0]) ? -1 : 1));
  }
}

class SpreadTally {
  #count = 0;
  #sum = 0;
  #min = Number.POSITIVE_INFINITY;
  #max = Number.NEGATIVE_INFINITY;
  readonly #bins = new ValueBins();

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    this.#min = Math.min(this.#min, value);
    this.#max = Math.max(this.#max, value);
    this.#bins.add(value);
  }

  save(): SavedSpread {
    return { count: this.#count, sum: this.#sum, min: this.#min, max: this.#max, bins: this.#bins.save() };
  }

  load({ count, sum, min, max, bins }: SavedSpread): void {
    this.#count = count;
    this.#sum = sum;
    this.#min = min;
    this.#max = max;
    this.#bins.load(bins);
  }

  get min(): number {
    return this.#min;
  }

  /** The mean to nine digits: further ones depend on the order in which the values came. */
  spread(): Spread | null {
    if (this.#count === 0) return null;
    return {
      min: this.#min,
      max: this.#max,
      mean: Number((this.#sum / this.#count).toPrecision(9)),
      bins: this.#bins.entries(),
    };
  }
}

/** The number 1 is another value than the text "1". */
function distinctName(value: string | number | boolean): string {
  return typeof value === 'string' ? value : `\u0000${value}`;
}

function isEmpty(value: JsonValue): boolean {
  if (typeof value !== 'object') return value === '';
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}
