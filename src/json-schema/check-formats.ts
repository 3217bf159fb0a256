import { mapSubschemas } from './subschemas.ts';
import type { JsonObject } from '../json/value.ts';

/** Names that zod gives to checks as if they were formats; their patterns say all. */
const CHECK_FORMATS: ReadonlySet<unknown> = new Set(['starts_with', 'ends_with', 'includes', 'lowercase', 'uppercase']);

/** Whether a schema's format is the name of a check, which the pattern beside it says in full. */
export function isCheckFormat({ format, pattern }: JsonObject): boolean {
  return CHECK_FORMATS.has(format) && pattern !== undefined;
}

/** Leaves out formats that no reader knows. */
export function withoutCheckFormats(schema: JsonObject): JsonObject {
  const below = mapSubschemas(schema, withoutCheckFormats);
  if (!isCheckFormat(below)) return below;
  const { format: _, ...rest } = below;
  return rest;
}
