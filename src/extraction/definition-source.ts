import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { dirname, extname, relative, resolve, sep } from 'node:path';
import { createModuleLoader, type ModuleLoader } from './module-loader.ts';

/** What `import`, `export ... from` and `require` name. What only looks like it does no harm. */
const IMPORT = /(?:\bfrom|\bimport|\brequire)\s*\(?\s*(['"`])([^'"`\s]+)\1/g;
/** Linked in or not, gleaner itself is no part of a definition. */
const OWN_NAME = /^gleaner(?:\/|$)/;
const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];
/** TypeScript names a module by the file that it becomes. */
const SOURCES: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' };
const DIGEST_LENGTH = 16;

/**
 * Tells one state of a definition's source from another: its module, and the modules of one's own that it imports, through and
 * through, whether by a relative path, by `paths` of a tsconfig.json, by `imports` of a package.json, or from a workspace that is
 * linked in. Installed packages are not looked into, and how lines end does not matter.
 */
export async function digestDefinitionSource(path: string): Promise<string> {
  const root = dirname(path);
  const loader = await createModuleLoader(path);
  const sources = new Map<string, string>();
  const waiting = [path];
  for (let module = waiting.pop(); module !== undefined; module = waiting.pop()) {
    if (sources.has(module)) continue;
    const text = (await readFile(module, 'utf8')).replaceAll('\r\n', '\n');
    sources.set(module, text);
    if (extname(module) === '.json') continue;
    for (const [, , specifier = ''] of text.matchAll(IMPORT)) {
      const imported = await resolveOwn(specifier, module, loader);
      if (imported !== undefined) waiting.push(imported);
    }
  }
  const digest = createHash('sha256');
  for (const module of [...sources.keys()].sort()) {
    digest.update(`${relative(root, module).split(sep).join('/')}\0${sources.get(module) ?? ''}\0`);
  }
  return digest.digest('hex').slice(0, DIGEST_LENGTH);
}

/** The path of a module of one's own; undefined for installed packages, Node's modules, and what is not there. */
async function resolveOwn(specifier: string, importer: string, loader: ModuleLoader): Promise<string | undefined> {
  if (/^\.{1,2}(?:\/|$)/.test(specifier)) return resolveLocal(resolve(dirname(importer), specifier));
  if (isBuiltin(specifier) || OWN_NAME.test(specifier)) return undefined;
  const path = loader.resolve(specifier, importer);
  const isOwn = path !== undefined && EXTENSIONS.includes(extname(path)) && !path.split(sep).includes('node_modules');
  return isOwn ? path : undefined;
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
