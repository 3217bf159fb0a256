import type * as Fs from 'node:fs';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { AtomicFile } from '../../src/files/atomic-file.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

/** Most bytes that the system takes with one write, as of a disk that is nearly full. */
const MOST_BYTES = 5;
vi.mock('node:fs', async (importOriginal) => {
  const fs = await importOriginal<typeof Fs>();
  const writeSync = (fd: number, content: string | Uint8Array, offset = 0): number => {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    return fs.writeSync(fd, bytes.subarray(offset, offset + MOST_BYTES));
  };
  return { ...fs, default: fs, writeSync };
});

test.each([['text'], ['bytes']])('AtomicFile writes all of a %s of which the system takes a part at a time', (kind) => {
  const path = join(temporaryDirectory(), 'results.csv');
  const content = 'zwölf, 十二, 😀\r\n'.repeat(3);
  const file = new AtomicFile(path);
  file.write(kind === 'text' ? content : Buffer.from(content));
  file.commit();
  expect(readFileSync(path, 'utf8')).toBe(content);
});
