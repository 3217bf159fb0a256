import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { transformPlainModule } from '../../src/extraction/plain-module.ts';
import { stripTypes } from '../../src/extraction/strip-types.ts';

type Compile = (options: { source: string; filename: string; ts: boolean; async: boolean }) => { code: string };

const load = createRequire(import.meta.url);
const compile = load(join(dirname(load.resolve('jiti/package.json')), 'dist/babel.cjs')) as Compile;

/** Runs a module's body as the loader does, with packages that hold what is asked of them, and tells which it asked for. */
async function run(code: string): Promise<unknown> {
  const exports: Record<string, unknown> = {};
  const wrapper = new Script(`(async function (exports, jitiImport) {${code}\n})`).runInThisContext() as (
    exports: object,
    load: (name: string) => Promise<object>,
  ) => Promise<void>;
  const asked: string[] = [];
  await wrapper(exports, async (name) => {
    asked.push(name);
    return {
      define: (given: unknown) => ({ name, given }),
      z: { text: () => `${name} text`, object: (shape: object) => ({ shape }) },
      default: `${name} itself`,
    };
  });
  return { exported: exports['default'], asked };
}

const plain: [string, string][] = [
  ['no import', 'export default { a: 1 };\n'],
  [
    'a definition',
    `import { define } from 'gleaner';\nimport { z } from "zod";\n\nexport default define({ a: z.text() });\n`,
  ],
  [
    'comments, other names, no semicolons',
    `// import it\n`.replace('import', 'take') +
      `import { define as make } from 'gleaner'\n// and\nimport { z } from 'zod'\nconst field = z.text()\nexport default make([field])\n`,
  ],
  [
    'a template, and a function that is called later',
    "import { define } from 'gleaner';\nconst text = `one\ntwo ${1 + 1}`;\nexport default define(later());\nfunction later() { return text; }\n",
  ],
  [
    'top-level await',
    `import { define } from 'gleaner';\nconst value = await Promise.resolve(3);\nexport default define(value);\n`,
  ],
  [
    'strict mode',
    `import { define } from 'gleaner';\nexport default define((function () { return this === undefined; })());\n`,
  ],
  [
    'a list over several lines, under a comment of as many',
    `/**\n * What it is for.\n */\nimport {\n  define as make,\n  z,\n} from 'gleaner';\nexport default make(z.text());\n`,
  ],
  ['a default', `import z from 'zod';\nimport { define } from 'gleaner';\nexport default define(z);\n`],
  ['a whole package', `import * as all from 'zod';\nexport default all.define(all.z.text());\n`],
  [
    'names that are not used',
    `import { define, z, other } from 'gleaner';\nimport none from 'none';\nimport { a } from 'b';\nexport default define(z.text());\n`,
  ],
];

const head = `import { define, z } from 'gleaner';\n`;
const typed: [string, string][] = [
  ['a type', `${head}const a: string = 'x';\nexport default define([z.text(), a]);\n`],
  ['an assertion', `${head}const a = { b: 1 } as object;\nexport default define([z.text(), a]);\n`],
  ['type arguments', `${head}const a = z.object<string>({ b: 1 });\nexport default define(a);\n`],
  ['a comparison beside them', `${head}const a = z.object<1>({}) < 2;\nexport default define(a);\n`],
  ['an interface', `${head}interface A {\n  a: string;\n}\nexport default define({ a: z.text() } satisfies A);\n`],
  ['a type that is imported', `import type { A } from './a.ts';\n${head}export default define(z.text() as A);\n`],
  ['a type beside names', `import { type A, define, z } from 'gleaner';\nexport default define(z.text() as A);\n`],
  [
    'names for types only',
    `import { define, z, A } from 'gleaner';\nimport B from 'b';\nexport default define(z.text() as A | B);\n`,
  ],
  [
    'a type of another file that does not say so',
    `import { A } from './a.ts';\n${head}export default define(z.text() as A);\n`,
  ],
  ['a function of rows', `${head}export default define([z.text(), ((row: { a: number }) => row.a)({ a: 1 })]);\n`],
];

// Before 22.13 Node has no compiler of its own.
const strips = stripTypes('const a: string = 1;') !== undefined;

