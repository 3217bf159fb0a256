import { basename } from 'node:path';
import { findLoss } from '../../json/find-loss.ts';
import { isJsonObject, type JsonValue } from '../../json/value.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { looksLikeSnapshot, schemaHash, type Snapshot, type SnapshotContent } from './snapshot.ts';
import { parseJson, readSnapshotText } from './snapshot-folder.ts';

/** One old schema that definitions are compared with. */
export interface BaselineSchema extends SnapshotContent {
  /** What it is, in words, such as `snapshot 3 of 2026-11-23`. */
  readonly label: string;
  /** Its file, relative to the working directory; for git the path in the repository. */
  readonly path: string;
  /** Of a snapshot. */
  readonly number?: number;
}

/** The old schemas of all definitions that are looked at. */
export interface Baseline {
  /** Where they come from, in words, such as `git:main (1a2b3c4d5e6f)`. */
  readonly label: string;
  /** By definition, oldest first; none for a definition that is new. */
  readonly schemas: ReadonlyMap<string, readonly BaselineSchema[]>;
  /** What the baseline has and no definition does, by name: the newest snapshot of each. */
  readonly others: ReadonlyMap<string, BaselineSchema>;
}

export interface BaselineOptions {
  readonly cwd: string;
  /** The folder of the snapshots, relative to `cwd`. */
  readonly snapshots: string;
  /** The definitions' names. */
  readonly names: readonly string[];
  /** Only the newest snapshot of each, or every one there is. */
  readonly which: 'latest' | 'all';
  /** Whether to read as well what no definition has; default false. */
  readonly withOthers?: boolean;
}

export function baselineOf(snapshot: Snapshot, path: string): BaselineSchema {
  // Before modes were written down, nothing else was demanded by default; what a definition lowers now is told, not taken for granted.
  return { compatibility: 'backward', ...snapshot, label: `snapshot ${snapshot.number} of ${snapshot.date}`, path };
}

/** A snapshot, what `schema show` printed, or a bare JSON Schema under the given name. */
export function baselineFromText(text: string, path: string, name: string): BaselineSchema {
  const value = parseJson(text, path);
  if (looksLikeSnapshot(value)) return baselineOf(readSnapshotText(text, path), path);
  const loss = findLoss(text.replace(/^\uFEFF/, ''), value);
  const inexact = loss?.kind === 'inexact-number' ? { inexact: loss.path } : {};
  const base = { name, unseen: [], label: basename(path), path, ...inexact };
  if (isJsonObject(value) && isJsonObject(value['outputSchema']) && isJsonObject(value['schema'])) {
    const { schema: inputSchema, outputSchema: schema } = value;
    return { ...base, schema, inputSchema, hash: schemaHash(schema) };
  }
  if (!isJsonSchema(value)) {
    throw new GleanerError(
      'baseline-unreadable',
      `Cannot use ${path} as a schema: it is neither a snapshot nor a JSON Schema; none of its keys is a keyword`,
    );
  }
  return { ...base, schema: value, hash: schemaHash(value) };
}

const KEYWORDS = new Set(
  (
    '$schema $id $ref $defs definitions $comment type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum ' +
    'minLength maxLength pattern format items prefixItems additionalItems minItems maxItems uniqueItems contains properties ' +
    'required additionalProperties patternProperties propertyNames minProperties maxProperties allOf anyOf oneOf not if ' +
    'dependencies dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties title description default examples'
  ).split(' '),
);

/** Other files would pass for schemas that allow anything, as unknown keywords mean nothing. */
function isJsonSchema(value: JsonValue): boolean {
  if (typeof value === 'boolean') return true;
  if (!isJsonObject(value)) return false;
  const keys = Object.keys(value);
  return keys.length === 0 || keys.some((key) => KEYWORDS.has(key));
}
