import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, extname, sep } from 'node:path';
import { Script } from 'node:vm';
import { plainBodies } from './plain-module.ts';

/** What the loader of all other modules does for plain ones. */
export interface PackageLoader {
  /** The path of what a specifier names; undefined where nothing stands there. */
  resolve(specifier: string, importer: string): string | undefined;
  load(specifier: string, importer: string): Promise<object>;
  /** Whether a specifier names what is handed over and stands in no file. */
  isHandedOver(specifier: string): boolean;
}

/** Names of CommonJS, which the loader knows in TypeScript as well. They are left to it. */
const OF_COMMON_JS = /\b(?:require|module|exports|__filename|__dirname|jiti\w*)\b/;

type Body = (exports: object, jitiImport: (specifier: string) => Promise<object>) => Promise<void>;

/**
 * Runs definitions that need no compiler without the loader, which finds every import anew and makes a loader for each module: for
 * hundreds of definitions that takes longer than all that is done with them. Returns undefined for modules that are not plain.
 */
export function createPlainRunner(packages: PackageLoader): (path: string) => Promise<object | undefined> {
  const imports = new Map<string, Promise<object> | undefined>();
  function importFrom(specifier: string, importer: string): Promise<object> | undefined {
    const key = `${dirname(importer)}\0${specifier}`;
    if (!imports.has(key)) {
      const loading = isPackage(packages, specifier, importer) ? packages.load(specifier, importer) : undefined;
      // Who awaits it learns of a failure; a module that turns out not to be plain awaits nothing.
      loading?.catch(() => undefined);
      imports.set(key, loading);
    }
    return imports.get(key);
  }
  return async (path) => {
    if (!/^\.m?ts$/.test(extname(path))) return undefined;
    const { cache } = createRequire(path);
    // What another module has imported is not run again.
    if (cache[path] !== undefined) return undefined;
    const source = readFileSync(path, 'utf8');
    if (OF_COMMON_JS.test(source)) return undefined;
    const { run, specifiers } = compileFirst(source, path) ?? {};
    if (run === undefined || specifiers === undefined) return undefined;
    const found = new Map<string, Promise<object>>();
    for (const specifier of specifiers) {
      const loading = importFrom(specifier, path);
      if (loading === undefined) return undefined;
      found.set(specifier, loading);
    }
    const module = new Module(path);
    module.filename = path;
    const exports = module.exports as object;
    await run(exports, (specifier) => found.get(specifier) ?? packages.load(specifier, path));
    module.loaded = true;
    // Found there by the loader, where another module imports this one.
    cache[path] = module;
    return exports;
  };
}

/** A file of one's own might import the module that imports it, which the loader sees to. */
function isPackage({ resolve, isHandedOver }: PackageLoader, specifier: string, importer: string): boolean {
  return isHandedOver(specifier) || resolve(specifier, importer)?.split(sep).includes('node_modules') === true;
}

function compileFirst(source: string, path: string): { run: Body; specifiers: readonly string[] } | undefined {
  for (const { code, specifiers } of plainBodies(source, true)) {
    const run = compile(code, path);
    if (run !== undefined) return { run, specifiers };
  }
  return undefined;
}

function compile(code: string, filename: string): Body | undefined {
  try {
    return new Script(`(async function (exports, jitiImport) { ${code}\n})`, { filename }).runInThisContext() as Body;
  } catch {
    // The compiler says better where it is none.
    return undefined;
  }
}
