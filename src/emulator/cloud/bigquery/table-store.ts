import type { JsonObject, JsonValue } from '../../../json/value.ts';
import { alreadyThere, BigQueryFailure, invalidQuery, noSuch } from './bigquery-error.ts';
import type { Field, StoredRow } from './cells.ts';

export interface TableName {
  project: string;
  dataset: string;
  table: string;
}

interface Version {
  atMs: number;
  fields: readonly Field[];
  rows: readonly StoredRow[];
}

interface StoredTable {
  createdMs: number;
  expiresMs: number;
  /** Earlier states, oldest first; the last is the present one. */
  versions: Version[];
}

/** How long earlier states can be read. */
const TIME_TRAVEL_MS = 7 * 24 * 3600 * 1000;

/** Datasets and tables, with the states that tables had. */
export class TableStore {
  readonly #datasets = new Map<string, string>();
  readonly #tables = new Map<string, StoredTable>();

  reset(): void {
    this.#datasets.clear();
    this.#tables.clear();
  }

  createDataset({ project, dataset }: Omit<TableName, 'table'>, location: string): void {
    const name = `${project}:${dataset}`;
    if (this.#datasets.has(name)) throw new BigQueryFailure(alreadyThere(`Dataset ${name}`));
    this.#datasets.set(name, location);
  }

  locationOf({ project, dataset }: Omit<TableName, 'table'>): string {
    const location = this.#datasets.get(`${project}:${dataset}`);
    if (location === undefined) throw new BigQueryFailure(noSuch(`Dataset ${project}:${dataset}`));
    return location;
  }

  create(name: TableName, fields: readonly Field[], nowMs: number, expiresMs = Number.POSITIVE_INFINITY): void {
    this.locationOf(name);
    if (this.#there(name, nowMs) !== undefined) throw new BigQueryFailure(alreadyThere(`Table ${keyOf(name)}`));
    const version = { atMs: nowMs, fields, rows: [] };
    this.#tables.set(keyOf(name), { createdMs: nowMs, expiresMs, versions: [version] });
  }

  /** @throws {BigQueryFailure} where it is not there, or not as of then any more */
  read(name: TableName, nowMs: number, asOfMs = nowMs): Version {
    const { createdMs, versions } = this.#get(name, nowMs);
    const earliest = Math.max(createdMs, nowMs - TIME_TRAVEL_MS);
    if (asOfMs < earliest) {
      const which = `${keyOf(name)}@${asOfMs}`;
      throw new BigQueryFailure(
        invalidQuery(`Invalid snapshot time ${asOfMs} for table ${which}. Cannot read before ${earliest}.`),
      );
    }
    if (asOfMs > Math.max(nowMs, versions.at(-1)?.atMs ?? 0)) {
      throw new BigQueryFailure(invalidQuery(`Invalid snapshot time ${asOfMs}: it is in the future.`));
    }
    const version = versions.findLast(({ atMs }) => atMs <= asOfMs);
    if (version === undefined) throw new BigQueryFailure(noSuch(`Table ${keyOf(name)}`));
    return version;
  }

  write(name: TableName, state: Omit<Version, 'atMs'>, nowMs: number): void {
    const { versions } = this.#get(name, nowMs);
    const latest = versions.at(-1)?.atMs ?? 0;
    versions.push({ ...state, atMs: Math.max(nowMs, latest + 1) });
  }

  delete(name: TableName, nowMs: number): void {
    this.#get(name, nowMs);
    this.#tables.delete(keyOf(name));
  }

  list({ project, dataset }: Omit<TableName, 'table'>, nowMs: number): JsonObject[] {
    this.locationOf({ project, dataset });
    const prefix = keyOf({ project, dataset, table: '' });
    return [...this.#tables]
      .filter(([key, { expiresMs }]) => key.startsWith(prefix) && expiresMs > nowMs)
      .map(([id]) => ({ id }));
  }

  resource(name: TableName, nowMs: number): JsonObject {
    const { createdMs, expiresMs, versions } = this.#get(name, nowMs);
    const { atMs = createdMs, fields = [], rows = [] } = versions.at(-1) ?? {};
    const { project, dataset, table } = name;
    return {
      kind: 'bigquery#table',
      etag: `"${keyOf(name)}@${atMs}"`,
      id: keyOf(name),
      tableReference: { projectId: project, datasetId: dataset, tableId: table },
      type: 'TABLE',
      schema: { fields: fields as unknown as JsonValue },
      numRows: String(rows.length),
      creationTime: String(createdMs),
      lastModifiedTime: String(atMs),
      ...(expiresMs === Number.POSITIVE_INFINITY ? {} : { expirationTime: String(expiresMs) }),
      location: this.locationOf(name),
    };
  }

  #get(name: TableName, nowMs: number): StoredTable {
    this.locationOf(name);
    const table = this.#there(name, nowMs);
    if (table === undefined) throw new BigQueryFailure(noSuch(`Table ${keyOf(name)}`));
    return table;
  }

  #there(name: TableName, nowMs: number): StoredTable | undefined {
    const table = this.#tables.get(keyOf(name));
    return table !== undefined && table.expiresMs > nowMs ? table : undefined;
  }
}

export function keyOf({ project, dataset, table }: TableName): string {
  return `${project}:${dataset}.${table}`;
}
