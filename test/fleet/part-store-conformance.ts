import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { NO_LENGTHS, partName } from '../../src/fleet/parts/part-names.ts';
import type { PartStore } from '../../src/fleet/parts/part-store.ts';

/** What every store of parts must do. `open` gives another view of the same store each time, as another machine has it. */
export function describePartStore(name: string, open: () => Promise<PartStore>): void {
  async function namesBelow(store: PartStore, prefix: string): Promise<string[]> {
    const names: string[] = [];
    for await (const one of store.list(prefix)) names.push(one);
    return names.sort();
  }

  describe(`the contract of ${name}`, () => {
    test('gives back a note, and has none where none was written', async () => {
      const store = await open();
      expect(await store.read('parts/000001.done.json')).toBeUndefined();
      expect(await store.create('parts/000001.done.json', '{"rows":1}')).toBe(true);
      expect(await (await open()).read('parts/000001.done.json')).toBe('{"rows":1}');
    });

    test('lets one of many writers write a note, and changes it never', async () => {
      const stores = await Promise.all(Array.from({ length: 8 }, () => open()));
      const written = await Promise.all(stores.map((store, index) => store.create('claim.json', `{"of":${index}}`)));
      expect(written.filter(Boolean)).toHaveLength(1);
      const content = `{"of":${written.indexOf(true)}}`;
      expect(await stores[0]?.read('claim.json')).toBe(content);
      expect(await stores[0]?.create('claim.json', '{"of":"later"}')).toBe(false);
      expect(await (await open()).read('claim.json')).toBe(content);
    });

    test('lists notes by the begin of their names', async () => {
      const store = await open();
      expect(await namesBelow(store, 'parts/')).toEqual([]);
      for (const note of [
        'parts/000001.a1/claim.json',
        'parts/000001.done.json',
        'parts/000011.a1/claim.json',
        'plan',
      ]) {
        await store.create(note, '{}');
      }
      expect(await namesBelow(await open(), 'parts/000001.')).toEqual([
        'parts/000001.a1/claim.json',
        'parts/000001.done.json',
      ]);
      expect(await namesBelow(store, 'parts/')).toHaveLength(3);
    });

    test('shows of a part the whole lines that were saved, and another reader the same prefix for ever', async () => {
      const writer = await open();
      const reader = await open();
      const part = partName(17, 2);
      expect(await reader.lengthsOf(part)).toEqual(NO_LENGTHS);
      const opened = await writer.openPart(part);
      const results = join(opened.directory, 'results.jsonl');
      writeFileSync(results, '{"id":"ä"}\n{"id":"b"}\n{"id":');
      const first = await opened.save();
      expect(first).toEqual({ ...NO_LENGTHS, results: 23 });
      expect(await reader.lengthsOf(part)).toEqual(first);

      appendFileSync(results, '"c"}\n');
      writeFileSync(join(opened.directory, 'attempts.jsonl'), '{"call":1}\n');
      const second = await opened.save();
      expect(second).toEqual({ ...NO_LENGTHS, results: 34, attempts: 11 });
      await opened.close();

      const before = await reader.fetchPart(part, first);
      const prefix = readFileSync(join(before, 'results.jsonl')).subarray(0, first.results);
      expect(String(prefix)).toBe('{"id":"ä"}\n{"id":"b"}\n');
      const after = await (await open()).fetchPart(part, second);
      expect(readFileSync(join(after, 'results.jsonl'), 'utf8')).toBe('{"id":"ä"}\n{"id":"b"}\n{"id":"c"}\n');
      expect(readFileSync(join(after, 'attempts.jsonl'), 'utf8')).toBe('{"call":1}\n');
    });

    test('keeps the manifest of a part beside its files', async () => {
      const writer = await open();
      const part = partName(3, 1);
      const opened = await writer.openPart(part);
      const manifest = join(opened.directory, 'run.json');
      writeFileSync(manifest, JSON.stringify({ status: 'running' }, null, 2));
      await opened.save();
      writeFileSync(manifest, JSON.stringify({ status: 'finished' }, null, 2));
      const lengths = await opened.save();
      await opened.close();
      const fetched = await (await open()).fetchPart(part, lengths);
      expect(JSON.parse(readFileSync(join(fetched, 'run.json'), 'utf8'))).toEqual({ status: 'finished' });
    });
  });
}
