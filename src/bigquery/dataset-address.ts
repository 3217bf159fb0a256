import { GleanerError } from '../gleaner-error.ts';

/** A dataset of BigQuery, and what tables in it are to begin with. */
export interface DatasetAddress {
  project: string;
  dataset: string;
  /** May be empty. */
  prefix: string;
}

/** Projects have no dots but behind a domain, which has a colon at its end. */
const ADDRESS = /^bq:\/\/((?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9])\.(\w{1,1024})(?:\.(\w{1,200}))?$/;

/** Whether a place is one of BigQuery. */
export function isInBigQuery(place: string): boolean {
  return place.startsWith('bq://');
}

/** @throws {GleanerError} for what names no dataset */
export function parseDatasetAddress(text: string): DatasetAddress {
  const [, project, dataset, prefix = ''] = ADDRESS.exec(text) ?? [];
  if (project !== undefined && dataset !== undefined) return { project, dataset, prefix };
  throw new GleanerError(
    'option-invalid',
    `Cannot use ${JSON.stringify(text)} as a place in BigQuery: it must name a project and a dataset, and may name what tables begin with; give bq://project.dataset or bq://project.dataset.prefix`,
  );
}
