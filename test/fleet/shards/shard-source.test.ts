import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ShardSource, type ShardSourceOptions } from '../../../src/fleet/shards/shard-source.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'gleaner-shard-'));
  path = join(directory, 'input.jsonl');
  writeFileSync(path, Array.from({ length: 11 }, (_, at) => `{"n":${at}}\n`).join(''));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function shardOf(index: number, count: number, more: Partial<ShardSourceOptions> = {}): ShardSource {
  const out = join(directory, `part-${index}`);
  return new ShardSource({
    path,
    shard: { index, count },
    out,
    reading: {},
    chunkRows: 2,
    ids: { rule: null },
    ...more,
  });
}

async function indexesOf(source: ShardSource): Promise<number[]> {
  const indexes: number[] = [];
  for await (const { index } of await source.open()) indexes.push(index);
  return indexes;
}

describe('ShardSource', () => {
  test('has every n-th chunk, and all shards have every row once', async () => {
    const shards = [0, 1, 2].map((index) => shardOf(index, 3));
    expect(await Promise.all(shards.map(indexesOf))).toEqual([
      [0, 1, 6, 7],
      [2, 3, 8, 9],
      [4, 5, 10],
    ]);
    expect(await Promise.all(shards.map((shard) => shard.countRows()))).toEqual([4, 4, 3]);
    // It can be read again.
    expect(await indexesOf(shards[2] as ShardSource)).toEqual([4, 5, 10]);
  });

  test('is told from other shards, and from those of another plan, by its identity', async () => {
    const one = await shardOf(0, 3).identity();
    const other = await shardOf(1, 3).identity();
    const smaller = await shardOf(2, 3, { chunkRows: 1 }).identity();
    expect(one).toMatchObject({ part: { shard: '0/3' } });
    expect({ ...(one as object), part: null }).toEqual({ ...(other as object), part: null });
    expect((smaller as { plan: string }).plan).not.toBe((one as { plan: string }).plan);
  });

  test('keeps a plan that is shared in its own directory, and refuses one that changed below it', async () => {
    const plan = join(directory, 'shared', 'plan.jsonl');
    await indexesOf(shardOf(0, 2, { plan }));
    expect(readFileSync(join(directory, 'part-0', 'plan.jsonl'), 'utf8')).toBe(readFileSync(plan, 'utf8'));
    rmSync(plan);
    const again = shardOf(0, 2, { plan, chunkRows: 3 });
    await expect(indexesOf(again)).rejects.toThrow(/the shard in .*part-0 was begun with another/);
  });

  test('makes its own plan again for an input that changed only where changes are accepted', async () => {
    await indexesOf(shardOf(1, 2));
    writeFileSync(path, '{"n":1}\n{"n":2}\n{"n":3}\n');
    await expect(indexesOf(shardOf(1, 2))).rejects.toMatchObject({
      code: 'plan-differs',
      facts: { advice: 'changes' },
    });
    expect(await indexesOf(shardOf(1, 2, { acceptChanges: true }))).toEqual([2]);
  });

  test('says that it has nothing to do, where there are more shards than chunks', async () => {
    const notices: string[] = [];
    expect(await indexesOf(shardOf(7, 8, { onNotice: (notice) => notices.push(notice) }))).toEqual([]);
    expect(notices).toEqual([
      `Shard 7/8 has nothing to do: ${path} has 6 chunks of up to 2 records; smaller chunks, the same for all shards, give each of them some`,
    ]);
  });

  test('refuses to share out what can be read from its beginning only', async () => {
    path = `${path}.gz`;
    writeFileSync(path, gzipSync('{"n":1}\n'));
    await expect(indexesOf(shardOf(0, 2))).rejects.toThrow(
      'it is compressed, and can be read from its beginning only; unpack it first',
    );
    expect(await indexesOf(shardOf(0, 1))).toEqual([0]);
  });

  test('reads nothing before a run asks', () => {
    shardOf(0, 2);
    expect(existsSync(join(directory, 'part-0'))).toBe(false);
  });
});
