import { canonicalJson } from '../json/canonical.ts';
import { isSameDate } from '../evidence/date-readings.ts';
import type { JsonValue } from '../json/value.ts';
import { checkOptions, DISTANCE, NAME, oneOf, SHARE } from './check-options.ts';
import { letterDistance } from './letter-distance.ts';
import { readDays, type DateOrder } from './read-days.ts';
import { readBoolean, readGoldNumbers, readNumbers, type DecimalMark } from './read-text.ts';

/** Decides whether a value of an answer is the one that the gold has. Made by the functions of this file. */
export interface LeafComparator {
  readonly kind: 'text' | 'number' | 'date' | 'exact' | 'ignore';
  /** How alike two values are, from 0 to 1. */
  similarity(gold: JsonValue, answer: JsonValue): number;
  /** From which similarity on they count as the same. */
  readonly threshold: number;
  /** Why a value of the gold could not be compared as what the field holds; undefined where it is read so. */
  doubtOf?(gold: JsonValue, answer: JsonValue): GoldDoubt | undefined;
}

/** A gold value that is no number, day or text where the field holds one, or that leaves open which one it is. */
export type GoldDoubt = 'no-number' | 'open-number' | 'no-date' | 'open-date' | 'no-text';

/** How the members of a list are paired before they are compared. */
export interface ListComparator {
  readonly kind: 'list';
  /** `optimal`: so that as much as possible agrees, whatever the order; `ordered`: the first with the first, and so on. */
  readonly align: 'optimal' | 'ordered';
  /** Pairs members by this field of theirs. */
  readonly key: string | undefined;
}

export type Comparator = LeafComparator | ListComparator;

/**
 * Compares texts after Unicode's NFKC, without regard to case and white space. Below a `threshold` of 1 (default) it is the share of
 * letters that need not be changed (normalized Levenshtein similarity) that has to reach it: 0.8 suits long texts. A number of the gold is
 * also what the text spells: 12.5 is `12.50`.
 *
 * @throws {GleanerError} for an option that it does not have, or a value that an option may not have; so do the others here
 */
export function text(options: { threshold?: number } = {}): LeafComparator {
  checkOptions('text', options, { threshold: SHARE });
  const { threshold = 1 } = options;
  const similarity = (gold: JsonValue, answer: JsonValue): number =>
    isSpelt(gold, answer) ? 1 : textSimilarity(textOf(gold), textOf(answer));
  return { kind: 'text', threshold, similarity, doubtOf: textDoubt };
}

/** Whether a text of the answer spells the number that the gold has, and no other. */
function isSpelt(gold: JsonValue, answer: JsonValue): boolean {
  if (typeof gold !== 'number' || typeof answer !== 'string') return false;
  const [given, ...others] = readNumbers(answer, undefined);
  return given === gold && others.length === 0;
}

function textDoubt(gold: JsonValue, answer: JsonValue): GoldDoubt | undefined {
  return typeof answer === 'string' && (typeof gold === 'number' || typeof gold === 'boolean') ? 'no-text' : undefined;
}

/**
 * Compares numbers, also where they stand as texts such as `1,234.50` or `0,5`. Default: they have to be equal.
 *
 * @param options.tolerance most that they may differ by
 * @param options.relative most that they may differ by as a share of the gold number
 * @param options.decimal the mark before fractions in texts. Default: what a text leaves open, as `1,234` and `1.234` do, has a point
 */
export function numeric(
  options: { tolerance?: number; relative?: number; decimal?: DecimalMark } = {},
): LeafComparator {
  checkOptions('numeric', options, { tolerance: DISTANCE, relative: DISTANCE, decimal: oneOf('.', ',') });
  const { tolerance = 0, relative = 0, decimal } = options;
  const isSame = (gold: JsonValue, answer: JsonValue): boolean => {
    const [[wanted], [given]] = [readGoldNumbers(gold, decimal), readNumbers(answer, decimal)];
    if (wanted === undefined || given === undefined) return textOf(gold) === textOf(answer);
    // A binary fraction may be off by a little where the decimal one is not.
    return Math.abs(wanted - given) <= Math.max(tolerance, relative * Math.abs(wanted)) + 1e-9 * Math.abs(wanted);
  };
  const doubtOf = (gold: JsonValue): GoldDoubt | undefined =>
    doubtFrom(readGoldNumbers(gold, decimal), 'no-number', 'open-number');
  return { ...leaf('number', isSame), doubtOf };
}

/**
 * Compares days, whatever their notation and the time of day: `2026-01-31`, `31 JAN 2026`, `31/01/26`; a year of two digits is that of any
 * century. A date whose notation leaves its day open, such as `03/04/2018`, is compared as a text.
 *
 * @param options.order what stands first in dates of numbers whose year of four digits does not. Default: not known
 */
export function date(options: { order?: DateOrder } = {}): LeafComparator {
  checkOptions('date', options, { order: oneOf('day-first', 'month-first', 'year-first') });
  const { order } = options;
  const isSame = (gold: JsonValue, answer: JsonValue): boolean => {
    const [wanted, given] = [readDays(gold, order), readDays(answer, order)];
    const [one, other] = [wanted[0], given[0]];
    if (one === undefined || other === undefined || wanted.length > 1 || given.length > 1)
      return textOf(gold) === textOf(answer);
    return isSameDate(one, other);
  };
  const doubtOf = (gold: JsonValue): GoldDoubt | undefined => doubtFrom(readDays(gold, order), 'no-date', 'open-date');
  return { ...leaf('date', isSame), doubtOf };
}

/**
 * Compares values as they are, letter by letter; a yes or no of the answer is also what `TRUE` and `False` of a table spell. What
 * booleans, enums and constants are compared with.
 */
export function exact(): LeafComparator {
  const isSame = (gold: JsonValue, answer: JsonValue): boolean => {
    if (typeof answer === 'boolean') return readBoolean(gold) === answer;
    return canonicalJson(gold) === canonicalJson(answer) || String(gold) === String(answer);
  };
  return { ...leaf('exact', isSame), doubtOf: textDoubt };
}

/** Leaves a field out. */
export function ignore(): LeafComparator {
  return leaf('ignore', () => true);
}

/** Says how the members of a list are paired; default `optimal`. */
export function list(options: { align?: 'optimal' | 'ordered'; key?: string } = {}): ListComparator {
  checkOptions('list', options, { align: oneOf('optimal', 'ordered'), key: NAME });
  const { align = 'optimal', key } = options;
  return { kind: 'list', align, key };
}

function doubtFrom(readings: readonly unknown[], none: GoldDoubt, several: GoldDoubt): GoldDoubt | undefined {
  return readings.length === 1 ? undefined : readings.length === 0 ? none : several;
}

function leaf(kind: LeafComparator['kind'], isSame: (gold: JsonValue, answer: JsonValue) => boolean): LeafComparator {
  return { kind, threshold: 1, similarity: (gold, answer) => (isSame(gold, answer) ? 1 : 0) };
}

function textOf(value: JsonValue): string {
  const given = typeof value === 'string' ? value : JSON.stringify(value);
  return given.normalize('NFKC').toLowerCase().trim().replaceAll(/\s+/g, ' ');
}

function textSimilarity(gold: string, answer: string): number {
  if (gold === answer) return 1;
  const { changes, length } = letterDistance(gold, answer);
  return 1 - changes / length;
}
