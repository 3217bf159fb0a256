import { appendFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SavedPart } from '../../../src/fleet/parts/saved-part.ts';
import { temporaryDirectory } from '../../store/temporary-directory.ts';

/** A bucket that takes each object once; what it says of the `nth` is lost on the way. */
function openPart(nth: number) {
  const directory = temporaryDirectory();
  const objects = new Map<string, string>();
  let calls = 0;
  const part = new SavedPart({
    directory,
    saveEveryMs: 60_000,
    create: async (name, bytes) => {
      const content = Buffer.from(bytes).toString();
      const there = objects.get(name);
      if (there !== undefined && there !== content) throw new Error(`${name} holds something else`);
      objects.set(name, content);
      calls += 1;
      if (calls === nth) throw new Error('the connection broke');
    },
  });
  const write = (line: string): void => appendFileSync(join(directory, 'results.jsonl'), `${line}\n`);
  return { part, objects, write, directory };
}

test('a piece whose answer was lost is sent again as it was, and what came since is the next', async () => {
  const { part, objects, write, directory } = openPart(1);
  write('{"id":"a"}');
  await expect(part.save()).rejects.toThrow('the connection broke');
  write('{"id":"b"}');
  expect(await part.save()).toMatchObject({ results: 22 });
  expect([...objects.values()].join('')).toBe('{"id":"a"}\n{"id":"b"}\n');
  await part.close();
  expect(existsSync(directory)).toBe(false);
});

test('what is nowhere else is not removed', async () => {
  const { part, write, directory } = openPart(1);
  write('{"id":"a"}');
  await expect(part.save()).rejects.toThrow('the connection broke');
  await part.close();
  expect(existsSync(directory)).toBe(true);
});
