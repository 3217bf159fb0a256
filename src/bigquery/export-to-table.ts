import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTableExport, type ExportCount } from '../export/export-run.ts';
import { findRun } from '../export/find-run.ts';
import type { TableOptions } from '../export/run-table.ts';
import { GleanerError } from '../gleaner-error.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject } from '../json/value.ts';
import { BigQuery, type BigQueryOptions } from './big-query.ts';
import { digestOf, loadFile } from './load-file.ts';
import { mergeStatement } from './merge-statement.ts';
import { fittingColumns, ID_COLUMN, newColumns, type ExportColumns, type OutputColumn } from './output-columns.ts';
import { writeRowsFile, type RowsFile } from './rows-file.ts';
import { runJob } from './run-job.ts';
import { nameOfTable, parseTableAddress, type TableAddress } from './table-address.ts';

export interface TableExportOptions extends Pick<TableOptions, 'columns' | 'withInput' | 'input'>, BigQueryOptions {
  /** Bytes of one piece of the upload. Default 8 MiB. */
  pieceBytes?: number | undefined;
}

/** Whoever was killed leaves a table beside the target, which ends by itself. */
const STAGING_LIFE_MS = 24 * 3600 * 1000;

/**
 * Writes a run's results into a table of BigQuery by their ids: rows that are there are replaced, the others added, none removed. The
 * table is made where there is none. Repeated, or after a kill anywhere, it comes to the same: a job that is there already is gone on with.
 *
 * @throws {GleanerError} where the table does not take the columns, naming the first that it does not take
 */
export async function exportToTable(
  directory: string,
  address: string,
  options: TableExportOptions,
): Promise<ExportCount & { unplaced: number }> {
  const { columns, withInput, input, pieceBytes, ...access } = options;
  const target = parseTableAddress(address);
  if (columns !== undefined && !columns.includes(ID_COLUMN)) {
    throw new GleanerError(
      'usage',
      `Cannot write ${address} without ids, by which its rows are known: add id to the columns`,
    );
  }
  const exported = await openTableExport(directory, {
    ...(columns === undefined ? {} : { columns }),
    ...(withInput === undefined ? {} : { withInput }),
    ...(input === undefined ? {} : { input }),
  });
  const client = new BigQuery(access, target.project);
  const folder = mkdtempSync(join(tmpdir(), 'gleaner-export-'));
  try {
    const { table, counted } = exported;
    const found = await client.table(target);
    const location = found?.facts.location ?? (await client.location(target));
    const fitted = found === undefined ? newColumns(table) : fittingColumns(table, found.facts, target);
    const file = await writeRowsFile(join(folder, 'rows.jsonl'), table, fitted);
    if (found === undefined) await makeTarget(client, target, fitted, table);
    if (file.rows > 0) {
      const run = canonicalJson(findRun(directory).manifest.identity as JsonObject);
      await putInto(client, { target, columns: fitted, location, file, run, pieceBytes });
    }
    return { ...counted, unplaced: table.unplaced };
  } catch (error) {
    throw explained(error);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    await client.close();
    await exported.close();
  }
}

async function makeTarget(
  client: BigQuery,
  target: TableAddress,
  columns: readonly OutputColumn[],
  made: ExportColumns,
): Promise<void> {
  if (await client.createTable(target, { schema: schemaOf(columns, { hasKey: true }) })) return;
  // An earlier call whose answer was lost, or somebody else.
  const found = await client.table(target);
  const there = found && fittingColumns(made, found.facts, target);
  if (there !== undefined && there.every(({ fieldType }, place) => fieldType === columns[place]?.fieldType)) return;
  throw new GleanerError(
    'output-unwritable',
    `Cannot write ${nameOfTable(target)}: it was made by somebody else meanwhile; repeat the command`,
  );
}

interface Put {
  target: TableAddress;
  columns: readonly OutputColumn[];
  location: string;
  file: RowsFile;
  /** What tells the run from others. */
  run: string;
  pieceBytes: number | undefined;
}

/** Loads the rows beside the target, merges them into it, and removes what stands beside. */
async function putInto(client: BigQuery, { target, columns, location, file, run, pieceBytes }: Put): Promise<void> {
  const schema = schemaOf(columns, { hasKey: false });
  const digest = digestOf([run, nameOfTable(target), file.sha256, canonicalJson(schema)]);
  const staging = { ...target, table: `${target.table}_gleaner_${digest}` };
  const name = nameOfTable(target);
  const before = await stateOf(client, target);
  await loadFile(client, {
    table: staging,
    schema,
    expirationMs: before.nowMs + STAGING_LIFE_MS,
    location,
    file,
    purpose: name,
    pieceBytes,
  });
  await runJob(client, {
    // As long as the table is as it was, one merge; once it was written to, it takes another to be sure.
    name: `gleaner_merge_${digestOf([digest, before.facts.etag, before.facts.modifiedMs])}`,
    location,
    task: `merge rows into ${name}`,
    begin: (jobId) =>
      client.insertJob(jobId, location, {
        query: { query: mergeStatement(target, staging, columns), useLegacySql: false },
      }),
  });
  await client.deleteTable(staging);
}

async function stateOf(
  client: BigQuery,
  address: TableAddress,
): Promise<NonNullable<Awaited<ReturnType<BigQuery['table']>>>> {
  const found = await client.table(address);
  if (found !== undefined) return found;
  throw new GleanerError(
    'output-unwritable',
    `Cannot write ${nameOfTable(address)}: it was removed meanwhile; repeat the command`,
  );
}

function schemaOf(columns: readonly OutputColumn[], { hasKey }: { hasKey: boolean }): JsonObject {
  return {
    fields: columns.map(({ name, field, fieldType }) => ({
      name: field,
      type: fieldType,
      mode: hasKey && name === ID_COLUMN ? 'REQUIRED' : 'NULLABLE',
    })),
  };
}

/** What BigQuery refuses is a fault of the output. */
function explained(error: unknown): unknown {
  if (!(error instanceof GleanerError) || error.code !== 'run-refused') return error;
  return new GleanerError('output-unwritable', error.message, { cause: error, facts: error.facts });
}
