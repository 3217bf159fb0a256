import { createHash } from 'node:crypto';
import type { ZodSchema } from '../../schema/zod-schema.ts';
import { assertionsInMetadata } from '../../zod/metadata.ts';
import { functionTexts } from '../../zod/own-functions.ts';
import { unseenKinds, unseenOptions, type UnseenKind } from '../../zod/unseen-kinds.ts';
import { walkZod } from '../../zod/walk.ts';

/** Something that a zod schema does to a value and that no JSON Schema shows. */
export interface UnseenCheck {
  /** Where it stands: property names joined by dots, `[]` for items, `{}` for the values of a record; empty for the root. */
  readonly path: string;
  readonly kind: UnseenKind;
  /** Of what it was made of: its functions and options. Absent where nothing of it can be read, and in older snapshots. */
  readonly digest?: string;
}

/** What became of such a check between two versions of a definition. */
export interface UnseenChange extends UnseenCheck {
  readonly change: 'new' | 'edited' | 'gone';
}

/** Kinds that functions and options belong to; a pipe's second part shows in what is written. */
const MADE_OF_CODE: ReadonlySet<UnseenKind> = new Set(['refinement', 'transform', 'preprocess', 'custom']);

/** Finds the refinements and transforms of a zod 3 or 4 schema, by shape, in the order of its fields. */
export function findUnseenChecks(schema: ZodSchema): UnseenCheck[] {
  const found = new Map<string, { path: string; kind: UnseenKind; parts: string[] }>();
  walkZod(schema, (node, path) => {
    for (const kind of unseenKinds(node)) {
      const key = keyOf({ kind, path });
      const check = found.get(key) ?? { path, kind, parts: [] };
      found.set(key, check);
      check.parts.push(...partsOf(kind, node));
    }
  });
  return [...found.values()].map(({ path, kind, parts }) => ({
    path,
    kind,
    ...(parts.length === 0 ? {} : { digest: digestOf(parts) }),
  }));
}

function partsOf(kind: UnseenKind, node: object): string[] {
  if (kind === 'override') return [assertionsInMetadata(node) ?? ''];
  if (!MADE_OF_CODE.has(kind)) return [];
  // One that is hidden still counts.
  return [...unseenOptions(node), ...functionTexts(node).map((text) => text ?? 'hidden')];
}

function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 12);
}

function keyOf({ kind, path }: Pick<UnseenCheck, 'kind' | 'path'>): string {
  return `${kind} ${path}`;
}

/** Lists what is new, was edited or is gone. Where either side has no digest, it counts as what it was. */
export function compareUnseen(older: readonly UnseenCheck[], newer: readonly UnseenCheck[]): UnseenChange[] {
  const before = new Map(older.map((check) => [keyOf(check), check]));
  const now = new Set(newer.map(keyOf));
  const changes = newer.flatMap((check): UnseenChange[] => {
    const known = before.get(keyOf(check));
    if (known === undefined) return [{ ...check, change: 'new' }];
    const isEdited = known.digest !== undefined && check.digest !== undefined && known.digest !== check.digest;
    return isEdited ? [{ ...check, change: 'edited' }] : [];
  });
  const gone = older.filter((check) => !now.has(keyOf(check)));
  return [...changes, ...gone.map((check) => ({ ...check, change: 'gone' as const }))];
}
