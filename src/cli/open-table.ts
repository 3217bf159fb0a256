import { join } from 'node:path';
import type { BigQueryOptions } from '../bigquery/big-query.ts';
import { createTableInput, type TableInput } from '../bigquery/table-input.ts';
import type { Extraction } from '../extraction/definition.ts';
import { StoreError } from '../files/store-error.ts';
import type { FileOptions } from '../records/input-source.ts';
import { GleanerError } from '../gleaner-error.ts';
import { readManifest, type Manifest } from '../store/manifest.ts';
import { fileNames } from '../store/run-directory.ts';

interface ReadingRun extends Partial<FileOptions> {
  extraction: Extraction;
  idField?: string | undefined;
  out: string;
  acceptChanges?: boolean | undefined;
  tell: (notice: string) => void;
}

/**
 * Opens a table of BigQuery for a run. A run that goes on reads it as it was when it began, unless changes are to be taken over.
 *
 * @throws {GleanerError} where no column is named to take ids from
 */
export function openTable(
  address: string,
  { extraction, idField, out, acceptChanges = false, tell, ...reading }: ReadingRun,
  access: BigQueryOptions,
): TableInput {
  const ofFiles = OF_FILES.find((option) => reading[option] !== undefined);
  if (ofFiles !== undefined) {
    throw new GleanerError(
      'usage',
      `Cannot read ${address} with --${ofFiles === 'fillShortRows' ? 'fill-short-rows' : ofFiles}: that is about how files are written; leave it out`,
    );
  }
  const idColumn = idField ?? extraction.id;
  if (typeof idColumn !== 'string') {
    const found = idColumn === undefined ? 'no id' : 'a function for its ids';
    throw new GleanerError(
      'usage',
      `Cannot read ${address}: tables have no order, so rows are read by the column of their ids, and the definition names ${found}; name the column with id: 'column' in the definition, or with --id-field`,
    );
  }
  const manifest = acceptChanges ? undefined : manifestIn(out);
  return createTableInput(address, {
    ...access,
    idColumn,
    before: manifest?.identity['input'],
    mayBePast: manifest?.status !== 'finished',
    onNotice: tell,
  });
}

const OF_FILES = ['format', 'delimiter', 'encoding', 'fillShortRows'] as const;

function manifestIn(out: string): Manifest | undefined {
  try {
    return readManifest(join(out, fileNames.manifest));
  } catch (error) {
    // What is wrong with it is told where the directory is opened.
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
