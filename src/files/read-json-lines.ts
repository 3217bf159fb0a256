import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { systemCode } from './system-error.ts';
import { StoreError } from '../store/store-error.ts';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

/** An object of a JSON lines file, and where its line stands. */
export interface PlacedObject {
  value: JsonObject;
  /** Bytes before the line. */
  offset: number;
  /** Bytes of the line, without its newline. */
  length: number;
}

/**
 * Yields the objects of a JSON lines file that this program wrote; nothing where there is no file.
 *
 * @throws {StoreError} naming the line that is no JSON object: our own lines are whole, so somebody changed the file
 */
export function* readJsonLines(path: string): Generator<JsonObject> {
  for (const { value } of readPlacedJsonLines(path)) yield value;
}

/** `readJsonLines`, with the place of each line for reading it again. */
export function* readPlacedJsonLines(path: string): Generator<PlacedObject> {
  let lineNumber = 0;
  let offset = 0;
  for (const line of readLines(path)) {
    lineNumber += 1;
    let value: unknown;
    try {
      value = JSON.parse(line.toString('utf8'));
    } catch {
      value = undefined;
    }
    if (!isJsonObject(value)) {
      throw new StoreError(
        'read',
        path,
        new Error(`line ${lineNumber} is no JSON object; restore the file or start a new run directory`),
      );
    }
    yield { value, offset, length: line.length };
    offset += line.length + 1;
  }
}

/** Each line is good until the next is asked for. */
function* readLines(path: string): Generator<Buffer> {
  let fd: number;
  try {
    // A pipe in the place of a file must not be waited for.
    fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw new StoreError('open', path, error);
  }
  try {
    const stats = fstatSync(fd);
    // A directory meets its own error when it is read.
    if (!stats.isFile() && !stats.isDirectory()) throw new StoreError('read', path, new Error('it is no regular file'));
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let fragments: Buffer[] = [];
    for (let length = readChunk(fd, chunk, path); length > 0; length = readChunk(fd, chunk, path)) {
      let start = 0;
      for (let end = chunk.indexOf(NEWLINE); end !== -1 && end < length; end = chunk.indexOf(NEWLINE, start)) {
        const piece = chunk.subarray(start, end);
        yield fragments.length === 0 ? piece : Buffer.concat([...fragments, piece]);
        fragments = [];
        start = end + 1;
      }
      // The chunk is read into again, so what is kept of it is copied.
      if (start < length) fragments.push(Buffer.from(chunk.subarray(start, length)));
    }
  } finally {
    closeSync(fd);
  }
}

function readChunk(fd: number, chunk: Buffer, path: string): number {
  try {
    return readSync(fd, chunk);
  } catch (error) {
    throw new StoreError('read', path, error);
  }
}
