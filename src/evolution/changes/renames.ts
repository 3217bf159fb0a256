import { canonicalJson } from '../../json/canonical.ts';
import type { JsonValue } from '../../json/value.ts';

interface PropertyEdit {
  readonly rule: string;
  readonly path: readonly string[];
  readonly before: JsonValue | undefined;
  readonly after: JsonValue | undefined;
}

type Hint = { readonly renamedTo: string } | { readonly renamedFrom: string };

/**
 * Pairs removed with added properties of the same object that look like one property under a new name: the same schema,
 * and either a similar name or no other candidate. Only a hint, since as sets of documents it is a removal and an addition.
 */
export function hintRenames<Edit extends PropertyEdit>(edits: readonly Edit[]): ReadonlyMap<Edit, Hint> {
  const hints = new Map<Edit, Hint>();
  const added = edits.filter((edit) => edit.rule === 'property-added' || edit.rule === 'required-property-added');
  for (const removal of edits) {
    if (removal.rule !== 'property-removed' && removal.rule !== 'required-property-removed') continue;
    const parent = parentOf(removal);
    const alike = added.filter(
      (edit) => parentOf(edit) === parent && !hints.has(edit) && haveSameSchema(removal, edit),
    );
    const best =
      alike.find((edit) => areSimilar(nameOf(removal), nameOf(edit))) ?? (alike.length === 1 ? alike[0] : undefined);
    if (best === undefined) continue;
    hints.set(removal, { renamedTo: nameOf(best) });
    hints.set(best, { renamedFrom: nameOf(removal) });
  }
  return hints;
}

function haveSameSchema(removal: PropertyEdit, addition: PropertyEdit): boolean {
  return canonicalJson(removal.before) === canonicalJson(addition.after);
}

function nameOf(edit: PropertyEdit): string {
  return edit.path.at(-1) ?? '';
}

function parentOf(edit: PropertyEdit): string {
  return JSON.stringify(edit.path.slice(0, -1));
}

function areSimilar(left: string, right: string): boolean {
  const first = words(left);
  const second = words(right);
  if (first === second) return true;
  return (
    first.includes(second) ||
    second.includes(first) ||
    distance(first, second) <= Math.max(first.length, second.length) / 3
  );
}

/** A name without case and separators, so that `vatId`, `vat_id` and `VAT-ID` are the same. */
function words(name: string): string {
  return name.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
}

/** How many characters must be added, left out or replaced to get from one text to the other. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, char] of Array.from(left).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(right).entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (char === other ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
