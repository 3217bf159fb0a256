const STEPS = 500;
const PRECISION = 1e-14;
const TINY = 1e-300;

/**
 * The regularised upper incomplete gamma function Q(a, x), by its series below a + 1 and by Lentz's continued fraction above:
 * Press et al., Numerical Recipes, 3rd edition, section 6.2.
 */
export function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a));
  return x < a + 1 ? 1 - scale * series(a, x) : scale * fraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let total = term;
  for (let step = 1; step < STEPS && term > total * PRECISION; step += 1) {
    term *= x / (a + step);
    total += term;
  }
  return total;
}

function fraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let value = d;
  for (let step = 1; step < STEPS; step += 1) {
    const factor = -step * (step - a);
    b += 2;
    d = 1 / awayFromZero(factor * d + b);
    c = awayFromZero(b + factor / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < PRECISION) break;
  }
  return value;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** Lanczos' approximation with g = 5 and six terms, to ten digits; same source, section 6.1. */
function logGamma(value: number): number {
  const terms = [
    76.1800917294715, -86.5053203294168, 24.01409824083091, -1.231739572450155, 0.1208650973866179e-2,
    -0.5395239384953e-5,
  ];
  const shifted = value + 5.5;
  const total = terms.reduce((sum, term, index) => sum + term / (value + 1 + index), 1.000000000190015);
  return (value + 0.5) * Math.log(shifted) - shifted + Math.log((2.506628274631 * total) / value);
}
