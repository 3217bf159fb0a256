import { closeSync, openSync, renameSync, writeSync } from 'node:fs';
import { ApiError } from '../completion/api-error.ts';
import { closeRead } from '../files/close-read.ts';
import { StoreError } from '../files/store-error.ts';
import { systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';

/** Writes a file that is there whole or not at all. @throws {StoreError} where the system does not take it */
export async function writeWhole(path: string, pieces: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const temporary = `${path}.tmp`;
  let fd: number | undefined;
  try {
    fd = openSync(temporary, 'w', 0o600);
    for await (const piece of pieces) {
      for (let written = 0; written < piece.length;) written += writeSync(fd, piece, written);
    }
    closeSync(fd);
    fd = undefined;
    renameSync(temporary, path);
  } catch (error) {
    if (fd !== undefined) closeRead(fd);
    signal.throwIfAborted();
    if (error instanceof ApiError || error instanceof GleanerError || systemCode(error) === undefined) throw error;
    throw new StoreError('write to', temporary, error);
  }
}
