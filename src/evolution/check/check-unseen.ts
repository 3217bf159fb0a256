import type { ZodSchema } from '../../schema/zod-schema.ts';
import { unseenKinds, type UnseenKind } from '../../zod/unseen-kinds.ts';
import { walkZod } from '../../zod/walk.ts';

/** Something that a zod schema does to a value and that no JSON Schema shows. */
export interface UnseenCheck {
  /** Where it stands: property names joined by dots, `[]` for items, `{}` for the values of a record; empty for the root. */
  readonly path: string;
  readonly kind: UnseenKind;
}

/** Finds the refinements and transforms of a zod 3 or 4 schema, by shape, in the order of its fields. */
export function findUnseenChecks(schema: ZodSchema): UnseenCheck[] {
  const found = new Map<string, UnseenCheck>();
  walkZod(schema, (node, path) => {
    for (const kind of unseenKinds(node)) found.set(`${kind} ${path}`, { path, kind });
  });
  return [...found.values()];
}
