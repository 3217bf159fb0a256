import { StoreError } from './store-error.ts';
import { AtomicFile } from './atomic-file.ts';

/**
 * Replaces a file so that a reader, or a crash, sees either the old content or the new, never a part. `temporary` is where the new
 * content stands until it is whole; a link that was planted there is removed, not followed.
 */
export function writeFileAtomically(path: string, content: string | Iterable<string>, temporary = `${path}.tmp`): void {
  const file = new AtomicFile(path, temporary);
  try {
    for (const chunk of typeof content === 'string' ? [content] : content) file.write(chunk);
    file.commit();
  } catch (error) {
    file.discard();
    throw error instanceof StoreError ? error : new StoreError('write', path, error);
  }
}
