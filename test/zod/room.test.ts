import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

it('is the only room that reads what zod keeps to itself', () => {
  const source = new URL('../../src/', import.meta.url).pathname;
  const readers = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && /\b_(?:def|zod)\b/.test(readFileSync(join(source, file), 'utf8')),
  );
  expect(readers).toContain(join('zod', 'walk.ts'));
  expect(readers.filter((file) => !file.startsWith('zod'))).toEqual([]);
});
