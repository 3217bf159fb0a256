import type { Extraction } from '../extraction/definition.ts';
import { isDigestOf } from '../extraction/schema-digest.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import type { SchemaOutput, ZodSchema } from '../schema/zod-schema.ts';
import type { RejectEntry, ResultEntry } from '../store/entries.ts';
import { findRun, type FoundRun } from './find-run.ts';
import { openLines } from './open-lines.ts';

/** A line of results.jsonl, with its data typed as the extraction's schema yields it. */
export interface ResultRow<Data = unknown> extends Omit<ResultEntry, 'data'> {
  data: Data;
}

/**
 * Yields the results of a run directory in input order, one at a time. The data was validated when it was written and is not validated
 * again. A run that is still at work is read as far as it is now. Memory: 24 bytes a line.
 *
 * @throws {GleanerError} when the directory is missing, holds no run or one of another extraction or schema, or its files were changed
 */
export async function* readResults<Schema extends ZodSchema>(
  extraction: Pick<Extraction<Schema>, 'name' | 'schema'>,
  directory: string,
): AsyncGenerator<ResultRow<SchemaOutput<Schema>>, void, void> {
  const run = findRun(directory);
  await refuseOther(run, extraction);
  for (const entry of entriesOf(run, 'results')) yield entry as unknown as ResultRow<SchemaOutput<Schema>>;
}

/**
 * Yields the rejects of a run directory in input order, one at a time. Records that a retry is working on are no rejects meanwhile.
 *
 * @throws {GleanerError} when the directory is missing, holds no run, or its files were changed
 */
export async function* readRejects(directory: string): AsyncGenerator<RejectEntry, void, void> {
  for (const entry of entriesOf(findRun(directory), 'rejects')) yield entry as unknown as RejectEntry;
}

/** Whoever reads rows of another schema under this one's types would find fields missing at work. */
async function refuseOther(
  { path, manifest: { identity } }: FoundRun,
  { name, schema }: Pick<Extraction, 'name' | 'schema'>,
): Promise<void> {
  const of = `Cannot read the results in ${path} as those of the extraction ${name}`;
  const { extraction: before, schema: digest } = identity;
  if (before !== undefined && before !== name) {
    throw new GleanerError('run-differs', `${of}: they are of the extraction ${String(before)}`);
  }
  if (digest === undefined || isDigestOf(digest, await deriveSchema(schema))) return;
  throw new GleanerError(
    'run-differs',
    `${of}: its schema has changed since they were written. Read them with the definition of that time, or continue the run with ` +
      'the changes accepted',
  );
}

function* entriesOf(run: FoundRun, file: 'results' | 'rejects'): Generator<JsonObject> {
  const lines = openLines(run, file);
  try {
    yield* lines.entries();
  } finally {
    lines.close();
  }
}
