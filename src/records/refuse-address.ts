import { GleanerError } from '../gleaner-error.ts';

/**
 * An address is no path: what lies in Cloud Storage and BigQuery is opened by who has credentials, and nothing else is read over a network.
 *
 * @throws {GleanerError} saying what is read
 */
export function refuseAddress(input: string): void {
  const [, scheme] = /^([a-z][a-z0-9+.-]+):\/\//i.exec(input) ?? [];
  if (scheme === undefined) return;
  const advice =
    scheme === 'gs' || scheme === 'bq'
      ? `only a run reads from ${scheme === 'gs' ? 'Cloud Storage' : 'BigQuery'}; give a file of this machine`
      : 'files of this machine, standard input (-) and, by a run, objects of Cloud Storage (gs://) and tables of BigQuery (bq://) are read; export it to one of them';
  throw new GleanerError('input-unreadable', `Cannot read ${input} here: ${advice}`);
}
