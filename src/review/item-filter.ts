import type { ItemBit, ItemTable } from './item-table.ts';

/** Which records are looked at; `code:` and `field:` are followed by a reject code, or a field without evidence. */
export type ItemFilter = string;

const BY_BIT: Readonly<Record<string, { bit: ItemBit; isSet: boolean }>> = {
  reviewed: { bit: 'reviewed', isSet: true },
  unreviewed: { bit: 'reviewed', isSet: false },
  'no-evidence': { bit: 'noEvidence', isSet: true },
  repaired: { bit: 'repaired', isSet: true },
  coerced: { bit: 'coerced', isSet: true },
  'low-confidence': { bit: 'lowConfidence', isSet: true },
  fresh: { bit: 'fresh', isSet: true },
  rejected: { bit: 'rejected', isSet: true },
  extracted: { bit: 'rejected', isSet: false },
};

/** Makes the test of a filter; undefined for a name that is none. */
export function compileFilter(
  filter: ItemFilter,
  table: ItemTable,
  names: { codes: readonly string[]; fields: readonly string[] },
): ((at: number) => boolean) | undefined {
  if (filter === 'all' || filter === '') return () => true;
  const known = Object.hasOwn(BY_BIT, filter) ? BY_BIT[filter] : undefined;
  if (known !== undefined) return (at) => table.has(at, known.bit) === known.isSet;
  const [kind, name = ''] = splitOnce(filter);
  if (kind === 'code') {
    const code = names.codes.indexOf(name);
    return (at) => table.has(at, 'rejected') && table.codeOf(at) === code;
  }
  if (kind === 'field') {
    const field = names.fields.indexOf(name);
    return field === -1 ? () => false : (at) => (table.missingOf(at) & (1 << field)) !== 0;
  }
  return undefined;
}

function splitOnce(text: string): [string, string | undefined] {
  const at = text.indexOf(':');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
