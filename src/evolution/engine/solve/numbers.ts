import type { Budget } from '../budget.ts';
import type { Formula } from '../formula.ts';
import type { NumberLiteral } from '../literal.ts';
import {
  compareRationals,
  floorQuotient,
  isMultipleOf,
  leastCommonMultiple,
  multiplyRational,
  nearestNumber,
  numberFromRational,
  rational,
  rationalKey,
  type Rational,
} from '../numbers/rational.ts';
import { atomsOf, evaluate, type Atom } from './evaluate.ts';

/** An open interval; an absent end is infinite. */
interface Interval {
  readonly from: Rational | undefined;
  readonly to: Rational | undefined;
}

const MAX_CANDIDATES = 200n;

/**
 * A number that satisfies a formula, undefined when none does. `isExact` is false when fractions do but none was found
 * that is a double; the number is then only near one.
 */
export function findNumber(formula: Formula, budget: Budget): { value: number; isExact: boolean } | undefined {
  const literals = atomsOf(formula).flatMap((atom) => (isNumberAtom(atom) ? [atom.literal] : []));
  for (const easy of [0, 1, -1])
    if (holds(formula, rational(BigInt(easy)), budget)) return { value: easy, isExact: true };
  const thresholds = literals
    .flatMap((literal) =>
      literal.kind === 'oneOf' ? literal.values : literal.kind === 'multipleOf' ? [] : [literal.bound],
    )
    .sort(compareRationals)
    .filter((value, index, all) => index === 0 || compareRationals(value, all[index - 1] ?? value) !== 0);
  let near: Rational | undefined;
  for (const point of thresholds) {
    budget.spend();
    if (!holds(formula, point, budget)) continue;
    const value = numberFromRational(point);
    if (value !== undefined) return { value, isExact: true };
    near ??= point;
  }
  const steps = distinctSteps(literals);
  for (const [index, from] of [undefined, ...thresholds].entries()) {
    budget.spend();
    const found = findInside({ from, to: thresholds[index] }, formula, steps, budget);
    if (found === undefined) continue;
    const value = numberFromRational(found);
    if (value !== undefined) return { value, isExact: true };
    near ??= found;
  }
  return near === undefined ? undefined : { value: nearestNumber(near), isExact: false };
}

/** Whether an exact value satisfies a formula over numbers. */
function holds(formula: Formula, value: Rational, budget: Budget): boolean {
  const truth = evaluate(formula, budget, (atom) => {
    if (!isNumberAtom(atom)) return undefined;
    const { literal } = atom;
    switch (literal.kind) {
      case 'atLeast':
      case 'atMost': {
        const order = compareRationals(value, literal.bound) * (literal.kind === 'atLeast' ? 1 : -1);
        return order > 0 || (order === 0 && !literal.exclusive);
      }
      case 'multipleOf':
        return isMultipleOf(value, literal.step) !== literal.negated;
      case 'oneOf':
        return isListed(value, literal.values, budget) !== literal.negated;
      default:
        return literal satisfies never;
    }
  });
  return truth === true;
}

/** Lists can be long, and each of their values is looked up in each of them. */
const LISTS = new WeakMap<readonly Rational[], ReadonlySet<string>>();

function isListed(value: Rational, list: readonly Rational[], budget: Budget): boolean {
  let keys = LISTS.get(list);
  if (keys === undefined) {
    budget.spend(list.length);
    keys = new Set(list.map(rationalKey));
    LISTS.set(list, keys);
  }
  return keys.has(rationalKey(value));
}

