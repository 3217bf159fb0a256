import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryDirectory } from '../store/temporary-directory.ts';

const disk = vi.hoisted(() => ({ isFailing: false }));
vi.mock(import('node:fs'), async (importOriginal) => {
  const fs = await importOriginal();
  return {
    ...fs,
    closeSync: (fd: number) => {
      fs.closeSync(fd);
      if (disk.isFailing) throw Object.assign(new Error('EIO: i/o error, close'), { code: 'EIO' });
    },
  };
});

test('lines that were read are all there, though the disk fails when their file is closed', async () => {
  const { readJsonLines } = await import('../../src/files/read-json-lines.ts');
  const path = join(temporaryDirectory(), 'results.jsonl');
  writeFileSync(path, '{"id":"a"}\n{"id":"b"}\n');
  disk.isFailing = true;
  try {
    expect([...readJsonLines(path)]).toEqual([{ id: 'a' }, { id: 'b' }]);
  } finally {
    disk.isFailing = false;
  }
});
