/** A setting's value as it may be shown: an address without what stands before its host or behind its question mark. */
export function showValue(value: unknown): string | number | boolean | null {
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value !== 'string') return value === undefined ? null : JSON.stringify(value);
  return value
    .replace(/^(\w+:\/\/)[^/?#]*@/, '$1...@')
    .replace(/[?#].*$/s, (rest) => (/^\w+:\/\//.test(value) ? '?...' : rest));
}
