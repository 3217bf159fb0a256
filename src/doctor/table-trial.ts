import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lineOfRow } from '../batch/line-of-row.ts';
import { LINE_SCHEMA, tablesOf } from '../batch/table-lines.ts';
import { BigQuery, type BigQueryOptions } from '../bigquery/big-query.ts';
import { parseDatasetAddress } from '../bigquery/dataset-address.ts';
import { loadFile } from '../bigquery/load-file.ts';
import { readAllStatement } from '../bigquery/read-statement.ts';
import { nameOfTable } from '../bigquery/table-address.ts';
import { openRows } from '../bigquery/table-rows.ts';
import { isJsonObject } from '../json/value.ts';
import { parseJson } from '../json/parse-json.ts';
import type { BatchTrial } from './batch-trial.ts';

/** A table that could not be removed ends by itself. */
const TRIAL_LIFE_MS = 24 * 3600 * 1000;

/** As a row of a table. @throws {GleanerError} for what is no place in BigQuery */
export function tableTrial(target: string, id: string, access: BigQueryOptions): BatchTrial {
  const address = parseDatasetAddress(target);
  const { project, dataset } = address;
  const client = new BigQuery(access, project);
  const { lines, answers, places } = tablesOf(`bq://${project}.${dataset}.${id.replaceAll('-', '_')}`);
  const name = nameOfTable(lines);
  return {
    name,
    advice: {
      403: `the roles are roles/bigquery.dataEditor on ${project}.${dataset} and roles/bigquery.jobUser on the project ${client.jobProject}`,
      404: `create the dataset ${project}.${dataset}`,
    },
    places,
    write: async (line) => {
      const location = await client.location(lines);
      const folder = mkdtempSync(join(tmpdir(), 'gleaner-doctor-'));
      try {
        const path = join(folder, 'line.jsonl');
        writeFileSync(path, line);
        const sha256 = createHash('sha256').update(line).digest('hex');
        const file = { path, bytes: Buffer.byteLength(line), rows: 1, sha256 };
        const expirationMs = Date.now() + TRIAL_LIFE_MS;
        await loadFile(client, { table: lines, schema: LINE_SCHEMA, expirationMs, location, file, purpose: name });
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    holds: async (line) => {
      const location = await client.location(lines);
      const query = { name: id.replaceAll('-', '_'), table: name, sql: readAllStatement(lines), location, pageRows: 1 };
      const { fields, pages } = await openRows(client, query);
      const rows = [];
      for await (const page of pages) rows.push(...page.map((row) => lineOfRow(row, fields)));
      const [found] = rows;
      const [there, sent] = [parseJson(found ?? ''), parseJson(line)];
      return isJsonObject(there) && isJsonObject(sent) && there['key'] === sent['key'];
    },
    remove: async () => {
      await client.deleteTable(lines);
      await client.deleteTable(answers);
    },
    close: () => client.close(),
  };
}
