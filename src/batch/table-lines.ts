import { BigQuery, type BigQueryOptions } from '../bigquery/big-query.ts';
import { parseDatasetAddress, type DatasetAddress } from '../bigquery/dataset-address.ts';
import { digestOf, loadFile } from '../bigquery/load-file.ts';
import { readAllStatement } from '../bigquery/read-statement.ts';
import { nameOfTable, parseTableAddress, type TableAddress } from '../bigquery/table-address.ts';
import { openRows } from '../bigquery/table-rows.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { OutputFile } from './batch-event.ts';
import type { JobResource } from './job-client.ts';
import type { JobPlaces, LineStore, StoredShard } from './line-store.ts';
import { lineOfRow } from './line-of-row.ts';
import { writeWhole } from './write-whole.ts';

/** The columns that a job demands: the request, and what is passed on into its output, by which lines are told apart. */
export const LINE_SCHEMA = {
  fields: [
    { name: 'key', type: 'STRING', mode: 'REQUIRED' },
    { name: 'request', type: 'JSON', mode: 'REQUIRED' },
  ],
};
/** Rows are as long as their requests: so many of them are a few megabytes. */
const PAGE_ROWS = 1000;

/** Lines of jobs as rows of tables in BigQuery, one table for those that go in and one for those that come out. */
export class TableLines implements LineStore {
  readonly place: string;
  readonly media = undefined;
  readonly #dataset: DatasetAddress;
  readonly #client: BigQuery;
  #location: string | undefined;

  /** @throws {GleanerError} for what is no place in BigQuery */
  constructor(target: string, access: BigQueryOptions) {
    this.#dataset = parseDatasetAddress(target);
    const { project, dataset } = this.#dataset;
    this.place = `bq://${project}.${dataset}`;
    this.#client = new BigQuery(access, project);
  }

  prefixOf(displayName: string): string {
    const { prefix } = this.#dataset;
    return `${this.place}.${prefix === '' ? '' : `${prefix}_`}${displayName.replaceAll('-', '_')}`;
  }

  async put({ prefix, lines: rows, bytes, sha256 }: StoredShard, path: string, signal: AbortSignal): Promise<string> {
    const { lines: table } = tablesOf(prefix);
    const location = await this.#locationOf(signal);
    const file = { path, bytes, rows, sha256 };
    await loadFile(this.#client, { table, schema: LINE_SCHEMA, location, file, purpose: nameOfTable(table) }, signal);
    return sha256;
  }

  placesOf(prefix: string): JobPlaces {
    return tablesOf(prefix).places;
  }

  async find(
    { prefix, isTwin }: StoredShard,
    job: JobResource | undefined,
    signal: AbortSignal,
  ): Promise<OutputFile[]> {
    const { answers: demanded } = tablesOf(prefix);
    const table = namedTable(job) ?? demanded;
    // Both jobs of a shard were given one table, and the first of them answers for its rows.
    if (isTwin && nameOfTable(table) === nameOfTable(demanded)) return [];
    const found = await this.#client.table(table, signal);
    if (found === undefined) return [];
    const { etag, modifiedMs, rows } = found.facts;
    return [{ name: nameOfTable(table), generation: `${etag} ${modifiedMs}`, size: rows }];
  }

  fetch(output: readonly OutputFile[], path: string, signal: AbortSignal): Promise<void> {
    return writeWhole(path, this.#linesOf(output, signal), signal);
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async *#linesOf(output: readonly OutputFile[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const { name, generation } of output) {
      const { fields, pages } = await openRows(
        this.#client,
        {
          name: `gleaner_answers_${digestOf([name, generation])}`,
          table: name,
          sql: readAllStatement(parseTableAddress(name)),
          location: await this.#locationOf(signal),
          pageRows: PAGE_ROWS,
          isOrdered: false,
        },
        signal,
      );
      for await (const rows of pages) yield Buffer.from(rows.map((row) => lineOfRow(row, fields)).join(''));
    }
  }

  async #locationOf(signal: AbortSignal): Promise<string> {
    const { project, dataset } = this.#dataset;
    this.#location ??= await this.#client.location({ project, dataset, table: '' }, signal);
    return this.#location;
  }
}

/** The two tables of a job, and what is said of them where it is created. */
export function tablesOf(prefix: string): { lines: TableAddress; answers: TableAddress; places: JobPlaces } {
  const lines = parseTableAddress(`${prefix}_lines`);
  const answers = parseTableAddress(`${prefix}_answers`);
  return {
    lines,
    answers,
    places: {
      inputConfig: { instancesFormat: 'bigquery', bigquerySource: { inputUri: nameOfTable(lines) } },
      outputConfig: { predictionsFormat: 'bigquery', bigqueryDestination: { outputUri: nameOfTable(answers) } },
    },
  };
}

/** The table that the service says it wrote; undefined where it says none, or writes it in a way that is not known. */
function namedTable(job: JobResource | undefined): TableAddress | undefined {
  try {
    return job?.table === undefined ? undefined : parseTableAddress(job.table);
  } catch (error) {
    if (error instanceof GleanerError) return undefined;
    throw error;
  }
}
