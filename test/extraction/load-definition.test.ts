import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDefinition } from '../../src/extraction/load-definition.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import { deriveSchema } from '../../src/schema/derive.ts';

const good = `import { defineExtraction } from 'gleaner';
import { z } from 'zod';

enum Kind { Food = 'food', Travel = 'travel' }

export default defineExtraction({
  name: 'receipt',
  schema: z.object({ company: z.string().describe('As printed'), kind: z.enum(Kind) }),
  instructions: 'Extract the receipt.',
  prompt: (record: { text: string }) => record.text,
});
`;

/** An extraction without an import, for the cases that are about files and not about packages. */
const plain = (name: string): string =>
  `({ kind: 'gleaner.extraction', name: '${name}', schema: {}, instructions: 'i', prompt: 'p' })`;

let cwd: string;

beforeEach(async () => {
  cwd = await realpath(await mkdtemp(join(tmpdir(), 'gleaner-definition-')));
});

afterEach(async () => {
  await rm(cwd, { recursive: true, force: true });
});

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(cwd, path)), { recursive: true });
  await writeFile(join(cwd, path), text);
}

async function refusalOf(reference: string): Promise<string> {
  const error: unknown = await loadDefinition(reference, { cwd }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(GleanerError);
  const { message } = error as GleanerError;
  expect(message).not.toMatch(/\n|jiti|node_modules|\bat .*:\d+:\d+/);
  return message;
}

describe('where definitions are found', () => {
  it('loads TypeScript from a folder that has neither gleaner nor zod', async () => {
    await write('schemas/receipt.ts', good);
    const { extraction, path, exportName } = await loadDefinition('schemas/receipt.ts', { cwd });
    expect({ path, exportName }).toEqual({ path: join(cwd, 'schemas/receipt.ts'), exportName: 'default' });
    expect(extraction).toMatchObject({ kind: 'gleaner.extraction', name: 'receipt' });
    const { schema } = await deriveSchema(extraction.schema);
    expect(schema).toMatchObject({
      properties: { company: { description: 'As printed' }, kind: { enum: ['food', 'travel'] } },
    });
  });

  it('takes a path without its ending', async () => {
    await write('schemas/receipt.ts', good);
    for (const path of ['./schemas/receipt', join(cwd, 'schemas/receipt'), './schemas/receipt#default'])
      expect((await loadDefinition(path, { cwd })).extraction.name).toBe('receipt');
    await expect(loadDefinition('./schemas/recipt', { cwd })).rejects.toThrow(
      `Cannot find the definition ./schemas/recipt: there is no such file in ${cwd}; did you mean receipt?`,
    );
  });

  it('prefers the zod that stands beside the definition', async () => {
    await mkdir(join(cwd, 'node_modules'));
    const zod3 = fileURLToPath(new URL('../../node_modules/zod3', import.meta.url));
    await symlink(await realpath(zod3), join(cwd, 'node_modules/zod'));
    await write('receipt.ts', good.replace('z.enum(Kind)', 'z.nativeEnum(Kind)'));
    const { extraction } = await loadDefinition('receipt.ts', { cwd });
    expect('_zod' in extraction.schema).toBe(false);
    expect((await deriveSchema(extraction.schema)).schema).toMatchObject({
      properties: { company: { type: 'string', description: 'As printed' }, kind: { enum: ['food', 'travel'] } },
    });
  });

  it.each([
    [
      'compiled.js',
      `Object.defineProperty(exports, '__esModule', { value: true });\nexports.default = ${plain('receipt')};`,
    ],
    ['compiled.cjs', `exports.__esModule = true;\nexports.default = ${plain('receipt')};`],
    ['assigned.cjs', `module.exports = ${plain('receipt')};`],
    ['assigned.cts', `module.exports = ${plain('receipt')};`],
    ['equals.ts', `const definition = ${plain('receipt')};\nexport = definition;`],
    ['equals.cts', `const definition = ${plain('receipt')};\nexport = definition;`],
  ])('loads what a package of CommonJS has in %s', async (name, text) => {
    await write('package.json', '{"type":"commonjs"}');
    await write(name, text);
    const { extraction } = await loadDefinition(name, { cwd });
    expect(extraction.name).toBe('receipt');
  });

  it('takes the named exports of compiled CommonJS by their names', async () => {
    await write('package.json', '{"type":"commonjs"}');
    await write('two.js', `exports.__esModule = true;\nexports.mail = ${plain('mail')};`);
    expect((await loadDefinition('two.js#mail', { cwd })).extraction.name).toBe('mail');
  });

  it('finds modules by the paths of a tsconfig.json above the definition', async () => {
    await write('tsconfig.json', '{ "compilerOptions": { "baseUrl": ".", "paths": { "@/*": ["src/*"] } } }');
    await write('src/name.ts', `export const name: string = 'aliased';`);
    await write('schemas/receipt.ts', `import { name } from '@/name';\nexport default { ...${plain('x')}, name };`);
    expect((await loadDefinition('receipt', { cwd })).extraction.name).toBe('aliased');
  });

  it.each(['{ broken', '{ "extends": "@nowhere/tsconfig/base.json" }'])(
    'does without a tsconfig.json that cannot be read: %s',
    async (text) => {
      await write('tsconfig.json', text);
      await write('receipt.ts', `export default ${plain('receipt')};`);
      expect((await loadDefinition('receipt.ts', { cwd })).extraction.name).toBe('receipt');
    },
  );

  it('says where names stand that are no packages', async () => {
    await write('a.ts', `import '@/shared'; export default ${plain('receipt')};`);
    expect(await refusalOf('a.ts')).toContain('cannot find "@/shared"; name it under "paths" in the tsconfig.json');
    await write('b.ts', `import '#shared'; export default ${plain('receipt')};`);
    expect(await refusalOf('b.ts')).toContain('cannot find "#shared"; name it under "imports" in package.json');
  });

  it.each(['.ts', '.mts', '.js', '.mjs'])('loads %s by file and by name', async (extension) => {
    await write(`schemas/mail${extension}`, `export default ${plain('mail')};\n`);
    for (const reference of [`./schemas/mail${extension}`, 'mail', `mail${extension}`]) {
      const { extraction, path } = await loadDefinition(reference, { cwd });
      expect(extraction.name).toBe('mail');
      expect(path).toBe(join(cwd, `schemas/mail${extension}`));
    }
  });

  it('loads CommonJS', async () => {
    await write('old.cjs', `module.exports = ${plain('old')};\n`);
    expect((await loadDefinition('old.cjs', { cwd })).extraction.name).toBe('old');
  });

  it('loads named exports, of files and of names', async () => {
    await write('schemas/two.ts', `export const one = ${plain('one')};\nexport const other = ${plain('other')};\n`);
    expect((await loadDefinition('schemas/two.ts#one', { cwd })).extraction.name).toBe('one');
    expect(await loadDefinition('two#other', { cwd })).toMatchObject({
      extraction: { name: 'other' },
      exportName: 'other',
    });
  });

  it('loads a file with # in its name', async () => {
    await write('a#b.ts', `export default ${plain('hash')};\n`);
    expect((await loadDefinition('a#b.ts', { cwd })).extraction.name).toBe('hash');
  });

  it('loads what a definition imports beside it', async () => {
    await write('shared/text.ts', `export const name: string = 'shared';\n`);
    await write('a.ts', `import { name } from './shared/text';\nexport default { ...${plain('x')}, name };\n`);
    expect((await loadDefinition('a.ts', { cwd })).extraction.name).toBe('shared');
  });

  it('lists what there is where a name is not found', async () => {
    await write('schemas/receipt.ts', '');
    await write('schemas/mail.mjs', '');
    await write('schemas/types.d.ts', '');
    await write('schemas/README.md', '');
    expect(await refusalOf('reciept')).toBe(
      `Cannot find the definition reciept: there is no schemas/reciept.ts in ${cwd}; did you mean receipt? (schemas/ has mail, receipt)`,
    );
    expect(await refusalOf('other/receipt.ts')).toContain('there is no such file');
  });

  it('says what a definition is where there is none', async () => {
    expect(await refusalOf('receipt')).toContain('give the path of a file, such as schemas/receipt.ts');
    await write('receipt.json', '{}');
    expect(await refusalOf('receipt.json')).toContain('a definition is a module');
    await mkdir(join(cwd, 'folder.ts'));
    expect(await refusalOf('folder.ts')).toContain('it is a directory; name a file in it');
  });
});

describe('definitions that cannot be loaded', () => {
  it.each<[string, string, string]>([
    [
      'a syntax error',
      `import { z } from 'zod';\n\nexport default { a: , };\n`,
      'Cannot load the definition broken.ts, line 3, column 21: syntax error: Unexpected token',
    ],
    [
      'an error while it runs',
      `import { z } from 'zod';\n\nconst row = z.object({});\nexport default row.nope.x;\n`,
      "Cannot load the definition broken.ts, line 4: Cannot read properties of undefined (reading 'x')",
    ],
    [
      'a wrong option',
      `import { defineExtraction } from 'gleaner';\n\nexport default defineExtraction({ name: 'a b' } as never);\n`,
      'Cannot load the definition broken.ts, line 3: Cannot define an extraction: "name" must be 1 to 64 letters, digits, "_" or "-", such as "receipt", got "a b"',
    ],
    [
      'a missing file',
      `import one from 'node:fs';\nimport x from './missing.ts';\nexport default [x, one];\n`,
      'Cannot load the definition broken.ts, line 2: cannot find "./missing.ts"',
    ],
    [
      'a missing package',
      `import x from 'no-such-package-here';\nexport default x;\n`,
      'Cannot load the definition broken.ts, line 1: cannot find "no-such-package-here"; install it beside the definition',
    ],
    ['something thrown that is no error', `throw 'no';\n`, 'Cannot load the definition broken.ts: it threw "no"'],
    [
      'a name that is not defined',
      `export default defineExtraction({});\n`,
      'Cannot load the definition broken.ts, line 1: defineExtraction is not defined',
    ],
  ])('names file, line and cause of %s', async (_case, source, message) => {
    await write('broken.ts', source);
    expect(await refusalOf('broken.ts')).toBe(message);
  });

  it('names the file that is broken, and the definition that loads it', async () => {
    await write('lib/part.ts', `export const a = 1;\nexport const b = (undefined as never)['x'];\n`);
    await write('a.ts', `import { b } from './lib/part.ts';\nexport default b;\n`);
    expect(await refusalOf('a.ts')).toMatch(
      /^Cannot load the definition lib\/part\.ts, line 2 \(loaded by a\.ts\): Cannot read properties/,
    );
  });

  it('says that files import each other where one met another that was still empty', async () => {
    await write('ring/a.ts', `import { b } from './b.ts';\nexport const a = { b };\nexport default a;\n`);
    await write('ring/b.ts', `import { c } from './c.js';\nexport const b = c;\n`);
    await write('ring/c.ts', `import a from './a.ts';\nexport const c = a.b;\n`);
    expect(await refusalOf('ring/a.ts')).toMatch(
      /ring\/c\.ts, line 2 \(loaded by ring\/a\.ts\): .*; it is loaded on a circle of imports \(it imports \.\/a\.ts, which imports \.\/b\.ts, which imports \.\/c\.ts\): put what they share into a file of its own$/,
    );
    await write('ring/d.ts', `import { b } from '../lib/part.ts';\nexport default b;\n`);
    await write('lib/part.ts', `export const b = (undefined as never)['x'];\n`);
    expect(await refusalOf('ring/d.ts')).not.toContain('circle');
  });

  it('names UTF-16 as what it is', async () => {
    await write('wide.ts', '');
    await writeFile(join(cwd, 'wide.ts'), Buffer.from('\ufeffexport default 1;', 'utf16le'));
    expect(await refusalOf('wide.ts')).toBe('Cannot load the definition wide.ts: it is UTF-16 text; save it as UTF-8');
  });

  it('names the line of a syntax error in plain JavaScript', async () => {
    await write('broken.mjs', `export const a = 1;\nexport default { a: , };\n`);
    expect(await refusalOf('broken.mjs')).toMatch(
      /^Cannot load the definition broken\.mjs, line 2.*: .*Unexpected token/,
    );
  });

  it.each<[string, string, string]>([
    ['a zod schema', `import { z } from 'zod';\nexport default z.object({ a: z.string() });\n`, 'is a zod schema'],
    ['a plain object', `export default { name: 'x' };\n`, 'is an object that did not come from defineExtraction'],
    ['a function', `export default () => 1;\n`, 'is a function'],
    ['nothing', `export const a = 1;\n`, 'has no default export; export the result of defineExtraction'],
    ['an empty file', '', 'has no default export'],
  ])('refuses %s as the default export', async (_case, source, message) => {
    await write('other.ts', source);
    expect(await refusalOf('other.ts')).toContain(message);
  });

  it('lists the extractions of a file without a default export', async () => {
    await write(
      'two.ts',
      `export const one = ${plain('one')};\nexport const n = 1;\nexport const other = ${plain('o')};\n`,
    );
    expect(await refusalOf('two.ts')).toContain('pick one: two.ts#one, two.ts#other');
    expect(await refusalOf('two.ts#three')).toContain('it has no export "three"; pick one: two.ts#one, two.ts#other');
    expect(await refusalOf('two.ts#n')).toContain('the export "n" is a number; pick one');
  });
});
