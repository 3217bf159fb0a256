import { closeSync, constants, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeDirectory } from '../files/make-directory.ts';
import { refuseIrregular } from '../files/refuse-irregular.ts';
import { StoreError } from '../files/store-error.ts';

/** Where pictures of answers stand. */
export const MEDIA_DIRECTORY = 'images';
/** As 'w', but not through a link. */
const REPLACE_HERE = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | (constants.O_NOFOLLOW ?? 0);

/** @throws {GleanerError} when pictures would be written through a link, or to no directory */
export function refuseIrregularMedia(root: string): void {
  refuseIrregular([join(root, MEDIA_DIRECTORY)], 'directory');
}

/**
 * Writes a picture of an answer into the directory of pictures.
 *
 * @throws {StoreError} when it cannot be written
 */
export function writeMedia(root: string, path: string, bytes: Uint8Array): void {
  const file = join(root, path);
  try {
    makeDirectory(join(root, MEDIA_DIRECTORY));
    refuseIrregularMedia(root);
    const fd = openSync(file, REPLACE_HERE, 0o666);
    try {
      writeFileSync(fd, bytes);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    throw new StoreError('write', file, error);
  }
}
