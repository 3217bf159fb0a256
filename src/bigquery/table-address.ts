import { GleanerError } from '../gleaner-error.ts';

/** A table of BigQuery. */
export interface TableAddress {
  project: string;
  dataset: string;
  table: string;
}

/** A project may be of a domain: `example.com:project`. */
const PROJECT = /^(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
const DATASET = /^\w{1,1024}$/;
/** Letters, marks, digits, connectors, dashes and spaces of all languages; no wildcards and no decorators. */
const TABLE = /^[\p{L}\p{M}\p{N}\p{Pc}\p{Pd} ]{1,1024}$/u;

function isTableAddress(text: string): boolean {
  return text.startsWith('bq://');
}

/** @throws {GleanerError} for what names no table */
export function parseTableAddress(text: string): TableAddress {
  const parts = isTableAddress(text) ? text.slice('bq://'.length).split('.') : [];
  const [dataset = '', table = ''] = parts.slice(-2);
  const project = parts.slice(0, -2).join('.');
  if (PROJECT.test(project) && DATASET.test(dataset) && TABLE.test(table)) return { project, dataset, table };
  throw new GleanerError(
    'option-invalid',
    `Cannot use ${JSON.stringify(text)} as a table of BigQuery: ${faultOf({ project, dataset, table })}; give bq://project.dataset.table`,
  );
}

export function nameOfTable({ project, dataset, table }: TableAddress): string {
  return `bq://${project}.${dataset}.${table}`;
}

/** As SQL names it. */
export function quoteTable({ project, dataset, table }: TableAddress): string {
  return `\`${project}.${dataset}.${table}\``;
}

function faultOf({ project, dataset, table }: TableAddress): string {
  if (project === '') return 'a project, a dataset and a table must be named, with dots between them';
  if (!PROJECT.test(project)) return `${JSON.stringify(project)} is no project id`;
  if (!DATASET.test(dataset)) return `${JSON.stringify(dataset)} is no dataset`;
  if (/[*$@]/.test(table)) return 'wildcards, partitions and snapshots are not read; name a whole table';
  return `${JSON.stringify(table)} is no table`;
}
