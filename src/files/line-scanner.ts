import { readSync } from 'node:fs';

const NEWLINE = 0x0a;
const CHUNK_BYTES = 1024 * 1024;

export interface ScannedLine {
  /** Bytes before the line. */
  offset: number;
  /** The line without its newline; good until the next one is asked for. */
  bytes: Buffer;
}

/** Yields the whole lines among the first `size` bytes of a file, or those that begin at `from` or after it; a torn last line is none. */
export function* scanLines(fd: number, size = Number.POSITIVE_INFINITY, from = 0): Generator<ScannedLine> {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, size));
  /** The parts of a line that began in earlier chunks. */
  let fragments: Buffer[] = [];
  let lineStart = from;
  for (let position = from; position < size;) {
    const length = readSync(fd, chunk, 0, Math.min(chunk.length, size - position), position);
    if (length === 0) return;
    const read = chunk.subarray(0, length);
    let start = 0;
    for (let end = read.indexOf(NEWLINE); end !== -1; end = read.indexOf(NEWLINE, start)) {
      const piece = read.subarray(start, end);
      yield { offset: lineStart, bytes: fragments.length === 0 ? piece : Buffer.concat([...fragments, piece]) };
      fragments = [];
      start = end + 1;
      lineStart = position + start;
    }
    // The chunk is read into again, so what is kept of it is copied.
    if (start < length) fragments.push(Buffer.from(read.subarray(start)));
    position += length;
  }
}
