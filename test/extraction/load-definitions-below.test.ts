import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadDefinitionsBelow } from '../../src/extraction/load-definition.ts';

function directoryWith(files: Record<string, string>): string {
  const path = mkdtempSync(join(tmpdir(), 'gleaner-test-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

function definition(name: string): string {
  return `defineExtraction({ name: '${name}', schema: z.object({ a: z.string() }), instructions: 'Read.', prompt: 'x' })`;
}

const head = "import { defineExtraction } from 'gleaner';\nimport { z } from 'zod';\n";

test('every extraction below a directory is loaded once, and nothing else is run', async () => {
  const cwd = directoryWith({
    'schemas/b.ts': `${head}export default ${definition('b')};\nexport const other = ${definition('other')};`,
    'schemas/a/deep.mts': `${head}const same = ${definition('deep')};\nexport { same, same as default };`,
    'schemas/index.ts': "export { default as again } from './b.ts';",
    'schemas/part.ts': `${head}export const part = z.string();`,
    'schemas/b.test.ts': "throw new Error('a test was loaded');",
    'schemas/types.d.ts': 'export type A = 1;',
    'schemas/.hidden.ts': "throw new Error('a hidden file was loaded');",
    'schemas/node_modules/x/index.js': "throw new Error('a package was loaded');",
    'schemas/snapshots/b/1.json': '{}',
  });
  symlinkSync('nowhere.ts', join(cwd, 'schemas/dangling.ts'));
  const loaded = await loadDefinitionsBelow('schemas', { cwd });
  expect(loaded.map(({ extraction, exportName }) => [extraction.name, exportName])).toEqual([
    ['deep', 'default'],
    ['b', 'default'],
    ['other', 'other'],
  ]);
  expect(loaded[0]?.path).toBe(join(cwd, 'schemas/a/deep.mts'));
});

test('links are followed, and a directory that several lead to, or that leads back, is looked into once', async () => {
  const cwd = directoryWith({
    'schemas/own.ts': `${head}export default ${definition('own')};`,
    'shared/there.ts': `${head}export default ${definition('there')};`,
  });
  for (const [name, target] of Object.entries({ back: '.', again: '.', one: '../shared', two: '../shared' })) {
    symlinkSync(target, join(cwd, 'schemas', name));
  }
  symlinkSync('../schemas', join(cwd, 'shared/around'));
  const loaded = await loadDefinitionsBelow('schemas', { cwd });
  expect(loaded.map(({ extraction }) => extraction.name)).toEqual(['there', 'own']);
});

test('a module that cannot be loaded is named, and a directory that is not there has no definitions', async () => {
  const cwd = directoryWith({ 'schemas/broken.ts': 'export default {' });
  await expect(loadDefinitionsBelow('schemas', { cwd })).rejects.toThrow(
    /Cannot load the definition schemas\/broken\.ts/,
  );
  expect(await loadDefinitionsBelow('other', { cwd })).toEqual([]);
});
