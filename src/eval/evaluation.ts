import { ownValue } from '../json/own-value.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import { isAbsent } from './absent-value.ts';
import type { Calibration } from './calibration/calibrate.ts';
import { anlsScore } from './anls.ts';
import { compareRecord, type ComparedLeaf, type Comparators } from './compare-record.ts';
import { Confusions, type Confusion } from './confusions.ts';
import { GoldDoubts } from './gold-doubts.ts';
import { rateOf } from './intervals.ts';
import type { UnfinishedRun } from './unfinished-run.ts';
import { boundsOf, noCounts, ScoreTally, type FieldScore, type StatusCounts } from './score-tally.ts';

export interface WrongRecord {
  id: string;
  /** Its values that are not right, at most 20. */
  leaves: ComparedLeaf[];
  /** All of them. */
  wrong: number;
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
  /** Where the run has not finished. */
  unfinished?: UnfinishedRun;
  /** What may be wrong with the gold, for people. */
  warnings: readonly string[];
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

const MAX_WORST = 25;
const MAX_LEAVES = 20;
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
  readonly #tallies = new Map<string, ScoreTally>();
  readonly #micro = new ScoreTally();
  readonly #anls = new Map<string, number>();
  readonly #confusions = new Confusions();
  readonly #doubts: GoldDoubts;
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
    this.#doubts = new GoldDoubts(options.comparators);
    for (const field of options.fields) this.#tallies.set(field, new ScoreTally());
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
    this.#count(leaves);
    for (const field of fields) {
      const score = anlsScore(presentValue(gold, field), presentValue(given, field));
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
    const scores = [...this.#tallies].map(([field, tally]): [string, FieldScore] => {
      const anls = this.#anls.get(field);
      return [field, { ...tally.score(), ...(anls === undefined || records === 0 ? {} : { anls: anls / records }) }];
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
      warnings: this.#doubts.sentences(),
      anls: records === 0 ? null : this.#anlsSum / records,
      exact: exact?.value ?? null,
      exactInterval: boundsOf(exact),
      micro: this.#micro.score(),
      macroF1: f1s.length === 0 ? null : f1s.reduce((sum, f1) => sum + f1, 0) / f1s.length,
      fields: Object.fromEntries(scores),
      confusions: this.#confusions.list(),
      worst: this.#worst,
    };
  }

  #count(leaves: readonly ComparedLeaf[]): void {
    const all = noCounts();
    const byName = new Map<string, StatusCounts>();
    for (const leaf of leaves) {
      const { field, status } = leaf;
      all[status] += 1;
      this.#doubts.add(leaf);
      // A value inside a field counts for its own place and for the field of the record that it is part of.
      for (const name of new Set([this.#fieldOf(field), field])) {
        let counts = byName.get(name);
        if (counts === undefined) byName.set(name, (counts = noCounts()));
        counts[status] += 1;
      }
      if (status === 'mismatch' && this.#options.comparators.get(field)?.kind === 'exact') this.#confusions.add(leaf);
    }
    this.#micro.add(all);
    for (const [name, counts] of byName) {
      let tally = this.#tallies.get(name);
      if (tally === undefined) this.#tallies.set(name, (tally = new ScoreTally()));
      tally.add(counts);
    }
  }

  #fieldOf(place: string): string {
    const holds = (field: string): boolean =>
      place === field || (place.startsWith(field) && '.['.includes(place.charAt(field.length)));
    return this.#options.fields.find(holds) ?? place;
  }

  #keepWorst(record: WrongRecord): void {
    const worst = this.#worst;
    if (worst.length === MAX_WORST && record.wrong <= (worst.at(-1)?.wrong ?? 0)) return;
    const at = worst.findIndex(({ wrong }) => wrong < record.wrong);
    worst.splice(at === -1 ? worst.length : at, 0, record);
    if (worst.length > MAX_WORST) worst.pop();
  }
}

function only(object: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(object, field)).map((field) => [field, presentValue(object, field)]),
  );
}

/** An empty cell of a table is no value, as null is. */
function presentValue(object: JsonObject, field: string): JsonValue {
  const value = ownValue(object, field);
  return value === undefined || isAbsent(value) ? null : value;
}
