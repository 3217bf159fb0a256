import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import type { SchemaOutput, ZodSchema } from '../schema/zod-schema.ts';
import type { RejectEntry, ResultEntry } from '../store/entries.ts';
import { findRun } from './find-run.ts';
import { OrderedLines } from './ordered-lines.ts';

/** A line of results.jsonl, with its data typed as the extraction's schema yields it. */
export interface ResultRow<Data = unknown> extends Omit<ResultEntry, 'data'> {
  data: Data;
}

/**
 * Yields the results of a run directory in input order, one at a time. The data was validated when it was written and is not validated
 * again. A run that is still at work is read as far as it is now. Memory: 24 bytes a line.
 *
 * @throws {GleanerError} when the directory is missing, holds no run or that of another extraction, or its files were changed
 */
export async function* readResults<Schema extends ZodSchema>(
  extraction: Pick<Extraction<Schema>, 'name' | 'schema'>,
  directory: string,
): AsyncGenerator<ResultRow<SchemaOutput<Schema>>, void, void> {
  for (const entry of entriesOf(directory, 'results', extraction.name))
    yield entry as unknown as ResultRow<SchemaOutput<Schema>>;
}

/**
 * Yields the rejects of a run directory in input order, one at a time. Records that a retry is working on are no rejects meanwhile.
 *
 * @throws {GleanerError} when the directory is missing, holds no run, or its files were changed
 */
export async function* readRejects(directory: string): AsyncGenerator<RejectEntry, void, void> {
  for (const entry of entriesOf(directory, 'rejects')) yield entry as unknown as RejectEntry;
}

function* entriesOf(directory: string, file: 'results' | 'rejects', extraction?: string): Generator<JsonObject> {
  const run = findRun(directory);
  const before = run.manifest.identity['extraction'];
  if (extraction !== undefined && before !== undefined && before !== extraction) {
    throw new GleanerError(
      'run-differs',
      `Cannot read the results in ${directory} as those of the extraction ${extraction}: they are of the extraction ${String(before)}`,
    );
  }
  const lines = new OrderedLines(run.file(file));
  try {
    yield* lines.entries();
  } finally {
    lines.close();
  }
}
