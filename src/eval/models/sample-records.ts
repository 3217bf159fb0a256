import { createHash } from 'node:crypto';
import { compileRecordId } from '../../extraction/record-id.ts';
import type { Extraction } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonObject } from '../../json/value.ts';
import { openRecords } from '../../records/open-records.ts';
import type { Gold } from '../read-gold.ts';

export interface Sample {
  /** What is extracted, in input order, without the columns that hold the gold. */
  records: JsonObject[];
  /** What is known to be right, in the same order. */
  golds: { id: string; gold: JsonObject }[];
}

export interface SampleOptions {
  /** File of the input records. */
  input: string;
  /** Most records to take. */
  size: number;
  /** Column that holds the ids; default the definition's. */
  idField: string | undefined;
  /** Columns to leave out, as they hold what is to be found. */
  hidden: readonly string[];
}

/**
 * Reads the input records of a sample of the gold: those whose ids have the least hashes, so that the same records are taken each time, and
 * a larger sample holds the smaller one.
 *
 * @throws {GleanerError} when the input holds no record that the gold speaks of
 */
export async function sampleRecords(
  gold: Gold,
  extraction: Extraction,
  { input, size, idField, hidden }: SampleOptions,
): Promise<Sample> {
  const recordId = compileRecordId(extraction, idField);
  const found: { id: string; rank: string; fields: JsonObject; index: number }[] = [];
  for await (const row of await openRecords(input)) {
    if (row.kind !== 'record') continue;
    const known = recordId(row.fields, row.index);
    if (!known.ok || !gold.records.has(known.id)) continue;
    const rank = createHash('sha256').update(known.id).digest('hex');
    found.push({ id: known.id, rank, fields: withoutColumns(row.fields, hidden), index: row.index });
    // What cannot be in the sample any more is let go, now and then.
    if (found.length >= 2 * size + 1000) keepLeast(found, size);
  }
  keepLeast(found, size);
  found.sort((left, right) => left.index - right.index);
  if (found.length === 0) {
    throw new GleanerError(
      'gold-unusable',
      `Cannot compare models: ${input} holds no record whose id the gold has; name the file of the input records`,
    );
  }
  return {
    records: found.map(({ fields }) => fields),
    golds: found.map(({ id }) => ({ id, gold: gold.records.get(id) ?? {} })),
  };
}

function keepLeast(found: { rank: string }[], size: number): void {
  found.sort((left, right) => (left.rank < right.rank ? -1 : 1));
  found.splice(size);
}

function withoutColumns(fields: JsonObject, hidden: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !hidden.includes(name)));
}
