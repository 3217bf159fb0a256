import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..');
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => ({ path: path.replaceAll('\\', '/'), code: withoutComments(read(join('src', path))) }));

function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
}

/** What holds for every source but those for which it is right as it is. */
function offenders(pattern: RegExp, allowed: RegExp = /(?!)/): string[] {
  return sources.flatMap(({ path, code }) =>
    allowed.test(path) ? [] : [...code.matchAll(pattern)].map(([found]) => `${path}: ${found.trim()}`),
  );
}

test('below the command line nobody knows flags: refusals carry a code and facts, and cli/advice.ts names the flag', () => {
  // git and gcloud have flags of their own, style sheets have variables, and reports say which command accepts a break, or comes next.
  const allowed =
    /^cli\/|html\/style\.ts$|cost-picture\.ts$|^vertex\/credential-problem\.ts$|^evolution\/check\/|^report\/next-commands\.ts$/;
  expect(offenders(/(?<=['"`( ])--[a-z][\w-]*(?![\w-]|\.\w| [=<>])/g, allowed)).toEqual([]);
});

test('private members are private to the language, not to the compiler', () => {
  expect(offenders(/^\s+private (?!constructor).*$/gm)).toEqual([]);
});

test('what a module fixes once, a number, a text, a pattern, a set, is written in capitals', () => {
  const fixed =
    /^(?:export )?const [a-z]\w* *(?::[^=\n]*)?= *(?:-?\d[\d_. *e]*;|'[^'\n]*';|\/.*\/[a-z]*;|new (?:Set|Map)(?:<[^>]*>)?\((?!\)))/gm;
  expect(offenders(fixed)).toEqual([]);
});

test('rooms on the ground floor import none above them', () => {
  const above = ['answer', 'cli', 'completion', 'emulator', 'evolution', 'export', 'extraction', 'records', 'report'];
  const imports = new RegExp(
    `from '\\.\\./(?:${[...above, 'run', 'schema', 'store', 'vertex'].join('|')})/[^']*'`,
    'g',
  );
  expect(offenders(imports, /^(?!files\/|text\/|json\/)/)).toEqual([]);
});

test('only the command line prints, reads the environment or ends the process', () => {
  const found = offenders(/\bprocess\.(?:env|exit|exitCode|stdout|stderr)\b|\bconsole\.\w+/g, /^cli\//);
  expect(found).toEqual([]);
});

test('an answer is judged without knowing how it is stored', () => {
  expect(offenders(/from '\.\.\/store\/[^']*'/g, /^(?!answer\/|completion\/|schema\/|zod\/)/)).toEqual([]);
});

test('every advice that a refusal names has words on the command line', () => {
  const known = new Set([...read('src/cli/advice.ts').matchAll(/^ {2}'?([a-z][\w-]*)'?:/gm)].map(([, name]) => name));
  const named = sources.flatMap(({ code }) =>
    [...code.matchAll(/facts: \{ advice: '([\w-]+)'|\bcode: '(token|place|login|google-place)'/g)].map(
      ([, fact, code]) => fact ?? code,
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !known.has(name))).toEqual([]);
});

test('no files load each other in a circle, not by dynamic imports either, which the linter does not follow', () => {
  const loaded = new Map(sources.map(({ path, code }) => [path, loadedBy(path, code)]));
  const ended = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    if (way.includes(path)) circles.push([...way.slice(way.indexOf(path)), path].join(' -> '));
    if (ended.has(path) || way.includes(path)) return;
    for (const next of loaded.get(path) ?? []) walk(next, [...way, path]);
    ended.add(path);
  };
  for (const { path } of sources) walk(path, []);
  expect(circles).toEqual([]);
});

/** The files of ours that a file loads, types left out. */
function loadedBy(path: string, code: string): string[] {
  const still = code.matchAll(/^(?:import|export) (?!type\b)(?<names>[^'";]*?) from '(?<file>\.[^']+)';/gm);
  const late = code.matchAll(/(?<!typeof )\bimport\('(?<file>\.[^']+)'\)(?!\.[A-Z])/g);
  return [...still, ...late]
    .filter(({ groups }) => !/^\{(?:\s*type [^,}]+,?)+\s*\}$/.test(groups?.['names'] ?? ''))
    .map(({ groups }) => join(path, '..', groups?.['file'] ?? '').replaceAll('\\', '/'));
}
