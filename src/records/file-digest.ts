import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { GleanerError } from '../gleaner-error.ts';
import { describeReadError } from './describe-read-error.ts';

const CHUNK_BYTES = 256 * 1024;

/**
 * SHA-256 (lower-case hex) and size in bytes of a file as it is on disk, read in O(1) memory. Throws GleanerError where
 * the file cannot be read, and the signal's reason.
 */
export async function digestFile(path: string, signal?: AbortSignal): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const file = await open(path);
    try {
      // One chunk for the whole file: a stream leaves a buffer for each to the collector, which then lets memory grow.
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      for (;;) {
        signal?.throwIfAborted();
        // From a position, because a path such as /dev/fd/3 may share its place with whoever reads it next.
        const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, bytes);
        if (bytesRead === 0) break;
        hash.update(chunk.subarray(0, bytesRead));
        bytes += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch (error) {
    signal?.throwIfAborted();
    const reason = describeReadError(error);
    if (reason === undefined) throw error;
    throw new GleanerError('input-unreadable', `Cannot read ${path}: ${reason}`, { cause: error });
  }
  return { sha256: hash.digest('hex'), bytes };
}
