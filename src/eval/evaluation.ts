import { ownValue } from '../json/own-value.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { Calibration } from './calibration/calibrate.ts';
import { anlsScore } from './anls.ts';
import { compareRecord, type ComparedLeaf, type Comparators } from './compare-record.ts';
import { rateOf, type Rate } from './intervals.ts';

/** How one field fared. A rate is null where nothing could be counted for it. */
export interface FieldScore {
  match: number;
  mismatch: number;
  omission: number;
  hallucination: number;
  /** Of what was answered, how much is right: match / (match + mismatch + hallucination). */
  precision: number | null;
  /** Of what the gold has, how much was found: match / (match + mismatch + omission). */
  recall: number | null;
  f1: number | null;
  /** Wilson's intervals at 95 %, lower and upper bound. */
  intervals: { precision: readonly [number, number] | null; recall: readonly [number, number] | null };
  /** Mean ANLS* of the field over all records; for fields of the record itself only. */
  anls?: number;
}

export interface WrongRecord {
  id: string;
  /** Its values that are not right, at most 20. */
  leaves: ComparedLeaf[];
  /** All of them. */
  wrong: number;
}

/** Answers that were taken for another value of an enum, or of a yes and no. */
export interface Confusion {
  field: string;
  gold: JsonValue;
  answer: JsonValue;
  count: number;
}

export interface EvaluationReport {
  /** Gold records, with and without a result. */
  records: number;
  /** Gold records without a result; all of their values count as omissions. */
  missing: number;
  /** Ids of the first 20 of them. */
  missingIds: string[];
  /** Results that no gold record speaks of; not counted otherwise. */
  withoutGold: number;
  /** Ids of the first 20 of them. */
  withoutGoldIds: string[];
  /** Columns of the gold that the schema has no field for; not compared. */
  ignoredFields: readonly string[];
  /** Mean ANLS* of the records, from 0 to 1. */
  anls: number | null;
  /** Share of the records all of whose values are right. */
  exact: number | null;
  exactInterval: readonly [number, number] | null;
  /** All fields together. */
  micro: Omit<FieldScore, 'anls'>;
  /** Mean of the fields' F1. */
  macroF1: number | null;
  fields: Record<string, FieldScore>;
  confusions: Confusion[];
  worst: WrongRecord[];
  /** How sure values are, where results carry evidence or agreement and the gold suffices. */
  calibration?: Calibration;
}

type Counts = Pick<FieldScore, ComparedLeaf['status']>;

const MAX_WORST = 25;
const MAX_LEAVES = 20;
const MAX_CONFUSIONS = 50;
const MAX_IDS = 20;

export interface EvaluationOptions {
  /** Fields of the record that are looked at. */
  fields: readonly string[];
  comparators: Comparators;
  /** Told in the report only. */
  ignoredFields?: readonly string[];
}

/** Compares answers with gold, record by record, in memory that does not grow with their number. */
export class Evaluation {
  readonly #options: EvaluationOptions;
  readonly #counts = new Map<string, Counts>();
  readonly #micro: Counts = noCounts();
  readonly #anls = new Map<string, number>();
  readonly #confusions = new Map<string, Confusion>();
  readonly #worst: WrongRecord[] = [];
  #records = 0;
  readonly #missingIds: string[] = [];
  readonly #withoutGoldIds: string[] = [];
  #missing = 0;
  #withoutGold = 0;
  #exact = 0;
  #anlsSum = 0;

  constructor(options: EvaluationOptions) {
    this.#options = options;
    for (const field of options.fields) this.#counts.set(field, noCounts());
  }

