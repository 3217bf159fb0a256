import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { fileNames } from '../../store/run-directory.ts';
import { GROWING_FILES, type GrowingFile, type PartLengths } from './part-names.ts';

const NEWLINE = 0x0a;
const TAIL_BYTES = 64 * 1024;

/** How much there is of each file of a part in a directory. Nothing is cut off: its run may be at work. */
export function lengthsIn(directory: string): PartLengths {
  const lengths = GROWING_FILES.map((file): [GrowingFile, number] => [
    file,
    wholeBytes(join(directory, fileNames[file])),
  ]);
  return Object.fromEntries(lengths) as Record<GrowingFile, number>;
}

/** Bytes of a file up to its last line end; 0 where there is no file. */
function wholeBytes(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 0;
    throw new StoreError('open', path, error);
  }
  try {
    const chunk = Buffer.alloc(TAIL_BYTES);
    for (let end = fstatSync(fd).size; end > 0;) {
      const start = Math.max(0, end - chunk.length);
      const read = readSync(fd, chunk, 0, end - start, start);
      const newline = chunk.subarray(0, read).lastIndexOf(NEWLINE);
      if (newline !== -1) return start + newline + 1;
      end = start;
    }
    return 0;
  } catch (error) {
    throw new StoreError('read', path, error);
  } finally {
    closeSync(fd);
  }
}
