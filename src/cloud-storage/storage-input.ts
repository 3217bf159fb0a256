import { createHash } from 'node:crypto';
import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonValue } from '../json/value.ts';
import type { ByteStream } from '../records/byte-stream.ts';
import type { InputSource } from '../records/input-source.ts';
import { openRecords, type OpenRecordsOptions } from '../records/open-records.ts';
import type { RecordSource } from '../records/record.ts';
import { Bucket } from './bucket.ts';
import { GoogleRest, type GoogleRestOptions } from './google-rest.ts';
import { joinRecords } from './join-records.ts';
import { isNamePattern, readNamePattern } from './name-pattern.ts';
import { parseObjectAddress } from './storage-address.ts';
import type { StoredObject } from './stored-object.ts';

export interface StorageInputOptions extends Omit<GoogleRestOptions, 'origin' | 'maxAttempts'> {
  /** The emulator's origin, in the place of Google's host. */
  emulator?: string | undefined;
  /** How the records stand in the objects. Default: by their names. */
  reading?: Pick<OpenRecordsOptions, 'format' | 'delimiter' | 'encoding' | 'fillShortRows' | 'maxRowBytes'>;
}

/** An input together with its connections. */
export interface StorageInput extends InputSource {
  close(): Promise<void>;
}

/** More objects than these are not listed for one input: their names are held in memory. */
const MOST_OBJECTS = 100_000;

/**
 * The records of an object in Cloud Storage, or of all objects that a pattern names, in the order of their names:
 * `gs://bucket/in/*.jsonl.gz`. What is read are the objects as they were when they were first listed: one that is replaced meanwhile ends
 * the reading.
 *
 * @throws {GleanerError} for an address that names no object
 */
export function createStorageInput(address: string, options: StorageInputOptions): StorageInput {
  const { emulator, reading = {}, ...rest } = options;
  const { bucket: bucketName, name } = parseObjectAddress(address);
  const storage = new GoogleRest({ ...rest, origin: emulator ?? 'https://storage.googleapis.com' });
  const bucket = new Bucket(storage, bucketName);
  let found: Promise<readonly StoredObject[]> | undefined;
  const objects = async (signal: AbortSignal | undefined): Promise<readonly StoredObject[]> => {
    found ??= findObjects(bucket, name, signal);
    try {
      return await found;
    } catch (error) {
      found = undefined;
      throw explained(error, address);
    }
  };
  return {
    name: address,
    canReopen: true,
    identity: async (signal) => identityOf(await objects(signal)),
    open: async (signal) => {
      const open = (object: StoredObject): Promise<RecordSource> =>
        openRecords(bucket.urlOf(object.name), {
          ...reading,
          open: () => streamOf(bucket, object),
          ...(signal === undefined ? {} : { signal }),
        });
      return joinRecords((await objects(signal)).map((object) => [bucket.urlOf(object.name), () => open(object)]));
    },
    close: () => storage.close(),
  };
}

async function findObjects(
  bucket: Bucket,
  name: string,
  signal: AbortSignal | undefined,
): Promise<readonly StoredObject[]> {
  const exact = await bucket.stat(name, signal);
  if (exact !== undefined) return [exact];
  if (!isNamePattern(name)) throw unreadable(bucket.urlOf(name), 'there is no such object');
  const { prefix, matches } = readNamePattern(name);
  const found: StoredObject[] = [];
  for await (const object of bucket.list(prefix, signal)) {
    // Folders that somebody made in the console.
    if (object.name.endsWith('/') || !matches(object.name)) continue;
    found.push(object);
    if (found.length > MOST_OBJECTS)
      throw unreadable(bucket.urlOf(name), `it names more than ${MOST_OBJECTS} objects; take a narrower pattern`);
  }
  if (found.length === 0) throw unreadable(bucket.urlOf(name), 'no object has such a name');
  return found.sort((left, right) => Buffer.compare(Buffer.from(left.name), Buffer.from(right.name)));
}

/** Instead of a hash of all their bytes: no state of an object ever has the generation of another. */
function identityOf(objects: readonly StoredObject[]): JsonValue {
  const [first] = objects;
  const bytes = objects.reduce((sum, { size }) => sum + size, 0);
  if (first !== undefined && objects.length === 1) {
    const { name, generation, crc32c = null } = first;
    return { name, generation, crc32c, bytes };
  }
  const hash = createHash('sha256');
  for (const { name, generation, crc32c } of objects) hash.update(`${JSON.stringify([name, generation, crc32c])}\n`);
  return { objects: objects.length, sha256: hash.digest('hex'), bytes };
}

function streamOf(bucket: Bucket, { name, generation, crc32c }: StoredObject): ByteStream {
  const stopping = new AbortController();
  const read = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* bucket.read(name, { generation, crc32c, signal: stopping.signal });
    } catch (error) {
      throw explained(error, bucket.urlOf(name));
    }
  };
  return { [Symbol.asyncIterator]: read, destroy: () => stopping.abort() };
}

/** What Cloud Storage refuses is a fault of the input, in whatever run it is met. */
function explained(error: unknown, address: string): unknown {
  if (error instanceof GleanerError && error.facts['status'] === 404) {
    return unreadable(address, 'it was replaced or deleted after the run had begun; begin another run', error);
  }
  if (error instanceof ApiError || error instanceof GleanerError) {
    return new GleanerError('input-unreadable', error.message, { cause: error, facts: factsOf(error) });
  }
  return error;
}

function factsOf(error: ApiError | GleanerError): GleanerError['facts'] {
  return error instanceof GleanerError ? error.facts : {};
}

function unreadable(address: string, why: string, cause?: unknown): GleanerError {
  return new GleanerError('input-unreadable', `Cannot read ${address}: ${why}`, { cause });
}
