import type { JsonValue } from '../json/value.ts';
import type { ByteStream } from './byte-stream.ts';
import { digestFile } from './file-digest.ts';
import { memoryRows } from './memory-rows.ts';
import { isRegularFile } from './open-input.ts';
import { openRecords, type OpenRecordsOptions } from './open-records.ts';
import type { RecordSource } from './record.ts';
import { refuseAddress } from './refuse-address.ts';

/** How an input is read. */
export interface Reading {
  /** Asked row by row whether it is known already: nobody looks at its fields, so a source may leave them out. */
  readonly isKnown: (index: number) => boolean;
}

/** Where the records of a run come from. */
export interface InputSource {
  /** Shown to people and kept in run.json; no secrets. */
  readonly name: string;
  /** Whether it can be opened again, with the same rows from the first on. */
  readonly canReopen: boolean;
  /** Tells one content from another, so that a run is not continued with something else; undefined where that shows on reading only. */
  identity(signal?: AbortSignal): Promise<JsonValue | undefined>;
  /** Opens it for one reading. Iterating throws the signal's reason once that aborts. */
  open(signal?: AbortSignal, reading?: Reading): Promise<RecordSource>;
}

/** What a run takes as its input: a path, `-` for standard input, a source, or records that a program has. */
export type RunInput<Fields extends object = object> = string | InputSource | Iterable<Fields> | AsyncIterable<Fields>;

export type FileOptions = Omit<OpenRecordsOptions, 'signal' | 'stdin'> & { readonly stdin?: ByteStream };

const MEMORY_NAME = 'records in memory';

/** What run.json says of an input. */
export function nameOfInput(input: RunInput): string {
  if (typeof input === 'string') return input;
  return isSource(input) ? input.name : MEMORY_NAME;
}

/** The source that an input is. Options are for files and standard input. */
export async function inputSourceOf(input: RunInput, options: FileOptions): Promise<InputSource> {
  if (typeof input === 'string') return fileSource(input, options);
  return isSource(input) ? input : memorySource(input);
}

async function fileSource(path: string, options: FileOptions): Promise<InputSource> {
  refuseAddress(path);
  // A pipe can be read once only, so nothing is known of it before.
  const canReopen = await isRegularFile(path);
  return {
    name: path,
    canReopen,
    identity: async (signal) => (canReopen ? { ...(await digestFile(path, signal)) } : undefined),
    open: (signal, reading) =>
      openRecords(path, { ...options, ...reading, ...(signal === undefined ? {} : { signal }) }),
  };
}

function memorySource(records: Iterable<object> | AsyncIterable<object>): InputSource {
  return {
    name: MEMORY_NAME,
    canReopen: Array.isArray(records),
    identity: () => Promise.resolve(undefined),
    open: (signal) =>
      Promise.resolve({
        format: 'jsonl',
        columns: undefined,
        [Symbol.asyncIterator]: () => memoryRows(records, signal),
      }),
  };
}

function isSource(input: Exclude<RunInput, string>): input is InputSource {
  return 'open' in input && typeof input.open === 'function';
}
