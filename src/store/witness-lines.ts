import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';

/** The last lines within so many bytes are all taken. */
const LAST_BYTES = 64 * 1024;
/** Of those before, so many are: a change that strikes one record in a hundred is among them but for once in 20,000 times. */
const SPREAD = 1000;
/** Goes from place to place so that those looked at by any time lie all over the log. */
const STRIDE = 617;
/** Most lines are whole within the first of these; what it takes to find the ends of long ones is bounded. */
const FIRST_READ = 8 * 1024;
const LONGEST_READ = 2 * 1024 * 1024;
const MOST_READ = 32 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The last lines of the first `size` bytes of a log, and others from all over it, at places that differ from time to time. */
export function witnessLines(path: string, size: number, random: () => number = Math.random): string[] {
  const fd = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (fstatSync(fd).size < size) return [];
    const last = Math.max(0, size - LAST_BYTES);
    const lines = bytesOf(fd, last, size)
      .toString('utf8')
      .split('\n')
      .slice(last === 0 ? 0 : 1, -1);
    const scratch = Buffer.allocUnsafe(FIRST_READ);
    let left = last === 0 ? 0 : MOST_READ;
    for (let count = 0; count < SPREAD && left > 0; count += 1) {
      const place = Math.floor((((count * STRIDE) % SPREAD) + random()) * (last / SPREAD));
      const { line, read } = lineBehind(fd, place, size, scratch);
      left -= read;
      if (line !== undefined) lines.push(line);
    }
    return lines;
  } finally {
    closeSync(fd);
  }
}

/** The first line that begins behind a byte, where it ends soon enough, and how many bytes were read to find it. `scratch` holds a first read. */
function lineBehind(
  fd: number,
  place: number,
  size: number,
  scratch: Buffer,
): { line: string | undefined; read: number } {
  let read = 0;
  for (let length = FIRST_READ; length <= LONGEST_READ; length *= 4) {
    const bytes = bytesOf(fd, place, Math.min(size, place + length), scratch);
    read += bytes.length;
    const begin = place === 0 ? 0 : bytes.indexOf(NEWLINE) + 1;
    const end = place === 0 || begin > 0 ? bytes.indexOf(NEWLINE, begin) : -1;
    if (end !== -1) return { line: bytes.toString('utf8', begin, end), read };
    if (bytes.length < length) break;
  }
  return { line: undefined, read };
}

function bytesOf(fd: number, start: number, end: number, scratch?: Buffer): Buffer {
  const length = end - start;
  const bytes = scratch !== undefined && length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
  return bytes.subarray(0, readSync(fd, bytes, 0, length, start));
}
