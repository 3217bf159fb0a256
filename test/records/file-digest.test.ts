import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestFile } from '../../src/records/file-digest.ts';
import { GleanerError } from '../../src/gleaner-error.ts';

test('digestFile hashes and measures a file', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'digest-'));
  try {
    const path = join(folder, 'a.csv');
    writeFileSync(path, 'abc');
    // The example of FIPS 180-2.
    const sha256 = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(await digestFile(path)).toEqual({ sha256, bytes: 3 });
    const reason = new Error('enough');
    await expect(digestFile(path, AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(digestFile(join(folder, 'absent'))).rejects.toThrow(GleanerError);
    await expect(digestFile(folder)).rejects.toThrow('it is a directory');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
