import { isJsonObject } from '../../json/value.ts';
import { covers, REMOVED, type StoredAcceptance } from './accept-record.ts';
import type { BaselineSchema } from './baseline-schema.ts';
import type { SnapshotContent } from './snapshot.ts';

/** A definition that the baseline has and no file defines any more, under this name at least. */
export interface RemovedDefinition {
  readonly name: string;
  readonly baseline: { readonly label: string; readonly path: string; readonly hash: string; readonly number?: number };
  /** A new definition with the same fields: most likely this one under another name. */
  readonly renamedTo?: string;
  /** The decision that lets it pass. */
  readonly acceptance?: StoredAcceptance;
}

/** Judges a definition that is gone: it passes only where its end was accepted, since this very snapshot. */
export function checkRemoved(
  older: BaselineSchema,
  context: {
    acceptances: readonly StoredAcceptance[];
    /** The definitions that the baseline does not have. */
    added: readonly SnapshotContent[];
  },
): RemovedDefinition {
  const { acceptances, added } = context;
  const { name, label, path, hash, number } = older;
  const pair = { oldHash: hash, newHash: REMOVED, number, directions: [] };
  const acceptance = acceptances.find((candidate) => covers(candidate, { ...pair, reader: candidate.reader }));
  const renamedTo = added.find((content) => looksRenamed(older, content))?.name;
  return {
    name,
    baseline: { label, path, hash, ...(number === undefined ? {} : { number }) },
    ...(renamedTo === undefined ? {} : { renamedTo }),
    ...(acceptance === undefined ? {} : { acceptance }),
  };
}

/** The same schema, or one that has half of all fields in common: who renames may edit as well. */
function looksRenamed(older: SnapshotContent, newer: SnapshotContent): boolean {
  if (older.hash === newer.hash) return true;
  const [before, after] = [fieldsOf(older), fieldsOf(newer)];
  const common = before.filter((field) => after.includes(field)).length;
  return common > 0 && 2 * common >= new Set([...before, ...after]).size;
}

function fieldsOf({ schema }: SnapshotContent): string[] {
  const properties = isJsonObject(schema) ? schema['properties'] : undefined;
  return isJsonObject(properties) ? Object.keys(properties) : [];
}
