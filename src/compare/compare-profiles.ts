import type { FieldProfile, Spread } from '../accounting/field-tally.ts';
import type { RunProfile } from '../accounting/run-profile.ts';
import { chiSquareTest } from './chi-square.ts';
import { aligned, kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { stabilityIndex } from './stability-index.ts';

/** What of a field two runs are compared in. */
export type Aspect = 'evidence' | 'fill' | 'values' | 'numbers' | 'text lengths' | 'list lengths';

/** One test of whether two runs differ. */
export interface FieldTest {
  field: string;
  aspect: Aspect;
  /** How large the difference is, whatever the number of records: see `measure`. */
  effect: number;
  /** The largest change of a share, the population stability index, or the Kolmogorov-Smirnov distance. */
  measure: 'share' | 'psi' | 'distance';
  /** How likely so large a difference is by chance, this test taken by itself. */
  probability: number;
  /** What is behind it, for people. */
  before: string;
  after: string;
}

/** What a field holds in two runs, as shares of the results. */
export interface FieldFill {
  field: string;
  filled: { before: number; after: number };
  distinct: { before: number | null; after: number | null };
}

/** Compares what the results of two runs hold, field by field. */
export function compareProfiles(before: RunProfile, after: RunProfile): { fields: FieldFill[]; tests: FieldTest[] } {
  const names = [...new Set([...Object.keys(before.fields), ...Object.keys(after.fields)])].sort();
  const fields: FieldFill[] = [];
  const tests: FieldTest[] = [];
  for (const field of names) {
    const first = before.fields[field] ?? absent(field, before, isNested(after.fields[field]));
    const second = after.fields[field] ?? absent(field, after, isNested(before.fields[field]));
    fields.push({
      field,
      filled: { before: filledShare(first), after: filledShare(second) },
      distinct: { before: first.distinct, after: second.distinct },
    });
    const found = [
      compareFill(first, second),
      compareValues(first, second),
      compareSpreads('numbers', first, second, ({ numbers }) => numbers),
      compareSpreads('text lengths', first, second, ({ lengths }) => lengths.text),
      compareSpreads('list lengths', first, second, ({ lengths }) => lengths.list),
    ];
    for (const test of found) if (test !== undefined) tests.push({ field, ...test });
  }
  return { fields, tests };
}

type FoundTest = Omit<FieldTest, 'field'>;

const FILLINGS = ['filled', 'empty', 'null', 'missing'] as const;

function compareFill(before: FieldProfile, after: FieldProfile): FoundTest | undefined {
  const [first, second] = [before, after].map((field) => FILLINGS.map((name) => field[name] * weightOf(field))) as [
    number[],
    number[],
  ];
  const probability = chiSquareTest(first, second);
  if (probability === undefined) return undefined;
  const [shares, others] = [sharesOf(first), sharesOf(second)];
  const effect = Math.max(...shares.map((value, index) => Math.abs(value - (others[index] ?? 0))));
  return { aspect: 'fill', effect, measure: 'share', probability, before: fillText(shares), after: fillText(others) };
}

function fillText(shares: readonly number[]): string {
  const parts = shares.map((value, index) => ({ value, name: FILLINGS[index] ?? '' })).filter(({ value }) => value > 0);
  return parts.map(({ value, name }) => `${percent(value)} ${name}`).join(', ');
}

function compareValues(before: FieldProfile, after: FieldProfile): FoundTest | undefined {
  if (before.values === null || after.values === null) return undefined;
  // Numbers are compared by how they spread, which knows near from far.
  if (before.numbers !== null || after.numbers !== null) return undefined;
  const counts = new Map<string | number | boolean, [number, number]>();
  for (const { value, count } of before.values) counts.set(value, [count, 0]);
  for (const { value, count } of after.values) counts.set(value, [counts.get(value)?.[0] ?? 0, count]);
  const pairs = [...counts.values()];
  const [weight, otherWeight] = [weightOf(before), weightOf(after)];
  const [first, second] = [pairs.map(([count]) => count * weight), pairs.map(([, count]) => count * otherWeight)];
  const probability = chiSquareTest(first, second);
  if (probability === undefined) return undefined;
  return {
    aspect: 'values',
    effect: stabilityIndex(first, second),
    measure: 'psi',
    probability,
    before: valuesText(before.values),
    after: valuesText(after.values),
  };
}

const SHOWN_VALUES = 3;

function valuesText(values: NonNullable<FieldProfile['values']>): string {
  const total = values.reduce((sum, { count }) => sum + count, 0);
  const shown = values.slice(0, SHOWN_VALUES).map(({ value, count }) => `${String(value)} ${percent(count / total)}`);
  const more = values.length - shown.length;
  return more > 0 ? `${shown.join(', ')} and ${more} more` : shown.join(', ');
}

function compareSpreads(
  aspect: Aspect,
  before: FieldProfile,
  after: FieldProfile,
  spreadOf: (field: FieldProfile) => Spread | null,
): FoundTest | undefined {
  const [first, second] = [spreadOf(before), spreadOf(after)];
  if (first?.bins === undefined || second?.bins === undefined) return undefined;
  const found = kolmogorovSmirnov(weighted(first.bins, weightOf(before)), weighted(second.bins, weightOf(after)));
  if (found === undefined || aligned(first.bins, second.bins).length < 2) return undefined;
  return {
    aspect,
    effect: found.distance,
    measure: 'distance',
    probability: found.probability,
    before: spreadText(first),
    after: spreadText(second),
  };
}

function weighted(bins: NonNullable<Spread['bins']>, weight: number): [edge: number, count: number][] {
  return bins.map(([edge, count]) => [edge, count * weight]);
}

/** Members of one list may all be alike, so all together count as many as they are worth at least. */
function weightOf({ places, independent }: FieldProfile): number {
  return places === undefined || independent === undefined ? 1 : share(independent, places);
}

function spreadText({ min, max, mean }: Spread): string {
  const text = (value: number): string => String(Number(value.toPrecision(4)));
  return `mean ${text(mean)}, ${text(min)} to ${text(max)}`;
}

/** A field that no result has, though it could: in every result, or in every object that holds others of its kind. */
function absent(field: string, { fields, results }: RunProfile, isNested: boolean): FieldProfile {
  const parent = field.slice(0, field.lastIndexOf('.') + 1);
  const sibling = Object.keys(fields).find((name) => isMember(name, parent));
  const of = sibling === undefined ? undefined : fields[sibling];
  const nested = { places: of?.places ?? 0, independent: of?.independent ?? 0 };
  return {
    filled: 0,
    empty: 0,
    null: 0,
    missing: isNested ? nested.places : results,
    distinct: 0,
    isDistinctExact: true,
    lengths: { text: null, list: null },
    numbers: null,
    values: null,
    ...(isNested ? nested : {}),
  };
}

function isNested(field: FieldProfile | undefined): boolean {
  return field?.places !== undefined;
}

/** Whether the field is a member of the object that `parent` ends with a dot: no deeper one, whose places are others. */
function isMember(field: string, parent: string): boolean {
  return parent.endsWith('.') && field.startsWith(parent) && !/[.[]/.test(field.slice(parent.length));
}

function filledShare({ filled, empty, null: nulls, missing }: FieldProfile): number {
  return share(filled, filled + empty + nulls + missing);
}

function sharesOf(counts: readonly number[]): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return counts.map((count) => share(count, total));
}

function share(count: number, total: number): number {
  return total === 0 ? 0 : count / total;
}

function percent(value: number): string {
  return `${Number((value * 100).toPrecision(3))} %`;
}