/** No bound and no listed value lies inside the interval, so only divisibility is open there. */
function findInside(
  interval: Interval,
  formula: Formula,
  steps: readonly Rational[],
  budget: Budget,
): Rational | undefined {
  const divides: (boolean | undefined)[] = steps.map(() => undefined);
  function truth(): boolean | undefined {
    return evaluate(formula, budget, (atom) => {
      if (!isNumberAtom(atom)) return undefined;
      const { literal } = atom;
      switch (literal.kind) {
        case 'atLeast':
          return interval.from !== undefined && compareRationals(literal.bound, interval.from) <= 0;
        case 'atMost':
          return interval.to !== undefined && compareRationals(literal.bound, interval.to) >= 0;
        case 'oneOf':
          return literal.negated;
        case 'multipleOf': {
          const divided = divides[steps.findIndex((step) => compareRationals(step, literal.step) === 0)];
          return divided === undefined ? undefined : divided !== literal.negated;
        }
        default:
          return literal satisfies never;
      }
    });
  }
  function decide(index: number): Rational | undefined {
    budget.spend();
    const known = truth();
    if (known === false) return undefined;
    if (known === true) {
      const wanted = steps.filter((_, position) => divides[position] === true);
      const unwanted = steps.filter((_, position) => divides[position] === false);
      return findMultiple(interval, wanted, unwanted, budget);
    }
    for (const choice of [true, false]) {
      divides[index] = choice;
      const found = decide(index + 1);
      divides[index] = undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
  return decide(0);
}

function findMultiple(
  interval: Interval,
  wanted: readonly Rational[],
  unwanted: readonly Rational[],
  budget: Budget,
): Rational | undefined {
  const [first, ...others] = wanted;
  if (first === undefined) return findFraction(interval, unwanted, budget);
  const step = others.reduce(leastCommonMultiple, first);
  // A multiple k of the step is a multiple of an unwanted number exactly if a whole number divides k.
  const divisors = unwanted
    .map((other) => leastCommonMultiple(step, other))
    .map((common) => floorQuotient(common, step));
  if (divisors.includes(1n)) return undefined;
  const low = interval.from === undefined ? undefined : floorQuotient(interval.from, step) + 1n;
  const high = interval.to === undefined ? undefined : -floorQuotient(negative(interval.to), step) - 1n;
  if (low !== undefined && high !== undefined && low > high) return undefined;
  const period = divisors.reduce((product, divisor) => product * divisor, 1n);
  const start = low !== undefined && low > 0n ? low : high !== undefined && high < 0n ? high : 0n;
  let fallback: Rational | undefined;
  // Within one period on either side every combination of remainders has come by.
  const reach = period > MAX_CANDIDATES ? period : MAX_CANDIDATES;
  for (let distance = 0n; distance <= reach; distance += 1n) {
    let isInside = false;
    for (const factor of distance === 0n ? [start] : [start + distance, start - distance]) {
      if ((low !== undefined && factor < low) || (high !== undefined && factor > high)) continue;
      isInside = true;
      if (divisors.some((divisor) => factor % divisor === 0n)) continue;
      const candidate = multiplyRational(step, factor);
      if (numberFromRational(candidate) !== undefined) return candidate;
      fallback ??= candidate;
    }
    if (!isInside || (fallback !== undefined && distance > MAX_CANDIDATES)) return fallback;
    budget.spend();
  }
  return fallback;
}

/** Without a wanted divisor every interval holds a value: some decimal fraction with enough places. */
function findFraction(interval: Interval, unwanted: readonly Rational[], budget: Budget): Rational | undefined {
  for (let places = 0; places < 1100; places += 1) {
    budget.spend();
    const step = rational(1n, 10n ** BigInt(places));
    const low = interval.from === undefined ? undefined : floorQuotient(interval.from, step) + 1n;
    const high = interval.to === undefined ? undefined : -floorQuotient(negative(interval.to), step) - 1n;
    if (low !== undefined && high !== undefined && low > high) continue;
    const start = low !== undefined && low > 0n ? low : high !== undefined && high < 0n ? high : 0n;
    for (const offset of [0n, 1n, -1n, 2n, -2n, 3n, -3n, 5n, -5n, 7n, -7n]) {
      const factor = start + offset;
      if ((low !== undefined && factor < low) || (high !== undefined && factor > high)) continue;
      const candidate = multiplyRational(step, factor);
      if (unwanted.some((other) => isMultipleOf(candidate, other))) continue;
      if (places > 30 || numberFromRational(candidate) !== undefined) return candidate;
    }
  }
  return undefined;
}

function distinctSteps(literals: readonly NumberLiteral[]): Rational[] {
  const steps: Rational[] = [];
  for (const literal of literals) {
    if (literal.kind !== 'multipleOf') continue;
    if (!steps.some((step) => compareRationals(step, literal.step) === 0)) steps.push(literal.step);
  }
  return steps;
}

function negative(value: Rational): Rational {
  return { numerator: -value.numerator, denominator: value.denominator };
}

function isNumberAtom(atom: Atom): atom is Atom & { literal: NumberLiteral } {
  return atom.kind === 'literal' && atom.literal.type === 'number';
}
