/** Round values for gridlines above zero, the last of them not below `max`. */
export function niceTicks(max: number, most = 3): number[] {
  const rough = Math.max(max, 1) / most;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, ([1, 2, 5, 10].find((factor) => factor * decade >= rough) ?? 10) * decade);
  return Array.from({ length: Math.max(1, Math.ceil(max / step)) }, (_, index) => (index + 1) * step);
}

/** A share of the width as SVG and CSS take it. */
export function percent(share: number): string {
  return `${Number((share * 100).toFixed(2))}%`;
}
