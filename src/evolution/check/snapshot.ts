import { createHash } from 'node:crypto';
import { canonicalJson } from '../../json/canonical.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../../json/value.ts';
import type { CompatibilityMode } from '../../extraction/definition.ts';
import { looseNormalText } from '../../json-schema/normal-form.ts';
import { acceptedByReader } from '../engine/reader-model.ts';
import { compareUnseen, type UnseenCheck } from './check-unseen.ts';

/** What of a definition is compared over time. It follows from the definition alone. */
export interface SnapshotContent {
  /** The extraction's name. */
  readonly name: string;
  /** JSON Schema of the results: the zod schema's output side. */
  readonly schema: JsonValue;
  /** JSON Schema of what the zod schema reads; absent where it is `schema` with its closed objects opened. */
  readonly inputSchema?: JsonValue;
  /** Hash of `schema`; the order of fields does not matter, descriptions do. */
  readonly hash: string;
  /** Hash of instructions and prompt; absent where only a schema is known. */
  readonly promptHash?: string;
  /** What the zod schema does that no JSON Schema shows. */
  readonly unseen: readonly UnseenCheck[];
  /** The zod that wrote `schema`, such as `zod 4.6.7`; zod 3 does not tell its version. Absent in older snapshots. */
  readonly zod?: string;
  /** What the definition demanded of edits; absent in snapshots of before it was written down. */
  readonly compatibility?: CompatibilityMode;
  /** Where a number stands that has more digits than could be held, as a JSON pointer into the file it was read from. */
  readonly inexact?: string;
}

/** A committed copy of a definition's schema: `schemas/snapshots/<name>/<number>.json`. */
export interface Snapshot extends SnapshotContent {
  readonly number: number;
  /** The day it was taken, as YYYY-MM-DD, UTC. */
  readonly date: string;
  /** The gleaner version that wrote it. */
  readonly gleaner: string;
}

/**
 * Hash of a schema in which the order of properties does not matter, nor that of their names in `required`. It stands in
 * committed files, so it must come out the same in every version.
 */
export function schemaHash(schema: JsonValue): string {
  return createHash('sha256')
    .update(canonicalJson(sortRequired(schema)))
    .digest('hex');
}

function sortRequired(value: JsonValue): JsonValue {
  if (Array.isArray(value)) {
    const items = value.map((item: JsonValue) => sortRequired(item));
    return items.every((item, index) => item === value[index]) ? value : items;
  }
  if (!isJsonObject(value)) return value;
  // Few schemas require anything, and those that do not are not copied.
  let copy: Map<string, JsonValue> | undefined;
  for (const keyword in value) {
    const member = value[keyword];
    // These hold values, not schemas: in them order counts.
    if (typeof member !== 'object' || member === null || VALUES.has(keyword)) continue;
    const sorted = keyword === 'required' && Array.isArray(member) ? member.toSorted() : sortRequired(member);
    if (sorted !== member) (copy ??= new Map()).set(keyword, sorted);
  }
  return copy === undefined ? value : { ...value, ...Object.fromEntries(copy) };
}

const VALUES: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

/** Builds the content from the two sides of a zod schema. */
export function snapshotContent(facts: {
  name: string;
  schema: JsonValue;
  inputSchema: JsonValue;
  promptHash: string;
  unseen: readonly UnseenCheck[];
  zod?: string;
  compatibility: CompatibilityMode;
}): SnapshotContent {
  const { name, schema, inputSchema, promptHash, unseen, zod, compatibility } = facts;
  const isOpened = canonicalJson(acceptedByReader(schema, 'zod')) === canonicalJson(inputSchema);
  const content = {
    name,
    schema,
    hash: schemaHash(schema),
    promptHash,
    unseen,
    compatibility,
    ...(zod === undefined ? {} : { zod }),
  };
  return isOpened ? content : { ...content, inputSchema };
}

/** What the zod schema reads: stored results are no input it was made for, so this may be narrower than its output. */
export function inputSchemaOf({ schema, inputSchema }: SnapshotContent): JsonValue {
  return inputSchema ?? acceptedByReader(schema, 'zod');
}

/** Whether locking the content would write nothing new; a folder may have been renamed with its definition. */
export function isSameContent(left: SnapshotContent, right: SnapshotContent): boolean {
  return identity(left) === identity(right) && isSameUnseen(left, right) && demandsSame(left, right);
}

