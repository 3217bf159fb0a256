/** An exact fraction in lowest terms with a positive denominator. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** A fraction in lowest terms; the denominator must not be zero. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  if (denominator === 1n) return { numerator, denominator };
  const sign = denominator < 0n ? -1n : 1n;
  const divisor = greatestCommonDivisor(numerator, denominator) * sign;
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/**
 * The fraction that a number's shortest decimal text stands for: 0.1 is one tenth, as its author wrote it, and not the
 * nearest double. Undefined for numbers that JSON cannot hold.
 */
export function rationalFromNumber(value: number): Rational | undefined {
  if (!Number.isFinite(value)) return undefined;
  if (Number.isSafeInteger(value)) return { numerator: BigInt(value), denominator: 1n };
  const match = /^(-?\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value));
  if (match === null) return undefined;
  const [, whole = '0', fraction = '', exponent = '0'] = match;
  const digits = BigInt(whole + fraction);
  const power = Number(exponent) - fraction.length;
  return power >= 0
    ? { numerator: digits * 10n ** BigInt(power), denominator: 1n }
    : rational(digits, 10n ** BigInt(-power));
}

/** The number whose shortest decimal text is exactly this fraction, or undefined when no double is. */
export function numberFromRational(value: Rational): number | undefined {
  const rounded = nearestNumber(value);
  const back = rationalFromNumber(rounded);
  return back !== undefined && compareRationals(back, value) === 0 ? rounded : undefined;
}

/** The double nearest to a fraction whose decimal expansion ends. */
export function nearestNumber(value: Rational): number {
  let { numerator } = value;
  let { denominator } = value;
  let decimals = 0;
  // Doubles have at most 1074 binary places, so a longer expansion cannot matter.
  while (denominator !== 1n && decimals < 1100) {
    numerator *= 10n;
    decimals += 1;
    const divisor = greatestCommonDivisor(numerator, denominator);
    numerator /= divisor;
    denominator /= divisor;
  }
  const result = Number(`${numerator / denominator}e-${decimals}`);
  return result === 0 ? 0 : result;
}

/** Negative, zero or positive, as for sorting. */
export function compareRationals(left: Rational, right: Rational): number {
  const difference =
    left.denominator === right.denominator
      ? left.numerator - right.numerator
      : left.numerator * right.denominator - right.numerator * left.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export function isMultipleOf(value: Rational, step: Rational): boolean {
  return (value.numerator * step.denominator) % (value.denominator * step.numerator) === 0n;
}

export function multiplyRational(value: Rational, factor: bigint): Rational {
  return rational(value.numerator * factor, value.denominator);
}

/** How many whole steps fit into a value, rounded towards minus infinity. */
export function floorQuotient(value: Rational, step: Rational): bigint {
  const numerator = value.numerator * step.denominator;
  const denominator = value.denominator * step.numerator;
  const quotient = numerator / denominator;
  return numerator % denominator < 0n ? quotient - 1n : quotient;
}

/** The smallest positive fraction that both positive fractions divide. */
export function leastCommonMultiple(left: Rational, right: Rational): Rational {
  const first = left.numerator * right.denominator;
  const second = right.numerator * left.denominator;
  return rational((first / greatestCommonDivisor(first, second)) * second, left.denominator * right.denominator);
}

export function rationalKey(value: Rational): string {
  return value.denominator === 1n ? String(value.numerator) : `${value.numerator}/${value.denominator}`;
}

function greatestCommonDivisor(left: bigint, right: bigint): bigint {
  let larger = left < 0n ? -left : left;
  let smaller = right < 0n ? -right : right;
  while (smaller !== 0n) [larger, smaller] = [smaller, larger % smaller];
  return larger;
}
