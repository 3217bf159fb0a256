import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve } from 'node:path';

/** Files that are looked into at most. */
const MOST_FILES = 50;
const IMPORT = /\b(?:import|export)\b[^'"`;]*?\bfrom\s*['"](\.[^'"]*)['"]|\bimport\s*\(?\s*['"](\.[^'"]*)['"]/g;

/**
 * Finds the circle of imports that a module is part of, as the names of its files as the module would import them, itself last; undefined where there
 * is none. A module that is loaded on such a way finds others empty that it imports.
 */
export async function findImportCircle(path: string): Promise<string[] | undefined> {
  const ways: string[][] = [[path]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way !== undefined && seen.size < MOST_FILES; way = ways.shift()) {
    for (const file of await filesImportedBy(way.at(-1) ?? path)) {
      if (file === path) return [...way.slice(1), path].map((step) => `./${relative(dirname(path), step)}`);
      if (seen.has(file)) continue;
      seen.add(file);
      ways.push([...way, file]);
    }
  }
  return undefined;
}

/** The files that a module imports by relative paths. */
async function filesImportedBy(path: string): Promise<string[]> {
  const source = await readFile(path, 'utf8').catch(() => '');
  const found: string[] = [];
  for (const match of source.matchAll(IMPORT)) {
    const name = resolve(dirname(path), match[1] ?? match[2] ?? '');
    for (const file of [name, name.replace(/\.([cm]?)js$/, '.$1ts'), `${name}.ts`, `${name}.js`, `${name}/index.ts`]) {
      if ((await readFile(file).catch(() => undefined)) === undefined) continue;
      found.push(file);
      break;
    }
  }
  return found;
}
