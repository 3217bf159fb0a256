import { hash } from 'node:crypto';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonValue } from '../json/value.ts';
import type { DerivedSchema } from '../schema/derived.ts';

/** What run.json says of a schema: the same for every version of zod that states it. */
export function schemaDigest({ identity }: Pick<DerivedSchema, 'identity'>): string {
  return digest(identity);
}

/** Whether gleaner 0.1 would have written the digest of this schema so. It stood there as a version of zod happened to write it. */
function isEarlierDigest(given: unknown, { earlier }: Pick<DerivedSchema, 'earlier'>): boolean {
  const schema = earlier()?.schema;
  return schema !== undefined && given === digest(canonicalJson(schema));
}

/** Whether a run whose run.json says this was made with the schema, whoever was asked with it. */
export function isDigestOf(given: unknown, derived: Pick<DerivedSchema, 'identity' | 'earlier'>): boolean {
  return (
    given === schemaDigest(derived) || given === digest(`whole ${derived.identity}`) || isEarlierDigest(given, derived)
  );
}

/**
 * The identity of a run that was begun with gleaner 0.1, as it would be written today. The schema stood in it as a version of
 * zod happened to write it.
 */
export function translateSchema(
  before: Record<string, JsonValue>,
  derived: Pick<DerivedSchema, 'identity' | 'earlier'>,
): Record<string, JsonValue> {
  const today = schemaDigest(derived);
  if (before['schema'] === today) return before;
  return isEarlierDigest(before['schema'], derived) ? { ...before, schema: today } : before;
}

function digest(text: string): string {
  return hash('sha256', text).slice(0, 16);
}
