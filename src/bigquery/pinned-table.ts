import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import type { BigQuery } from './big-query.ts';
import { nameOfTable, type TableAddress } from './table-address.ts';
import { digestFields, type TableField } from './table-facts.ts';

/** A table as it was at one time, which a run reads, and reads again when it goes on. */
export interface PinnedTable {
  identity: PinnedState;
  /** Milliseconds since 1970: as of when it is read. */
  asOfMs: number;
  location: string;
  fields: readonly TableField[];
  /** Whether the table was written to since. */
  isPast: boolean;
}

/** What run.json says of it. */
type PinnedState = {
  table: string;
  snapshot: string;
  modified: string;
  rows: number;
  schema: string;
  /** Rows were being streamed into it, which the other figures do not show. */
  isStreamed?: true;
};

export interface PinOptions {
  /** What run.json says of the input of the run that goes on. */
  before?: JsonValue | undefined;
  /** Whether that run reads on from the table as it was, where it was written to since. */
  mayBePast: boolean;
}

/**
 * Looks at a table and settles as of when it is read.
 *
 * @throws {GleanerError} where there is no such table, or it is none whose earlier states are kept
 */
export async function pinTable(
  client: BigQuery,
  address: TableAddress,
  { before, mayBePast }: PinOptions,
  signal?: AbortSignal,
): Promise<PinnedTable> {
  const found = await client.table(address, signal);
  const name = nameOfTable(address);
  if (found === undefined) throw unreadable(name, 'there is no such table, or the account does not see it');
  const { facts, nowMs } = found;
  if (facts.kind !== 'TABLE') {
    throw unreadable(
      name,
      `it is a ${facts.kind.toLowerCase().replaceAll('_', ' ')}, whose rows may be others when the run goes on; make a table of it (CREATE TABLE … AS SELECT) and read that`,
    );
  }
  // The service tells the time in whole seconds. Nothing that comes after this look is read.
  // A table's last change is told in whole milliseconds, and may have come within that one.
  const asOfMs = Math.max(facts.modifiedMs + 1, Math.floor(nowMs / 1000) * 1000);
  const now: PinnedState = {
    table: name.slice('bq://'.length),
    snapshot: new Date(asOfMs).toISOString(),
    modified: new Date(facts.modifiedMs).toISOString(),
    rows: facts.rows,
    schema: digestFields(facts.fields),
    ...(facts.isStreamed ? { isStreamed: true } : {}),
  };
  const common = { location: facts.location, fields: facts.fields };
  const was = stateOf(before);
  if (was?.table !== now.table) return { ...common, identity: now, asOfMs, isPast: false };
  // Kept for some days only, so that a table which is as it was is read as it is.
  if (isSame(was, now)) return { ...common, identity: was, asOfMs, isPast: false };
  if (!mayBePast) return { ...common, identity: now, asOfMs, isPast: false };
  return { ...common, identity: was, asOfMs: Date.parse(was.snapshot), isPast: true };
}

function isSame(was: PinnedState, now: PinnedState): boolean {
  const isStreamed = was.isStreamed === true || now.isStreamed === true;
  return !isStreamed && was.modified === now.modified && was.rows === now.rows && was.schema === now.schema;
}

function stateOf(before: JsonValue | undefined): PinnedState | undefined {
  if (!isJsonObject(before)) return undefined;
  const { table, snapshot, modified, rows, schema, isStreamed } = before;
  if (typeof table !== 'string' || typeof snapshot !== 'string' || Number.isNaN(Date.parse(snapshot))) return undefined;
  return {
    table,
    snapshot,
    modified: String(modified),
    rows: Number(rows),
    schema: String(schema),
    ...(isStreamed === true ? { isStreamed } : {}),
  };
}

function unreadable(name: string, why: string): GleanerError {
  return new GleanerError('input-unreadable', `Cannot read ${name}: ${why}`);
}
