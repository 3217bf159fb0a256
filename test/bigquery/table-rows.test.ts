import { expect, it } from 'vitest';
import type { BigQuery } from '../../src/bigquery/big-query.ts';
import { openRows } from '../../src/bigquery/table-rows.ts';
import { GleanerError } from '../../src/gleaner-error.ts';

it('says whose rows they are where the query of another account is met', async () => {
  const denied = new GleanerError('run-refused', 'Cannot read the rows of the job read_1: HTTP 403: Access Denied', {
    facts: { status: 403 },
  });
  const client = {
    job: () => Promise.resolve({ status: { state: 'DONE' } }),
    page: () => Promise.reject(denied),
  } as unknown as BigQuery;
  const query = { name: 'read', table: 'bq://my-project.shop.receipts', sql: 'SELECT 1', location: 'EU', pageRows: 10 };
  await expect(openRows(client, query)).rejects.toThrow(
    "Access Denied. Where another account has asked this query: its rows are that account's; use it again, or begin another run",
  );
});
