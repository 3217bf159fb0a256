import { constants, createReadStream, fstatSync, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { isatty, ReadStream } from 'node:tty';

/** Bytes read at once: larger reads gain nothing measurable. */
const CHUNK_BYTES = 1 << 17;

/** False for what can be read only once, or has no end: pipes, terminals, devices, standard input (`-`). */
export async function isRegularFile(input: string): Promise<boolean> {
  if (input === '-') return false;
  const found = await stat(input).catch(() => undefined);
  // What is missing, or a directory, is for whoever opens it to tell.
  return found === undefined || found.isFile() || found.isDirectory();
}

/**
 * Opens a file for reading. Pipes and terminals are read without a thread that waits: a wait for a writer could otherwise not be
 * given up, not even by the end of the process.
 */
export async function openInput(path: string): Promise<Readable> {
  if (await isRegularFile(path)) return createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if (fstatSync(fd).isFIFO()) return new Socket({ fd, readable: true, writable: false });
  if (isatty(fd)) return new ReadStream(fd);
  return createReadStream(path, { fd, highWaterMark: CHUNK_BYTES });
}
