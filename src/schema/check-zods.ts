import { GleanerError } from '../gleaner-error.ts';
import { findForeignZod, type ForeignZod } from '../zod/foreign.ts';
import { quoteFieldPath } from '../json-schema/field-path.ts';
import type { ZodSchema } from './zod-schema.ts';

/**
 * Refuses a schema of two generations of zod, of which neither can run the other's: every answer would be paid for and
 * rejected. Two versions of zod 4 work together, and are worth a word, which is returned.
 */
export function checkZods(zodSchema: ZodSchema): string[] {
  let found: ForeignZod[] = [];
  try {
    found = findForeignZod(zodSchema);
  } catch {
    // A getter that throws stops the conversion as well, which says so.
  }
  const [first] = found;
  if (first === undefined) return [];
  const { path, outer, inner, isOtherGeneration } = first;
  const cause = `${quoteFieldPath(path)} is made with ${inner}, the schema around it with ${outer}`;
  if (!isOtherGeneration) return [`${cause}; have both import the same zod`];
  throw new GleanerError(
    'schema-unusable',
    `Cannot use a schema of two zods: ${cause}, and neither can check the other's; have both import the same zod ` +
      '(a shared package may bring its own: see npm ls zod)',
  );
}
