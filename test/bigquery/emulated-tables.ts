import { onTestFinished } from 'vitest';
import { startEmulator, type BigQueryOptions, type Emulator } from '../../src/emulator/index.ts';
import type { JsonObject, JsonValue } from '../../src/json/value.ts';

export const credentials = {
  headers: () => Promise.resolve({ authorization: 'Bearer swordfish' }),
  refresh: () => undefined,
};

/** BigQuery of an emulator that ends with the test, and what puts tables there as another tool would. */
export class EmulatedTables {
  readonly emulator: Emulator;
  #jobs = 0;

  constructor(emulator: Emulator) {
    this.emulator = emulator;
  }

  async call(method: string, path: string, body?: JsonValue): Promise<JsonObject> {
    const answer = await fetch(`${this.emulator.origin}/bigquery/v2/projects/my-project/${path}`, {
      method,
      headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return (text === '' ? {} : JSON.parse(text)) as JsonObject;
  }

  createDataset(location = 'EU'): Promise<JsonObject> {
    return this.call('POST', 'datasets', { datasetReference: { datasetId: 'shop' }, location });
  }

  create(table: string, fields: readonly JsonObject[]): Promise<JsonObject> {
    return this.call('POST', 'datasets/shop/tables', {
      tableReference: { projectId: 'my-project', datasetId: 'shop', tableId: table },
      schema: { fields },
    });
  }

  /** Puts rows, as lines of JSON, in the place of what the table holds. */
  async fill(table: string, fields: readonly JsonObject[], lines: readonly string[]): Promise<void> {
    this.#jobs += 1;
    const jobId = `other_tool_${this.#jobs}`;
    const job = {
      jobReference: { projectId: 'my-project', jobId, location: 'EU' },
      configuration: {
        load: {
          destinationTable: { projectId: 'my-project', datasetId: 'shop', tableId: table },
          schema: { fields },
          sourceFormat: 'NEWLINE_DELIMITED_JSON',
          writeDisposition: 'WRITE_TRUNCATE',
          createDisposition: 'CREATE_NEVER',
        },
      },
    };
    const part = (type: string, text: string): string => `--b\r\ncontent-type: ${type}\r\n\r\n${text}\r\n`;
    await fetch(`${this.emulator.origin}/upload/bigquery/v2/projects/my-project/jobs?uploadType=multipart`, {
      method: 'POST',
      headers: { authorization: 'Bearer any', 'content-type': 'multipart/related; boundary=b' },
      body: `${part('application/json', JSON.stringify(job))}${part('application/octet-stream', lines.join('\n'))}--b--`,
    });
    for (let looks = 0; looks < 500; looks += 1) {
      const { status } = await this.call('GET', `jobs/${jobId}?location=EU`);
      const { state, errorResult } = status as JsonObject;
      if (errorResult !== undefined) throw new Error(JSON.stringify(errorResult));
      if (state === 'DONE') return;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new Error('the load job does not end');
  }

  async createFilled(table: string, fields: readonly JsonObject[], lines: readonly string[]): Promise<void> {
    await this.create(table, fields);
    await this.fill(table, fields, lines);
  }

  /** Rows of a table as lists of cells, by the first of them; undefined where there is no table. */
  async rows(table: string): Promise<JsonValue[][] | undefined> {
    const { rows = [], error } = await this.call('GET', `datasets/shop/tables/${table}/data`);
    if (error !== undefined) return undefined;
    return (rows as { f: { v: JsonValue }[] }[])
      .map(({ f }) => f.map(({ v }) => v))
      .sort((one, other) => (String(one[0]) < String(other[0]) ? -1 : 1));
  }
}

export async function emulatedTables(bigQuery: BigQueryOptions = {}): Promise<EmulatedTables> {
  const emulator = await startEmulator({ bigQuery });
  onTestFinished(() => emulator.close());
  const tables = new EmulatedTables(emulator);
  await tables.createDataset();
  return tables;
}