test.runIf(strips).each(typed)('with %s it means what the compiler makes of it', meansTheSame);
test.skipIf(strips).each(typed)('with %s it is left to the compiler', (_name, source) => {
  expect(transformPlainModule(source, true)).toBeUndefined();
});

test.runIf(strips)('functions have the text that the compiler leaves of them, by which runs are known', async () => {
  const source = `const definition = {
  prompt: (row: { text: string }, more?: number): string => {
    // The text.
    const words: readonly string[] = row.text.split(' ') as string[];
    return words.map<string>((word: string, at) => \`\${word as string} \${at!}\`).join(more!);
  },
  id: (id: unknown): id is string => typeof id === 'string',
  later: async <T,>(value: Promise<T>) => [value satisfies unknown] as unknown[],
  trimmed: (row: any) => \`\${(row.texts[0] as string).trim()} \${String(row as object)}\` + (row as any)['b'],
  careful: (row: any) => [(row?.a as any).b, String(row.a as any), (row.a as any)],
  length: (a: string | null) => a!?.length ?? 'x as y',
};
export default Object.values(definition).map(String);
`;
  const compiled = compile({ source, filename: '/definition.ts', ts: true, async: true });
  expect(await run(transformPlainModule(source, true) ?? '')).toEqual(await run(compiled.code));
});

test.each(plain)('%s means what the compiler makes of it', meansTheSame);

async function meansTheSame(_name: string, source: string): Promise<void> {
  const code = transformPlainModule(source, true);
  expect(code).toBeDefined();
  const compiled = compile({ source, filename: '/definition.ts', ts: true, async: true });
  expect(await run(code ?? '')).toEqual(await run(compiled.code));
  // Places in messages are those of the file.
  expect(code?.split('\n').length).toBe(source.split('\n').length);
}

describe('what is not certain is left to the compiler', () => {
  const rest = `export default define(z);\n`;
  test.each([
    ['an enum', `${head}enum A {\n  a,\n}\n${rest}`],
    ['another file', `import { z } from './z.ts';\nimport { define } from 'gleaner';\n${rest}`],
    ['an import further below', `import { define } from 'gleaner';\nconst a = 1;\nimport { z } from 'zod';\n${rest}`],
    ['an import when it runs', `${head}const a = await import('x');\n${rest}`],
    ['its own place', `${head}const a = import.meta.url;\n${rest}`],
    ['more exports', `${head}export const a = 1;\n${rest}`],
    ['a module of CommonJS', `module.exports = 1;\n`],
    ['an export inside a text', `${head}const a = \`\n${rest}\`;\n`],
    ['what is no program', `${head}const = 1;\n${rest}`],
    ['an import of no name', `import {} from 'zod';\n${head}${rest}`],
    ['an import for what it does', `import 'zod';\n${head}${rest}`],
    ['a function that is named besides', `export default function f() {}\nf.a = 1;\n`],
    ['a function with a list on the next line', `export default async function () {}\n[1].map(String);\n`],
    [
      'a class behind a comment, with a call on the next line',
      `export default /** What it is. */ class A {}\n(() => A)();\n`,
    ],
    ['a name in a comment only, which may be of a type', `import { A } from 'a';\n${head}// An A.\n${rest}`],
    ['a name in a text only', `import A from 'a';\n${head}const b = ['A', "\\"A", \`\nA\`];\n${rest}`],
    ['a name that is of a member only', `import * as A from 'a';\n${head}const b = { A: 1 }.A;\n${rest}`],
    ['what is imported as another type', `import a from 'a' with { type: 'json' };\n${head}${rest}`],
  ])('%s', (_name, source) => {
    expect(transformPlainModule(source, true)).toBeUndefined();
  });

  test('JavaScript imports what it does not use', async () => {
    const source = `import a from 'a';\n${head}export default define(z.text());\n`;
    const compiled = compile({ source, filename: '/definition.mjs', ts: false, async: true });
    expect(await run(transformPlainModule(source, false) ?? '')).toEqual(await run(compiled.code));
  });

  test.each(typed)('%s, in a module that is JavaScript by its name', (_name, source) => {
    expect(transformPlainModule(source, false)).toBeUndefined();
  });
});
