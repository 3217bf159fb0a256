import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { TransformOptions, TransformResult } from 'jiti';
import { transformPlainModule } from './plain-module.ts';
import { libraryForDefinitions } from './library-for-definitions.ts';
import { createPlainRunner } from './run-plain-module.ts';

/** Loads the modules of a definition, and finds what they import, both as TypeScript would. */
export interface ModuleLoader {
  /** Turns a module's path into what it exports. */
  load(path: string): Promise<unknown>;
  /** The path of what a module imports; undefined where nothing stands there. */
  resolve(specifier: string, importer: string): string | undefined;
}

/** A loader for the modules that lie beside the given one. `paths` of the nearest tsconfig.json are followed. */
export async function createModuleLoader(path: string): Promise<ModuleLoader> {
  // Loaded here, so that commands without a definition start without a TypeScript compiler.
  const { createJiti } = await import('jiti');
  const options = {
    // The default export of a zod schema would otherwise be taken for one with a default() method of its own.
    interopDefault: false,
    // The cache would lie in the system's directory for temporary files, where another user could have put code for us
    // to run; without it one definition costs about a tenth of a second.
    fsCache: false,
    // `gleaner` is this very copy, wherever the definition lies. It is handed over, since the loader would compile our
    // sources anew when we run from them.
    virtualModules: { gleaner: await ownLibrary() },
    transform: (given: TransformOptions): TransformResult => {
      const code = given.async === true ? transformPlainModule(given.source, given.ts === true) : undefined;
      return code === undefined ? compile(given) : { code };
    },
    alias: { 'gleaner/emulator': fileURLToPath(ownEntry('emulator/index')), ...fallbackZod(path) },
  };
  const jiti = withPaths((tsconfigPaths) => createJiti(pathToFileURL(path).href, { ...options, tsconfigPaths }));
  function resolve(specifier: string, importer: string): string | undefined {
    try {
      const found = jiti.esmResolve(specifier, { try: true, parentURL: pathToFileURL(importer).href });
      return found?.startsWith('file:') === true ? fileURLToPath(found) : undefined;
    } catch {
      return undefined;
    }
  }
  const runPlain = createPlainRunner({
    resolve,
    load: (specifier, importer) => jiti.import<object>(specifier, { parentURL: pathToFileURL(importer).href }),
    isHandedOver: (specifier) => Object.hasOwn(options.virtualModules, specifier),
  });
  return { load: async (module) => (await runPlain(module)) ?? jiti.import(module), resolve };
}

let compiler: ((options: TransformOptions) => TransformResult) | undefined;

/** Compiles a module as the loader would by itself; its compiler is loaded with the first one that needs it. */
function compile(options: TransformOptions): TransformResult {
  const require = createRequire(import.meta.url);
  compiler ??= require(join(dirname(require.resolve('jiti/package.json')), 'dist/babel.cjs')) as NonNullable<
    typeof compiler
  >;
  return compiler(options);
}

/** A tsconfig.json that cannot be read, such as one that extends what is not installed, matters to those only who name its paths. */
function withPaths<Loader>(create: (tsconfigPaths: boolean) => Loader): Loader {
  try {
    return create(true);
  } catch {
    return create(false);
  }
}

/** The library, of which compiled modules load most only when a definition asks for it. */
async function ownLibrary(): Promise<object> {
  // By address, because the entry exports this module and a plain import would close a circle.
  const entry = ownEntry('index');
  // Sources cannot be loaded at once, so they are loaded before.
  if (entry.href.endsWith('.ts')) {
    const whole = (await import(entry.href)) as object;
    return libraryForDefinitions(() => whole);
  }
  return libraryForDefinitions(() => createRequire(import.meta.url)(fileURLToPath(entry)) as object);
}

/** The address of one of this package's entries, whether this file runs compiled or as its source. */
function ownEntry(entry: string): URL {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  return new URL(`../${entry}${extension}`, import.meta.url);
}

/** The zod that stands beside gleaner, for definitions in folders that have none. */
function fallbackZod(path: string): Record<string, string> {
  try {
    createRequire(path).resolve('zod');
    return {};
  } catch {
    const entries = ['zod', 'zod/v3', 'zod/v4', 'zod/mini', 'zod/v4-mini'].flatMap((specifier) => {
      try {
        return [[specifier, fileURLToPath(import.meta.resolve(specifier))] as const];
      } catch {
        return [];
      }
    });
    return Object.fromEntries(entries);
  }
}
