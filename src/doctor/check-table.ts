import { randomUUID } from 'node:crypto';
import { BigQuery, type BigQueryOptions } from '../bigquery/big-query.ts';
import { readStatement } from '../bigquery/read-statement.ts';
import { nameOfTable, parseTableAddress } from '../bigquery/table-address.ts';
import type { TableFacts } from '../bigquery/table-facts.ts';
import { counted } from '../text/counted.ts';
import { formatCount } from '../text/format.ts';
import { attempt } from './attempt.ts';
import type { CheckResult } from './check-result.ts';
import { skipped } from './check-service.ts';

export interface CheckTableOptions extends BigQueryOptions {
  /** `bq://project.dataset.table`, as a run or an export would be given it. */
  target: string;
}

/** A table that the check makes ends by itself where it cannot be removed. */
const TRIAL_LIFE_MS = 3600 * 1000;

/**
 * Tries what runs and exports do with a table: looks at it, has a query reckoned but not made, and makes and removes an empty table beside
 * it. Costs nothing, and leaves nothing behind.
 *
 * @throws {GleanerError} for what is no table of BigQuery
 */
export async function* checkTable({ target, ...access }: CheckTableOptions): AsyncGenerator<CheckResult, void, void> {
  const address = parseTableAddress(target);
  const dataset = `${address.project}.${address.dataset}`;
  const client = new BigQuery({ ...access, maxAttempts: 2 }, address.project);
  const onDataset = {
    403: `the role is roles/bigquery.dataViewer on ${dataset}`,
    404: `create the dataset ${dataset}`,
  };
  try {
    let location = '';
    const placed = await attempt('dataset', onDataset, async () => {
      location = await client.location(address);
      return `${dataset} is in ${location}`;
    });
    yield placed;
    if (placed.status === 'failed') {
      yield* ['table', 'query', 'write'].map((name) => skipped(name, 'the dataset is not seen'));
      return;
    }
    let found: { facts: TableFacts; nowMs: number } | undefined;
    const seen = await attempt('table', onDataset, async () => {
      found = await client.table(address);
      return found === undefined ? 'it is not there: an export makes it' : describe(target, found.facts);
    });
    yield seen;
    yield await attempt(
      'query',
      { 403: `the role is roles/bigquery.jobUser on the project ${client.jobProject}` },
      async () => {
        const [first] = found?.facts.fields ?? [];
        const isRead = found?.facts.kind === 'TABLE' && first !== undefined;
        const asOfMs = Math.max(found?.facts.modifiedMs ?? 0, Math.floor((found?.nowMs ?? 0) / 1000) * 1000);
        const sql = isRead ? readStatement(address, { idColumn: first.name, asOfMs }) : 'SELECT 1';
        const bytes = await client.bytesOf(sql, location);
        const told = isRead ? `; reading the table is ${formatCount(bytes)} bytes` : '';
        return `jobs may run in ${client.jobProject}${told}`;
      },
    );
    const written = await attempt('write', {}, async () => {
      const trial = { ...address, table: `gleaner_doctor_${randomUUID().replaceAll('-', '')}` };
      const schema = { fields: [{ name: 'id', type: 'STRING' }] };
      await client.createTable(trial, { schema, expirationMs: (found?.nowMs ?? Date.now()) + TRIAL_LIFE_MS });
      await client.deleteTable(trial);
      return `tables may be made in ${dataset}; ${nameOfTable(trial)} was made and removed`;
    });
    // Who only reads needs no more.
    yield written.status === 'ok'
      ? written
      : { ...written, status: 'warning', advice: `exports need roles/bigquery.dataEditor on ${dataset}` };
  } finally {
    await client.close();
  }
}

function describe(target: string, { kind, rows, fields, modifiedMs, isStreamed }: TableFacts): string {
  if (kind !== 'TABLE') return `${target} is a ${kind.toLowerCase()}, of which runs read none: make a table of it`;
  const streamed = isStreamed ? ', and more that are streamed into it just now' : '';
  return `${target} has ${counted(rows, 'row')}${streamed} in ${counted(fields.length, 'column')}, last written to at ${new Date(modifiedMs).toISOString()}`;
}
