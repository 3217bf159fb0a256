/** A figure that is not known yet: what it may be, and what is most likely. */
export interface Span {
  low: number;
  expected: number;
  high: number;
}

export function mapSpan({ low, expected, high }: Span, change: (value: number) => number): Span {
  return { low: change(low), expected: change(expected), high: change(high) };
}

export function addSpans(one: Span, other: Span): Span {
  return { low: one.low + other.low, expected: one.expected + other.expected, high: one.high + other.high };
}
