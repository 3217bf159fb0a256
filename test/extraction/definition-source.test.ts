import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestDefinitionSource } from '../../src/extraction/definition-source.ts';
import { temporaryDirectory } from '../store/temporary-directory.ts';

/** Writes modules and digests the first of them. */
async function digestOf(modules: Record<string, string>): Promise<string> {
  const directory = temporaryDirectory();
  for (const [name, text] of Object.entries(modules)) {
    mkdirSync(join(directory, name, '..'), { recursive: true });
    writeFileSync(join(directory, name), text);
  }
  return digestDefinitionSource(join(directory, Object.keys(modules)[0] ?? ''));
}

const modules = {
  'receipt.ts': `
    import { z } from 'zod';
    import { total } from './parts/total.js';
    import limits from "./limits.json" with { type: 'json' };
    export { other } from './parts';
    const lazy = await import('./lazy');
  `,
  'parts/total.ts': `import '../side.mjs'; export const total = (z) => z.number();`,
  'parts/index.ts': `export const other = require('./deep.cjs');`,
  'parts/deep.cjs': `module.exports = 1;`,
  'limits.json': '{"from": "./nowhere"}',
  'lazy.ts': `export * from './receipt.ts';`,
  'side.mjs': 'globalThis.x = 1;',
};

test('digestDefinitionSource tells the definition’s own module and every local one it imports, through and through', async () => {
  const before = await digestOf(modules);
  expect(before).toMatch(/^[0-9a-f]{16}$/);
  expect(await digestOf(modules)).toBe(before);
  for (const [name, text] of Object.entries(modules)) {
    expect(await digestOf({ ...modules, [name]: `${text} ` })).not.toBe(before);
  }
});

test('digestDefinitionSource passes over what is not imported, packages, and how lines end', async () => {
  const before = await digestOf(modules);
  expect(await digestOf({ ...modules, 'unrelated.ts': 'x', 'node_modules/zod/index.js': 'x' })).toBe(before);
  const windows = Object.entries(modules).map(([name, text]) => [name, text.replaceAll('\n', '\r\n')]);
  expect(await digestOf(Object.fromEntries(windows) as typeof modules)).toBe(before);
});

test('digestDefinitionSource does not mind what only looks like an import', async () => {
  expect(await digestOf({ 'a.ts': `// taken from './gone'\nconst text = "import './gone'";` })).toMatch(
    /^[0-9a-f]{16}$/,
  );
});

const aliased = {
  'definitions/receipt.ts': `import { total } from '@/total'; import { limit } from '#limit'; import { z } from 'zod';`,
  'tsconfig.json': '{ "compilerOptions": { "paths": { "@/*": ["./shared/*"] } } }',
  'package.json': '{ "imports": { "#limit": "./shared/limit.ts" } }',
  'shared/total.ts': `import './deeper.js'; export const total = 1;`,
  'shared/deeper.ts': '',
  'shared/limit.ts': 'export const limit = 2;',
};

test('digestDefinitionSource follows paths of a tsconfig.json and imports of a package.json', async () => {
  const before = await digestOf(aliased);
  for (const name of ['shared/total.ts', 'shared/deeper.ts', 'shared/limit.ts'] as const) {
    expect(await digestOf({ ...aliased, [name]: `${aliased[name]} ` })).not.toBe(before);
  }
  expect(await digestOf({ ...aliased, 'shared/unrelated.ts': 'x' })).toBe(before);
});

test('digestDefinitionSource reads a workspace that is linked in, and no installed package', async () => {
  const digest = async (linked: string, installed: string): Promise<string> => {
    const directory = temporaryDirectory();
    for (const [name, text] of Object.entries({
      'a.ts': `import 'linked'; import 'installed';`,
      'workspace/index.js': linked,
      'node_modules/installed/index.js': installed,
    })) {
      mkdirSync(join(directory, name, '..'), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    symlinkSync(join(directory, 'workspace'), join(directory, 'node_modules/linked'));
    return digestDefinitionSource(join(directory, 'a.ts'));
  };
  expect(await digest('1', '2')).toBe(await digest('1', '3'));
  expect(await digest('4', '2')).not.toBe(await digest('1', '2'));
});
