/**
 * Lists a character and those that a pattern takes for it with the `i` flag, in ascending order.
 *
 * @param unicode whether the pattern has the `u` or `v` flag, which fold case by another table than plain patterns
 */
export function caseVariants(value: number, unicode: boolean): number[] {
  const char = String.fromCodePoint(value);
  if (value < 128 && !/[a-z]/i.test(char)) return [value];
  const known = relatives();
  const candidates = new Set([value, ...casesOf(char).flatMap((key) => known.get(key) ?? [])]);
  const same = new RegExp(`^\\u{${value.toString(16)}}$`, 'iu');
  const isSame = (other: number): boolean =>
    unicode ? same.test(String.fromCodePoint(other)) : upperCase(other) === upperCase(value);
  return [...candidates].filter(isSame).sort((left, right) => left - right);
}

let byCase: Map<string, number[]> | undefined;

/** Characters by their cases; whether two that share one count as the same is asked of the table that decides. */
function relatives(): Map<string, number[]> {
  if (byCase !== undefined) return byCase;
  byCase = new Map();
  for (let value = 0; value <= 0x1ffff; value += 1) {
    if (value >= 0xd800 && value <= 0xdfff) continue;
    const char = String.fromCodePoint(value);
    const cases = casesOf(char);
    // Most characters have no case.
    if (cases.length === 1) continue;
    for (const key of cases) byCase.set(key, [...(byCase.get(key) ?? []), value]);
  }
  return byCase;
}

function casesOf(char: string): string[] {
  const upper = char.toUpperCase();
  return [...new Set([char, upper, char.toLowerCase(), upper.toLowerCase()])];
}

/** What plain patterns compare: https://tc39.es/ecma262/#sec-runtime-semantics-canonicalize-ch */
function upperCase(value: number): number {
  if (value > 0xffff) return value;
  const upper = String.fromCodePoint(value).toUpperCase();
  const result = upper.codePointAt(0) ?? value;
  return String.fromCodePoint(result) !== upper || (value >= 128 && result < 128) ? value : result;
}
