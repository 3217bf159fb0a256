import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, extname, relative, resolve, sep } from 'node:path';

/** What `import`, `export ... from` and `require` name of a module beside this one. What only looks like it does no harm. */
const LOCAL_IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])(\.{1,2}(?:\/[^'"`\n]*)?)\1/g;
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
    for (const [, , specifier = ''] of text.matchAll(LOCAL_IMPORT)) {
      const imported = await resolveLocal(resolve(dirname(module), specifier));
      if (imported !== undefined) waiting.push(imported);
    }
  }
  const digest = createHash('sha256');
  for (const module of [...sources.keys()].sort()) {
    digest.update(`${relative(root, module).split(sep).join('/')}\0${sources.get(module) ?? ''}\0`);
  }
  return digest.digest('hex').slice(0, DIGEST_LENGTH);
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
