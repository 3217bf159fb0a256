import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve, sep } from 'node:path';

/** What `import`, `export ... from` and `require` name of a module beside this one. What only looks like it does no harm. */
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])([^'"`\n]+)\1/g;
/** What nearly every definition imports: nobody gives these names to modules of their own. */
const NO_ALIAS = /^(?:node:|gleaner(?:\/|$)|zod(?:\/|$))/;
const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
/** TypeScript names a module by the file that it becomes. */
const SOURCES: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' };
const DIGEST_LENGTH = 16;

/**
 * Tells one state of a definition's source from another: its module, and the modules beside it that it imports, through and
 * through. Packages are not looked into, and how lines end does not matter.
 */
export async function digestDefinitionSource(path: string): Promise<string> {
  const root = dirname(path);
  const sources = new Map<string, string>();
  const waiting = [path];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (sources.has(module)) continue;
    const text = (await readFile(module, 'utf8')).replaceAll('\r\n', '\n');
    sources.set(module, text);
    if (extname(module) === '.json') continue;
    for (const [, , specifier = ''] of text.matchAll(IMPORT)) {
      for (const place of await placesOf(specifier, module)) {
        const imported = await resolveLocal(place);
        if (imported === undefined) continue;
        waiting.push(imported);
        break;
      }
    }
  }
  const digest = createHash('sha256');
  for (const module of [...sources.keys()].sort()) {
    digest.update(`${relative(root, module).split(sep).join('/')}\0${sources.get(module) ?? ''}\0`);
  }
  return digest.digest('hex').slice(0, DIGEST_LENGTH);
}

/** Where a module may stand that is named like this: beside the one that names it, or where `paths` of its tsconfig.json say. */
async function placesOf(specifier: string, module: string): Promise<readonly string[]> {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) return [resolve(dirname(module), specifier)];
  if (NO_ALIAS.test(specifier)) return [];
  const { createPathsMatcher, getTsconfig } = await import('get-tsconfig');
  try {
    const config = getTsconfig(module);
    const places = (config && createPathsMatcher(config)?.(specifier)) ?? [];
    return places.filter((place) => !place.includes(`${sep}node_modules${sep}`));
  } catch {
    // What is wrong with it, the loader has said, or it did not matter.
    return [];
  }
}

/** Undefined where no file stands: the loader has said so, or it was no import. */
async function resolveLocal(path: string): Promise<string | undefined> {
  const extension = extname(path);
  const source = SOURCES[extension];
  const candidates = [
    path,
    ...(source === undefined ? [] : [path.slice(0, -extension.length) + source]),
    ...EXTENSIONS.map((ending) => path + ending),
    ...EXTENSIONS.map((ending) => resolve(path, `index${ending}`)),
  ];
  for (const candidate of candidates) {
    const found = await stat(candidate).catch(() => undefined);
    if (found?.isFile() === true) return candidate;
  }
  return undefined;
}