function isSameUnseen(left: SnapshotContent, right: SnapshotContent): boolean {
  return compareUnseen(left.unseen, right.unseen).length === 0;
}

/** A snapshot of before modes were written down demands what the definition does. */
function demandsSame({ compatibility: left }: SnapshotContent, { compatibility: right }: SnapshotContent): boolean {
  return left === undefined || right === undefined || left === right;
}

/**
 * Whether two contents differ only in how zod happened to write them: another version has other bounds that say nothing,
 * other names, other patterns for its own formats.
 */
export function isSameInOtherWords(left: SnapshotContent, right: SnapshotContent): boolean {
  return (
    demandsSame(left, right) &&
    isSameUnseen(left, right) &&
    left.promptHash === right.promptHash &&
    normalised(left.schema) === normalised(right.schema) &&
    normalised(inputSchemaOf(left)) === normalised(inputSchemaOf(right))
  );
}

function normalised(schema: JsonValue): string {
  return isJsonObject(schema) ? looseNormalText(schema) : canonicalJson(schema);
}

function identity({ hash, inputSchema, promptHash }: SnapshotContent): string {
  const input = inputSchema === undefined ? null : schemaHash(inputSchema);
  return canonicalJson([hash, input, promptHash ?? null]);
}

/**
 * Hash of all that is compared over time, beside the schema's own: what was edited after it was written would make every verdict that
 * rests on it worthless.
 */
function sealOf({ name, hash, inputSchema, promptHash, unseen, compatibility }: SnapshotContent): string {
  const content = [
    name,
    hash,
    inputSchema ?? null,
    promptHash ?? null,
    unseen.map(canonicalJson),
    compatibility ?? null,
  ];
  return createHash('sha256').update(canonicalJson(content)).digest('hex');
}

/** The file's text: two spaces, one final newline, the schema's keys in the order of the definition. */
export function snapshotText(snapshot: Snapshot): string {
  const { name, number, date, gleaner, zod, hash, promptHash, compatibility, unseen, schema, inputSchema } = snapshot;
  const head = { name, number, date, gleaner, zod, hash, seal: sealOf(snapshot), promptHash, compatibility };
  return `${JSON.stringify({ ...head, unseen, schema, inputSchema }, null, 2)}\n`;
}

/** Whether a JSON value means to be a snapshot rather than a JSON Schema. */
export function looksLikeSnapshot(value: JsonValue): value is JsonObject {
  return (
    isJsonObject(value) &&
    typeof value['gleaner'] === 'string' &&
    Object.hasOwn(value, 'hash') &&
    Object.hasOwn(value, 'schema')
  );
}

/** Reads a snapshot's JSON; a string says what is wrong with it. */
export function parseSnapshot(value: JsonValue): Snapshot | string {
  if (!looksLikeSnapshot(value)) return 'it is no snapshot that gleaner wrote';
  const { name, number, date, gleaner, zod, hash, promptHash, unseen, schema, inputSchema, compatibility, seal } =
    value;
  if (
    typeof name !== 'string' ||
    typeof number !== 'number' ||
    typeof date !== 'string' ||
    typeof gleaner !== 'string'
  ) {
    return 'name, number or date is missing';
  }
  if (!isJsonObject(schema) && typeof schema !== 'boolean') return 'its schema is no JSON Schema';
  // A changed baseline would make every verdict that rests on it worthless.
  if (hash !== schemaHash(schema)) return 'its schema does not fit its hash, so it was edited after it was written';
  const snapshot: Snapshot = {
    name,
    number,
    date,
    gleaner,
    ...(typeof zod === 'string' ? { zod } : {}),
    hash,
    schema,
    ...(typeof promptHash === 'string' ? { promptHash } : {}),
    ...(isJsonObject(inputSchema) || typeof inputSchema === 'boolean' ? { inputSchema } : {}),
    ...(isMode(compatibility) ? { compatibility } : {}),
    unseen: Array.isArray(unseen) ? unseen.filter(isUnseenCheck) : [],
  };
  // Snapshots of before there was a seal have none.
  if (seal !== undefined && seal !== sealOf(snapshot))
    return 'it does not fit its seal, so it was edited after it was written';
  return snapshot;
}

function isMode(value: unknown): value is CompatibilityMode {
  return value === 'backward' || value === 'forward' || value === 'full' || value === 'none';
}

export function isUnseenCheck(value: unknown): value is UnseenCheck {
  return isJsonObject(value) && typeof value['path'] === 'string' && typeof value['kind'] === 'string';
}
