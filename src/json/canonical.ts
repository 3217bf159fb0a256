/**
 * JSON text with object keys sorted at every level, so that equal values give equal text, as hashes need.
 * Undefined members are left out, as JSON.stringify does.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  return JSON.stringify(value, (_key, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member;
    if (isSorted(Object.keys(member))) return member;
    const entries = Object.entries(member).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
    // A null prototype keeps a "__proto__" key an ordinary key.
    const sorted = Object.create(null) as Record<string, unknown>;
    for (const [key, item] of entries) sorted[key] = item;
    return sorted;
  });
}

function isSorted(keys: readonly string[]): boolean {
  for (let index = 1; index < keys.length; index += 1) if ((keys[index - 1] ?? '') > (keys[index] ?? '')) return false;
  return true;
}
