import { parseJsonObject } from '../json/parse-json.ts';
import { constants, fstatSync, openSync } from 'node:fs';
import type { JsonObject } from '../json/value.ts';
import { StoreError } from './store-error.ts';
import { scanLines, type ScannedLine } from './line-scanner.ts';
import { systemCode } from './system-error.ts';
import { closeRead } from './close-read.ts';

/** An object of a JSON lines file, and where its line stands. */
export interface PlacedObject {
  value: JsonObject;
  /** Bytes before the line. */
  offset: number;
  /** Bytes of the line, without its newline. */
  length: number;
}

/**
 * Yields the objects of a JSON lines file that this program wrote, and the place of each; nothing where there is no file.
 * `onDamage` is told of lines that are no JSON objects, instead of an error. Lines begin at byte `from`.
 *
 * @throws {StoreError} naming the line that is no JSON object: our own lines are whole, so somebody changed the file
 */
export function* readPlacedJsonLines(path: string, onDamage?: () => void, from = 0): Generator<PlacedObject> {
  let lineNumber = 0;
  for (const { offset, bytes } of readLines(path, from)) {
    lineNumber += 1;
    const value = parseJsonObject(bytes.toString('utf8'));
    if (value !== undefined) yield { value, offset, length: bytes.length };
    else if (onDamage !== undefined) onDamage();
    else {
      throw new StoreError(
        'read',
        path,
        new Error(`line ${lineNumber} is no JSON object; restore the file or start a new run directory`),
      );
    }
  }
}

/** `readPlacedJsonLines` without the places. */
export function* readJsonLines(path: string): Generator<JsonObject> {
  for (const { value } of readPlacedJsonLines(path)) yield value;
}

/** The lines of a file, each good until the next is asked for. */
export function* readLines(path: string, from = 0): Generator<ScannedLine> {
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
    if (!stats.isFile() && !stats.isDirectory()) throw new Error('it is no regular file');
    yield* scanLines(fd, undefined, from);
  } catch (error) {
    throw error instanceof StoreError ? error : new StoreError('read', path, error);
  } finally {
    closeRead(fd);
  }
}
