import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { StoreError } from '../store/store-error.ts';

/**
 * Replaces a file so that a reader, or a crash, sees either the old content or the new, never a part. `temporary` is where the new
 * content stands until it is whole; a link that was planted there is removed, not followed.
 */
export function writeFileAtomically(path: string, content: string | Iterable<string>, temporary = `${path}.tmp`): void {
  try {
    rmSync(temporary, { force: true });
    const fd = openSync(temporary, 'wx');
    try {
      for (const chunk of typeof content === 'string' ? [content] : content) {
        const bytes = Buffer.from(chunk);
        for (let written = 0; written < bytes.length;) written += writeSync(fd, bytes, written);
      }
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // What hinders the removal hindered the writing before, and that error is the one to report.
    }
    throw error instanceof StoreError ? error : new StoreError('write', path, error);
  }
}
