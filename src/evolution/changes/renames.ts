import { distance } from 'fastest-levenshtein';
import { canonicalJson } from '../../json/canonical.ts';
import type { JsonValue } from '../../json/value.ts';
import { attempt, type Budget } from '../engine/budget.ts';

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
 * Where the budget runs out, the rest goes without hints.
 */
export function hintRenames<Edit extends PropertyEdit>(
  edits: readonly Edit[],
  budget: Budget,
): ReadonlyMap<Edit, Hint> {
  const hints = new Map<Edit, Hint>();
  attempt(
    () => {
      const added = groupAdditions(edits, budget);
      for (const removal of edits) {
        if (removal.rule !== 'property-removed' && removal.rule !== 'required-property-removed') continue;
        const alike = added.get(keyOf(removal, removal.before, budget));
        const best = alike === undefined ? undefined : takePartner(nameOf(removal), alike, budget);
        if (best === undefined) continue;
        hints.set(removal, { renamedTo: nameOf(best) });
        hints.set(best, { renamedFrom: nameOf(removal) });
      }
    },
    () => undefined,
  );
  return hints;
}

/** The added properties by object and schema, each group by name. */
function groupAdditions<Edit extends PropertyEdit>(
  edits: readonly Edit[],
  budget: Budget,
): Map<string, Map<string, Edit>> {
  const groups = new Map<string, Map<string, Edit>>();
  for (const edit of edits) {
    if (edit.rule !== 'property-added' && edit.rule !== 'required-property-added') continue;
    const key = keyOf(edit, edit.after, budget);
    const group = groups.get(key) ?? new Map<string, Edit>();
    groups.set(key, group.set(nameOf(edit), edit));
  }
  return groups;
}

/** Takes the partner of a removed name out of its group, if there is one. */
function takePartner<Edit>(name: string, group: Map<string, Edit>, budget: Budget): Edit | undefined {
  for (const [other, edit] of group) {
    if (group.size > 1 && !areSimilar(name, other, budget)) continue;
    group.delete(other);
    return edit;
  }
  return undefined;
}

function keyOf({ path }: PropertyEdit, schema: JsonValue | undefined, budget: Budget): string {
  const key = JSON.stringify([path.slice(0, -1), canonicalJson(schema)]);
  budget.spend(1 + (key.length >> 6));
  return key;
}

function nameOf(edit: PropertyEdit): string {
  return edit.path.at(-1) ?? '';
}

function areSimilar(left: string, right: string, budget: Budget): boolean {
  const first = words(left);
  const second = words(right);
  budget.spend(1 + ((first.length * second.length) >> 12));
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
