import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import { isNotFound, type BigQuery, type ResultPage } from './big-query.ts';
import { runJob } from './run-job.ts';
import { readFields, type TableField } from './table-facts.ts';

export interface TableQuery {
  /** What its job goes by: the same for the same rows. */
  name: string;
  /** The table, for messages. */
  table: string;
  sql: string;
  location: string;
  pageRows: number;
  /** Whether every reading finds the rows in the same order. Default true; otherwise one whose rows are gone is begun again by its caller. */
  isOrdered?: boolean;
}

/** Rows of a query as they are written, and what its columns are. */
export interface FoundRows {
  fields: readonly TableField[];
  pages: AsyncGenerator<readonly JsonObject[], void, undefined>;
}

/**
 * Reads what a query finds, a page at a time, the next of which is on its way meanwhile. The service keeps the rows for a day: a reading
 * that takes longer, or that comes later, has the query made again and goes on at its row. So the query must always find the same rows in
 * the same order.
 */
export async function openRows(client: BigQuery, query: TableQuery, signal?: AbortSignal): Promise<FoundRows> {
  let found = await ask(client, query, { from: 1, row: 0 }, signal);
  const { totalRows, schema } = found.page;

  async function* pages(): AsyncGenerator<readonly JsonObject[], void, undefined> {
    const leaving = new AbortController();
    const stop = signal === undefined ? leaving.signal : AbortSignal.any([signal, leaving.signal]);
    let read = 0;
    try {
      for (;;) {
        const { jobId, attempt, page } = found;
        const { nextPage } = page;
        read += page.rows.length;
        const next =
          nextPage === undefined
            ? undefined
            : client.page({ ...query, jobId, from: { page: nextPage } }, stop).catch((error: unknown) => ({ error }));
        yield page.rows;
        signal?.throwIfAborted();
        if (next === undefined) break;
        const arrived = await next;
        if (!('error' in arrived)) found = { jobId, attempt, page: arrived };
        else if (isNotFound(arrived.error) && query.isOrdered !== false)
          found = await ask(client, query, { from: attempt + 1, row: read }, signal);
        else throw arrived.error;
      }
    } finally {
      leaving.abort();
    }
    if (read === totalRows) return;
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${query.table}: ${read} of its ${totalRows} rows came; repeat the command`,
    );
  }

  return { fields: readFields(schema), pages: pages() };
}

async function ask(
  client: BigQuery,
  query: TableQuery,
  start: { from: number; row: number },
  signal: AbortSignal | undefined,
): ReturnType<typeof askAs> {
  try {
    return await askAs(client, query, start, signal);
  } catch (error) {
    if (!(error instanceof GleanerError) || error.facts['status'] !== 403) throw error;
    throw new GleanerError(
      error.code,
      `${error.message}. Where another account has asked this query: its rows are that account's; use it again, or begin another run`,
      { cause: error, facts: error.facts },
    );
  }
}

async function askAs(
  client: BigQuery,
  { name, table, sql, location, pageRows }: TableQuery,
  { from, row }: { from: number; row: number },
  signal: AbortSignal | undefined,
): Promise<{ jobId: string; attempt: number; page: ResultPage }> {
  for (let next = from; ;) {
    const { jobId, attempt } = await runJob(
      client,
      {
        name,
        from: next,
        location,
        task: `read ${table}`,
        begin: (id) => client.insertJob(id, location, { query: { query: sql, useLegacySql: false } }, signal),
      },
      signal,
    );
    try {
      return { jobId, attempt, page: await client.page({ jobId, location, pageRows, from: { row } }, signal) };
    } catch (error) {
      // An earlier command's, whose rows are not kept any more.
      if (!isNotFound(error)) throw error;
      next = attempt + 1;
    }
  }
}
