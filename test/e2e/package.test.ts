import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { noteDefinition, noteRecords, readRun, root, writeFile } from './harness.ts';

const TIMEOUT_MS = 180_000;
const INSTALL = ['install', '--no-audit', '--no-fund', '--prefer-offline'];

function npm(args: readonly string[], cwd: string): string {
  return execFileSync('npm', ['--loglevel=error', ...args], { cwd, encoding: 'utf8' });
}

let store = '';
let tarball = '';
let packed: string[] = [];
/** Of a user, where the package is installed. Each zod comes into it in the place of the one before: to unpack all else takes longest. */
let project = '';

describe('the package, as users install it', () => {
  beforeAll(() => {
    // The build stands; running it again here would change files under the other tests' feet.
    store = mkdtempSync(join(tmpdir(), 'gleaner-pack-'));
    const output = npm(['pack', '--json', '--ignore-scripts', '--pack-destination', store], root);
    const [description] = JSON.parse(output) as [{ filename: string; files: { path: string }[] }];
    tarball = join(store, description.filename);
    packed = description.files.map(({ path }) => path);
    project = join(store, 'nightly');
    mkdirSync(project);
    writeFile(project, 'package.json', JSON.stringify({ name: 'nightly', private: true, type: 'module' }));
    npm([...INSTALL, tarball, '@types/node@^20'], project);
    symlinkSync(join(root, 'node_modules/typescript'), join(store, 'typescript'));
  }, TIMEOUT_MS);

  afterAll(() => rmSync(store, { recursive: true, force: true }));

  test('holds what users need and nothing else', () => {
    const folders = new Set(packed.map((path) => path.split('/')[0]));
    expect([...folders].sort()).toEqual([
      'ARCHITECTURE.md',
      'CHANGELOG.md',
      'CONTRIBUTING.md',
      'LICENSE',
      'README.md',
      'SECURITY.md',
      'bin',
      'dist',
      'docs',
      'examples',
      'package.json',
      'src',
    ]);
    expect(packed.filter((path) => /^(bin|dist)\//.test(path) && !/\.(js|d\.ts|d\.ts\.map|css)$/.test(path))).toEqual(
      [],
    );
    expect(packed).toContain('dist/index.d.ts');
    expect(packed).toContain('dist/emulator/index.d.ts');
  });

  test('leads an editor from each declaration to its source', () => {
    const there = new Set(packed);
    const declarations = packed.filter((path) => path.endsWith('.d.ts'));
    const lost = declarations.filter((path) => {
      if (!there.has(`${path}.map`)) return true;
      const { sources } = JSON.parse(readFileSync(join(root, `${path}.map`), 'utf8')) as { sources: string[] };
      return sources.length !== 1 || !sources.every((source) => there.has(join(dirname(path), source)));
    });
    expect(declarations).toContain('dist/index.d.ts');
    expect(lost).toEqual([]);
  });

  test('has pages that link only to what is in it', () => {
    const there = new Set(packed.flatMap((path) => [path, dirname(path)]));
    const pages = packed.filter((path) => path.endsWith('.md'));
    expect(pages).toContain('README.md');
    const dead = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https:|#)([^)#]+)(?:#[^)]*)?\)/g)]
        .map(([, file = '']) => join(dirname(page), file))
        .filter((target) => !there.has(target.replace(/\/$/, '')))
        .map((target) => `${page}: ${target}`),
    );
    expect(dead).toEqual([]);
  });

  test.each(['zod@3.25.76', 'zod@^4'])(
    'runs a definition of its own in a project with nothing but %s, and types resolve',
    (zod) => {
      const made = ['run', 'run-by-library', 'built'].map((name) => join(project, name));
      for (const path of made) rmSync(path, { recursive: true, force: true });
      npm([...INSTALL, zod], project);
      writeFile(project, 'note.ts', noteDefinition);
      writeFile(project, 'notes.jsonl', noteRecords(5));
      // The zod is the one that was asked for, and npm has not put another beside it for gleaner.
      expect(installedVersions('zod')).toEqual([
        expect.stringMatching(zod.startsWith('zod@3') ? /^3\.25\.76$/ : /^4\./),
      ]);
      npm(['exec', '--', 'gleaner', 'run', 'note.ts', 'notes.jsonl', '--out', 'run', '--emulator'], project);
      expect(readRun(join(project, 'run')).usage.records).toMatchObject({ read: 5, extracted: 5 });

      writeFile(project, 'use.ts', libraryUse);
      writeFile(project, 'tsconfig.json', JSON.stringify(strictSettings));
      execFileSync(process.execPath, ['../typescript/bin/tsc', '-p', '.'], {
        cwd: project,
        stdio: 'inherit',
      });
      const printed = execFileSync(process.execPath, ['built/use.js'], { cwd: project, encoding: 'utf8' });
      expect(JSON.parse(printed)).toEqual({ status: 'finished', extracted: 5, read: 6 });
      expect(existsSync(join(project, 'run-by-library/usage.json'))).toBe(true);
      expect(readdirSync(join(project, 'run-by-library')).sort()).toEqual(readdirSync(join(project, 'run')).sort());
    },
    TIMEOUT_MS,
  );
});

/** The versions of a package in the project, at whatever depth. */
function installedVersions(name: string): string[] {
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  return Object.entries(packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version }]) => version);
}

const strictSettings = {
  compilerOptions: {
    strict: true,
    target: 'es2022',
    module: 'nodenext',
    types: ['node'],
    outDir: 'built',
    // Our own types must stand on their own; those of dependencies are not ours to check.
    skipLibCheck: false,
  },
  files: ['use.ts', 'note.ts'],
};

const libraryUse = `
import { createVertexClient, extract, readResults, run, type SchemaOutput } from 'gleaner';
import { startEmulator } from 'gleaner/emulator';
import note from './note.js';

type Note = SchemaOutput<typeof note.schema>;
const example: Note = { name: 'Ann', total: null };
// @ts-expect-error: the schema's output type reaches library users
const wrong: Note = { name: 1, total: null };
void [example, wrong];

const emulator = await startEmulator();
const client = createVertexClient({ baseUrl: emulator.baseUrl(), auth: { kind: 'token', token: 'any' } });
const { status, records } = await run(note, { input: 'notes.jsonl', out: 'run-by-library', client });
const names: string[] = [];
for await (const row of readResults(note, 'run-by-library')) {
  const name: string = row.data.name;
  // @ts-expect-error: a result has the fields of the schema and no others
  void row.data.nmae;
  names.push(name);
}
const fromMemory = [{ id: 'm-1', text: 'Name: Bea' }];
for await (const outcome of extract(note, fromMemory, { client, concurrency: 32 })) {
  if (outcome.status !== 'extracted') throw new Error(outcome.reason.code);
  const name: string = outcome.data.name;
  names.push(name);
}
await client.close();
await emulator.close();
console.log(JSON.stringify({ status, extracted: records.extracted, read: names.length }));
`;
