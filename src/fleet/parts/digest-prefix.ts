import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK_BYTES = 1024 * 1024;

/** The SHA-256 of the first bytes of a file; of nothing where that is 0, whether there is a file or not. */
export function digestPrefix(path: string, length: number): string {
  const hash = createHash('sha256');
  if (length > 0) {
    const bytes = Buffer.allocUnsafe(Math.min(length, BLOCK_BYTES));
    const fd = openSync(path, 'r');
    try {
      for (let position = 0; position < length;) {
        const read = readSync(fd, bytes, 0, Math.min(bytes.length, length - position), position);
        if (read === 0) break;
        hash.update(bytes.subarray(0, read));
        position += read;
      }
    } finally {
      closeSync(fd);
    }
  }
  return hash.digest('hex');
}
