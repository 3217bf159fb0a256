import type { ValidationIssue, ValidationResult, ZodSchema } from '../schema/zod-schema.ts';
import { isSynchronous } from '../zod/synchronous.ts';

/**
 * zod's Standard Schema `validate` first tries without waiting. For an asynchronous check it then drops the promise and
 * starts over, and if the dropped one rejects, the process ends with an unhandled rejection. Its `safeParseAsync`, which
 * zod 3, zod 4 and zod/mini share, runs every check once; it costs a few microseconds more, so that it is left to schemas that could
 * have such a check.
 */
export function validate<Output>(
  schema: ZodSchema<Output>,
  value: unknown,
): ValidationResult<Output> | Promise<ValidationResult<Output>> {
  if (!hasSafeParseAsync(schema) || canCheckAtOnce(schema)) return schema['~standard'].validate(value);
  return schema
    .safeParseAsync(value)
    .then((result) => (result.success ? { value: result.data } : { issues: result.error.issues }));
}

const atOnce = new WeakMap<object, boolean>();

function canCheckAtOnce(schema: object): boolean {
  let is = atOnce.get(schema);
  if (is === undefined) atOnce.set(schema, (is = isSynchronous(schema)));
  return is;
}

interface AsyncParser<Output> {
  safeParseAsync(
    value: unknown,
  ): Promise<{ success: true; data: Output } | { success: false; error: { issues: readonly ValidationIssue[] } }>;
}

function hasSafeParseAsync<Output>(schema: ZodSchema<Output>): schema is ZodSchema<Output> & AsyncParser<Output> {
  return 'safeParseAsync' in schema && typeof schema.safeParseAsync === 'function';
}
