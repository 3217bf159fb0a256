import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createModuleLoader } from '../../src/extraction/module-loader.ts';
import { createPlainRunner } from '../../src/extraction/run-plain-module.ts';
import { stripTypes } from '../../src/extraction/strip-types.ts';

function directoryWith(files: Record<string, string>): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'gleaner-test-')));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(path, name, '..'), { recursive: true });
    writeFileSync(join(path, name), text);
  }
  return path;
}

/** A runner beside packages of which it is told once, and what was asked of them. */
function runnerBeside(packages: Record<string, object>) {
  const loads: string[] = [];
  const run = createPlainRunner({
    resolve: (specifier) => (specifier === 'nowhere' ? undefined : `/place/node_modules/${specifier}/index.js`),
    load: async (specifier) => {
      loads.push(specifier);
      return packages[specifier] ?? {};
    },
    isHandedOver: (specifier) => specifier === 'own',
  });
  return { run, loads };
}

test('hundreds of definitions in one directory have each package found once', async () => {
  const cwd = directoryWith({
    'a.ts': "import { z } from 'zod';\nimport { make } from 'own';\nexport default make(z, 'a');\n",
    'b.mts': "import { z } from 'zod';\nimport { make } from 'own';\nexport default make(z, 'b');\n",
  });
  const { run, loads } = runnerBeside({ zod: { z: 'z' }, own: { make: (...given: string[]) => given.join() } });
  expect(await run(join(cwd, 'a.ts'))).toEqual({ default: 'z,a' });
  expect(await run(join(cwd, 'b.mts'))).toEqual({ default: 'z,b' });
  expect(loads).toEqual(['zod', 'own']);
});

test.each([
  ['an enum', "import { z } from 'zod';\nenum A {\n  a = 1,\n}\nexport default [z, A];\n"],
  ['a name of CommonJS', "import { z } from 'zod';\nexport default [z, __filename];\n"],
  ['a package that is not there', "import { z } from 'nowhere';\nexport default z;\n"],
  ['what is no program', "import { z } from 'zod';\nconst = z;\nexport default z;\n"],
])('%s is left to the loader', async (_name, source) => {
  const cwd = directoryWith({ 'a.ts': source });
  const { run } = runnerBeside({ zod: { z: 'z' } });
  expect(await run(join(cwd, 'a.ts'))).toBeUndefined();
});

test('a file of one’s own that a name leads to is left to the loader, as it may import the module again', async () => {
  const cwd = directoryWith({ 'a.ts': "import { b } from '#b';\nexport default b;\n" });
  const run = createPlainRunner({
    resolve: () => join(cwd, 'b.ts'),
    load: async () => ({}),
    isHandedOver: () => false,
  });
  expect(await run(join(cwd, 'a.ts'))).toBeUndefined();
});

test('a module that throws is named in the stack, at its own line, and is run again when it is asked for again', async () => {
  const cwd = directoryWith({ 'a.ts': "import { z } from 'zod';\n\nthrow new Error(z);\nexport default 1;\n" });
  const { run } = runnerBeside({ zod: { z: 'no' } });
  for (const _time of [1, 2]) {
    const error: unknown = await run(join(cwd, 'a.ts')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: 'no', stack: expect.stringContaining(`${join(cwd, 'a.ts')}:3:`) as string });
  }
});

test.runIf(stripTypes('const a: string = 1;') !== undefined)(
  'a module with types is run without the loader, says nothing of it, and throws at its own line',
  async () => {
    const cwd = directoryWith({
      'a.ts': "import { type Z, z } from 'zod';\ninterface A {\n  a: Z;\n}\nexport default { a: z } satisfies A;\n",
      'b.ts':
        "import { z } from 'zod';\ninterface A {\n  a: string;\n}\nthrow new Error(z as string);\nexport default 1;\n",
    });
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const { run } = runnerBeside({ zod: { z: 'z' } });
    expect(await run(join(cwd, 'a.ts'))).toEqual({ default: { a: 'z' } });
    await expect(run(join(cwd, 'b.ts'))).rejects.toMatchObject({
      stack: expect.stringContaining(`${join(cwd, 'b.ts')}:5:7`) as string,
    });
    await new Promise((resolve) => setImmediate(resolve));
    expect(warnings).toEqual([]);
  },
);

test('a definition is one and the same, whether it is loaded itself or imported by another module', async () => {
  const cwd = directoryWith({
    'plain.ts': "import { defineTool } from 'gleaner';\nexport default { own: defineTool };\n",
    'typed.ts':
      "import plain from './plain.ts';\nexport const again: object = plain;\nexport { default as same } from './plain.ts';\n",
  });
  const loader = await createModuleLoader(join(cwd, 'plain.ts'));
  const first = (await loader.load(join(cwd, 'plain.ts'))) as { default: object };
  const typed = (await loader.load(join(cwd, 'typed.ts'))) as { again: object; same: object };
  expect(typed.again).toBe(first.default);
  expect(typed.same).toBe(first.default);
  expect(createRequire(cwd).cache[join(cwd, 'plain.ts')]?.loaded).toBe(true);
});

test('a package that fails as it is loaded is told of once, by whoever loads the module', async () => {
  const cwd = directoryWith({
    'typed.ts': "import { a } from 'broken';\nenum A {\n  a = 1,\n}\nexport default [a, A];\n",
    'two.ts': "import { a } from 'broken';\nimport { b } from 'broken-too';\nexport default [a, b];\n",
  });
  const untold: unknown[] = [];
  const note = (reason: unknown): void => void untold.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => void process.off('unhandledRejection', note));
  const run = createPlainRunner({
    resolve: (specifier) => `/place/node_modules/${specifier}/index.js`,
    load: (specifier) => Promise.reject(new Error(`${specifier} says no`)),
    isHandedOver: () => false,
  });
  expect(await run(join(cwd, 'typed.ts'))).toBeUndefined();
  await expect(run(join(cwd, 'two.ts'))).rejects.toThrow('broken says no');
  // Node tells of rejections that nobody waits for after the turn in which they came.
  await new Promise((resolve) => setImmediate(resolve));
  expect(untold).toEqual([]);
});
