import { exportToTable } from '../bigquery/export-to-table.ts';
import type { ExportCount, ExportOptions } from '../export/export-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import { googleAccess } from './google-access.ts';
import type { Environment } from './settings/settings.ts';

/** Flags that are about files, or about rows that no id tells apart. */
const OF_OTHERS = {
  format: 'a table has no format; leave it out',
  bom: 'that is about files; leave it out',
  raw: 'that is about files; leave it out',
  rejects: 'rows are known by their ids, and rejects may have none; export them into a file',
  'include-rejects': 'rows are known by their ids, and rejects may have none; export them into a file',
  rows: 'rows are known by their ids, of which each record has one; leave it out, the lists are JSON in one column',
} as const;

interface Surroundings {
  settings: { text(name: 'auth' | 'base-url' | 'project'): string | undefined };
  environment: Environment;
}

/** Writes results into a table of BigQuery. @throws {GleanerError} for flags that it has no use for */
export function writeTable(
  directory: string,
  address: string,
  { format, ...options }: ExportOptions,
  { settings, environment }: Surroundings,
): Promise<ExportCount & { unplaced: number }> {
  const given = {
    format,
    bom: options.bom,
    raw: options.raw,
    rejects: options.rejects,
    'include-rejects': options.includeRejects,
    rows: options.rows,
  };
  for (const [flag, why] of Object.entries(OF_OTHERS)) {
    const value = given[flag as keyof typeof given];
    if (value === undefined || value === false) continue;
    throw new GleanerError('usage', `Cannot write ${address} with --${flag}: ${why}`);
  }
  const { columns, withInput, input } = options;
  return exportToTable(directory, address, {
    ...googleAccess(settings, environment),
    project: settings.text('project') ?? environment['GOOGLE_CLOUD_PROJECT'],
    ...(columns === undefined ? {} : { columns }),
    ...(withInput === undefined ? {} : { withInput }),
    ...(input === undefined ? {} : { input }),
  });
}
