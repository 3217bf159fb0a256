import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { schemaHash, type SnapshotContent } from '../../../src/evolution/check/snapshot.ts';
import { lockSnapshot, readSnapshots } from '../../../src/evolution/check/snapshot-folder.ts';

const stamp = { date: '2026-01-02', gleaner: '1.0.0' };

function content(maximum: number): SnapshotContent {
  const schema = { type: 'number', maximum };
  return { name: 'note', schema, hash: schemaHash(schema), promptHash: 'x', unseen: [] };
}

test('snapshots are numbered on, past nine and past gaps, and other files do not count', async () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'gleaner-test-')), 'note');
  onTestFinished(() => rmSync(join(folder, '..'), { recursive: true, force: true }));
  for (let number = 1; number <= 11; number += 1) {
    const { written } = await lockSnapshot(folder, content(number), stamp);
    expect(written?.number).toBe(number);
    expect(await lockSnapshot(folder, content(number), { ...stamp, date: '2027-01-01' })).toMatchObject({
      previous: { number, date: '2026-01-02' },
      written: undefined,
    });
  }
  rmSync(join(folder, '5.json'));
  for (const name of ['012.json', 'notes.json', '99.json.bak', '12.txt']) writeFileSync(join(folder, name), 'other');
  expect((await readSnapshots(folder, 'latest')).map(({ number }) => number)).toEqual([11]);
  expect((await readSnapshots(folder, 'all')).map(({ number }) => number)).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10, 11]);
  await lockSnapshot(folder, content(50), stamp);
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect((await readSnapshots(folder, 'latest')).map(({ number }) => number)).toEqual([12]);
});
