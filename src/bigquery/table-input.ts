import { hash } from 'node:crypto';
import { ApiError } from '../completion/api-error.ts';
import { suggestColumn } from '../extraction/suggest-column.ts';
import { GleanerError } from '../gleaner-error.ts';
import { canonicalJson } from '../json/canonical.ts';
import type { JsonObject, JsonValue } from '../json/value.ts';
import type { InputSource } from '../records/input-source.ts';
import type { RecordSource, SourceRow } from '../records/record.ts';
import { BigQuery, type BigQueryOptions } from './big-query.ts';
import { pinTable, type PinnedTable } from './pinned-table.ts';
import { readStatement } from './read-statement.ts';
import { readRow } from './read-value.ts';
import { nameOfTable, parseTableAddress } from './table-address.ts';
import { digestFields, type TableField } from './table-facts.ts';
import { openRows } from './table-rows.ts';

export interface TableInputOptions extends BigQueryOptions {
  /** The column by which rows are ordered: that of the ids. */
  idColumn: string;
  /** What run.json says of the input of the run that goes on: what it was begun with is read on. */
  before?: JsonValue | undefined;
  /** Whether it is read on as it was where the table was written to since; otherwise it is another input. Default true. */
  mayBePast?: boolean | undefined;
  /** Told where the table is read as it was. */
  onNotice?: ((notice: string) => void) | undefined;
  /** Most rows that come at once. Default 1000. */
  pageRows?: number | undefined;
}

/** An input together with its connections. */
export interface TableInput extends InputSource {
  close(): Promise<void>;
}

/** What can be put in order, and be an id. */
const ORDERED = new Set(['STRING', 'INT64', 'NUMERIC', 'BIGNUMERIC', 'DATE', 'DATETIME', 'TIME', 'TIMESTAMP']);

/**
 * The rows of a table of BigQuery, `bq://project.dataset.table`, in the order of their ids. What is read is the table as it was when the
 * run began, whatever is written to it meanwhile.
 *
 * @throws {GleanerError} for an address that names no table
 */
export function createTableInput(address: string, options: TableInputOptions): TableInput {
  const { idColumn, before, mayBePast = true, onNotice, pageRows = 1000, ...access } = options;
  const table = parseTableAddress(address);
  const name = nameOfTable(table);
  const client = new BigQuery(access, table.project);
  let pinned: Promise<PinnedTable> | undefined;

  async function pin(signal: AbortSignal | undefined): Promise<PinnedTable> {
    const found = await pinTable(client, table, { before, mayBePast }, signal);
    checkIdColumn(name, idColumn, found.fields);
    if (found.isPast) {
      const asOf = new Date(found.asOfMs).toISOString();
      onNotice?.(
        `${name} was written to since the run began: it is read as it was at ${asOf}. Use another run directory for what is new`,
      );
    }
    return found;
  }

  async function settled(signal: AbortSignal | undefined): Promise<PinnedTable> {
    pinned ??= pin(signal);
    try {
      return await pinned;
    } catch (error) {
      pinned = undefined;
      throw explained(error, name);
    }
  }

  async function open(signal: AbortSignal | undefined): Promise<RecordSource> {
    signal?.throwIfAborted();
    const { identity, asOfMs, location } = await settled(signal);
    try {
      const { fields, pages } = await openRows(
        client,
        {
          name: `gleaner_read_${hash('sha256', canonicalJson([identity, idColumn])).slice(0, 24)}`,
          table: name,
          sql: readStatement(table, { idColumn, asOfMs }),
          location,
          pageRows,
        },
        signal,
      );
      if (digestFields(fields) !== identity.schema) {
        throw new GleanerError(
          'input-unreadable',
          `Cannot read ${name}: its columns are others than when the run began; begin another run`,
        );
      }
      return {
        format: 'jsonl',
        columns: fields.map((field) => field.name),
        [Symbol.asyncIterator]: () => rowsOf(pages, { fields, name, signal }),
      };
    } catch (error) {
      signal?.throwIfAborted();
      throw explained(error, name);
    }
  }

  return {
    name: address,
    canReopen: true,
    identity: async (signal) => (await settled(signal)).identity,
    open,
    close: () => client.close(),
  };
}

async function* rowsOf(
  pages: AsyncGenerator<readonly JsonObject[], void, undefined>,
  { fields, name, signal }: { fields: readonly TableField[]; name: string; signal: AbortSignal | undefined },
): AsyncGenerator<SourceRow, void, undefined> {
  let index = 0;
  try {
    for await (const page of pages) {
      for (const row of page) {
        signal?.throwIfAborted();
        yield { kind: 'record', index, line: index + 1, fields: readRow(row, fields) };
        index += 1;
      }
    }
  } catch (error) {
    signal?.throwIfAborted();
    throw explained(error, name);
  }
}

function checkIdColumn(name: string, idColumn: string, fields: readonly TableField[]): void {
  const field = fields.find((one) => one.name === idColumn);
  if (field === undefined) {
    const names = fields.map((one) => one.name);
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${name}: it has no column "${idColumn}" to take ids from; ${suggestColumn(idColumn, names)}`,
    );
  }
  if (!field.isRepeated && ORDERED.has(field.type)) return;
  throw new GleanerError(
    'input-unreadable',
    `Cannot read ${name} by its column "${idColumn}": it is ${field.isRepeated ? 'repeated' : field.type}, and ids are STRING or INT64; name another column`,
  );
}

const TOO_LARGE = new Set(['responseTooLarge', 'resourcesExceeded']);

/** What BigQuery refuses is a fault of the input, in whatever run it is met. */
function explained(error: unknown, name: string): unknown {
  if (!(error instanceof GleanerError || error instanceof ApiError)) return error;
  if (error instanceof GleanerError && error.code === 'input-unreadable') return error;
  if (/Invalid snapshot time/i.test(error.message)) {
    return new GleanerError(
      'input-unreadable',
      `Cannot go on with ${name}: it was written to, and BigQuery does not keep the state any more that the run was begun with (seven days, or what its dataset says). ` +
        'Begin another run',
      { cause: error, facts: { advice: 'cache' } },
    );
  }
  const facts = error instanceof GleanerError ? error.facts : {};
  if (TOO_LARGE.has(String(facts['reason']))) {
    return new GleanerError(
      'input-unreadable',
      `${error.message}. The table is larger than one query can put in order: make tables of its parts (CREATE TABLE … AS SELECT … WHERE …) and run over each`,
      { cause: error, facts },
    );
  }
  return new GleanerError('input-unreadable', error.message, { cause: error, facts });
}