  /**
   * Counts a gold record; `answer` is undefined where it has no result.
   *
   * @returns all values that were compared
   */
  add(id: string, gold: JsonObject, answer: JsonObject | undefined): ComparedLeaf[] {
    const { fields, comparators } = this.#options;
    this.#records += 1;
    if (answer === undefined) {
      this.#missing += 1;
      if (this.#missingIds.length < MAX_IDS) this.#missingIds.push(id);
    }
    const given = answer ?? {};
    const leaves = compareRecord(gold, given, fields, comparators);
    for (const leaf of leaves) this.#count(leaf);
    for (const field of fields) {
      const score = anlsScore(ownValue(gold, field) ?? null, ownValue(given, field) ?? null);
      this.#anls.set(field, (this.#anls.get(field) ?? 0) + score);
    }
    this.#anlsSum += anlsScore(only(gold, fields), only(given, fields));
    const wrong = leaves.filter(({ status }) => status !== 'match');
    if (wrong.length > 0) this.#keepWorst({ id, leaves: wrong.slice(0, MAX_LEAVES), wrong: wrong.length });
    else if (answer !== undefined) this.#exact += 1;
    return leaves;
  }

  addWithoutGold(id: string): void {
    this.#withoutGold += 1;
    if (this.#withoutGoldIds.length < MAX_IDS) this.#withoutGoldIds.push(id);
  }

  report(): EvaluationReport {
    const records = this.#records;
    const scores = [...this.#counts].map(([field, counts]): [string, FieldScore] => {
      const anls = this.#anls.get(field);
      return [field, { ...scoreOf(counts), ...(anls === undefined || records === 0 ? {} : { anls: anls / records }) }];
    });
    const own = scores.filter(([field]) => this.#options.fields.includes(field));
    const f1s = own.map(([, { f1 }]) => f1).filter((f1) => f1 !== null);
    const exact = rateOf(this.#exact, records);
    return {
      records,
      missing: this.#missing,
      missingIds: this.#missingIds,
      withoutGold: this.#withoutGold,
      withoutGoldIds: this.#withoutGoldIds,
      ignoredFields: this.#options.ignoredFields ?? [],
      anls: records === 0 ? null : this.#anlsSum / records,
      exact: exact?.value ?? null,
      exactInterval: boundsOf(exact),
      micro: scoreOf(this.#micro),
      macroF1: f1s.length === 0 ? null : f1s.reduce((sum, f1) => sum + f1, 0) / f1s.length,
      fields: Object.fromEntries(scores),
      confusions: [...this.#confusions.values()].sort((left, right) => right.count - left.count),
      worst: this.#worst,
    };
  }

  #count(leaf: ComparedLeaf): void {
    const { field, status } = leaf;
    this.#micro[status] += 1;
    // A value inside a field counts for its own place and for the field of the record that it is part of.
    for (const name of new Set([this.#fieldOf(field), field])) {
      let counts = this.#counts.get(name);
      if (counts === undefined) this.#counts.set(name, (counts = noCounts()));
      counts[status] += 1;
    }
    if (status === 'mismatch' && this.#options.comparators.get(field)?.kind === 'exact') this.#confuse(leaf);
  }

  #fieldOf(place: string): string {
    const holds = (field: string): boolean =>
      place === field || (place.startsWith(field) && '.['.includes(place.charAt(field.length)));
    return this.#options.fields.find(holds) ?? place;
  }

  #confuse({ field, gold = null, answer = null }: ComparedLeaf): void {
    const key = JSON.stringify([field, gold, answer]);
    const known = this.#confusions.get(key);
    if (known !== undefined) known.count += 1;
    else if (this.#confusions.size < MAX_CONFUSIONS) this.#confusions.set(key, { field, gold, answer, count: 1 });
  }

  #keepWorst(record: WrongRecord): void {
    const worst = this.#worst;
    if (worst.length === MAX_WORST && record.wrong <= (worst.at(-1)?.wrong ?? 0)) return;
    const at = worst.findIndex(({ wrong }) => wrong < record.wrong);
    worst.splice(at === -1 ? worst.length : at, 0, record);
    if (worst.length > MAX_WORST) worst.pop();
  }
}

function noCounts(): Counts {
  return { match: 0, mismatch: 0, omission: 0, hallucination: 0 };
}

function scoreOf(counts: Counts): FieldScore {
  const { match, mismatch, omission, hallucination } = counts;
  const precision = rateOf(match, match + mismatch + hallucination);
  const recall = rateOf(match, match + mismatch + omission);
  const [p, r] = [precision?.value ?? 0, recall?.value ?? 0];
  return {
    ...counts,
    precision: precision?.value ?? null,
    recall: recall?.value ?? null,
    f1: precision === undefined && recall === undefined ? null : p + r === 0 ? 0 : (2 * p * r) / (p + r),
    intervals: { precision: boundsOf(precision), recall: boundsOf(recall) },
  };
}

function boundsOf(rate: Rate | undefined): readonly [number, number] | null {
  return rate === undefined ? null : [rate.low, rate.high];
}

function only(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(object, field)).map((field) => [field, object[field]]),
  );
}
