import { hash } from 'node:crypto';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json/value.ts';
import type { BigQuery } from './big-query.ts';
import type { RowsFile } from './rows-file.ts';
import { runJob } from './run-job.ts';
import { nameOfTable, type TableAddress } from './table-address.ts';
import { uploadLoad } from './upload-load.ts';

export interface FileLoad {
  /** The table that is made for it; one that is there is of an earlier try. */
  table: TableAddress;
  schema: JsonObject;
  /** When the table ends by itself. Default: as its dataset says. */
  expirationMs?: number | undefined;
  location: string;
  file: RowsFile;
  /** What the rows are loaded for, for messages. */
  purpose: string;
  pieceBytes?: number | undefined;
}

/**
 * Puts rows into a table of their own. Repeated, or after a kill anywhere, it comes to the same: a load that was begun or done is not sent
 * again.
 *
 * @throws {GleanerError} where not all rows arrive
 */
export async function loadFile(client: BigQuery, load: FileLoad, signal?: AbortSignal): Promise<void> {
  const { table, schema, expirationMs, location, file, purpose, pieceBytes } = load;
  const task = `load rows for ${purpose}`;
  await client.createTable(table, { schema, ...(expirationMs === undefined ? {} : { expirationMs }) }, signal);
  const made = await client.table(table, signal);
  if (made === undefined) throw unwritable(table, 'it was removed meanwhile; repeat the command');
  const { job } = await runJob(
    client,
    {
      // Of a table that is made again nothing is known, whatever jobs of the same rows there were.
      name: `gleaner_load_${digestOf([nameOfTable(table), file.sha256, made.facts.createdMs])}`,
      location,
      task,
      begin: (jobId) =>
        uploadLoad(
          client,
          {
            jobId,
            location,
            load: {
              destinationTable: referenceOf(table),
              schema,
              sourceFormat: 'NEWLINE_DELIMITED_JSON',
              // Which alone keeps what the table was made with: that it ends by itself.
              writeDisposition: 'WRITE_EMPTY',
              createDisposition: 'CREATE_NEVER',
            },
            file,
            task,
            pieceBytes,
          },
          signal,
        ),
      explain: loadFault,
    },
    signal,
  );
  const { statistics } = job;
  const told = isJsonObject(statistics) ? statistics['load'] : undefined;
  const loaded = Number(isJsonObject(told) ? told['outputRows'] : undefined);
  if (loaded !== file.rows) {
    throw unwritable(table, `${loaded} rows were loaded, and ${file.rows} were sent; repeat the command`);
  }
}

/** Names a job or a table by what it is made of. */
export function digestOf(parts: readonly JsonValue[]): string {
  return hash('sha256', JSON.stringify(parts)).slice(0, 24);
}

function referenceOf({ project, dataset, table }: TableAddress): JsonObject {
  return { projectId: project, datasetId: dataset, tableId: table };
}

/** The service's words quote values; which column it was may be said. */
function loadFault(message: string): string {
  const [, field] = /\bfield:? ['"]?([\p{L}\p{N}_]+)/iu.exec(message) ?? [];
  return field === undefined ? 'it does not take a row' : `its column "${field}" does not take a value`;
}

function unwritable(table: TableAddress, why: string): GleanerError {
  return new GleanerError('output-unwritable', `Cannot write ${nameOfTable(table)}: ${why}`);
}
