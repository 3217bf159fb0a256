import { readdir, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { zodFlavour } from '../zod/flavour.ts';
import type { Extraction } from './definition.ts';
import { describeLoadError } from './describe-load-error.ts';
import { nearestName } from '../text/nearest-name.ts';
import { kindOfValue } from './option-checks.ts';
import { isExtraction, readExports } from './module-exports.ts';
import { createModuleLoader, type ModuleLoader } from './module-loader.ts';
import { reasonOf } from '../text/thrown-message.ts';

export interface LoadedDefinition {
  readonly extraction: Extraction;
  /** Absolute path of the definition's file. */
  readonly path: string;
  /** `default`, or the name behind `#`. */
  readonly exportName: string;
}

const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs', '.cts', '.cjs'];

/**
 * Loads an extraction: from a file (`receipt.ts`), one of its named exports (`receipt.ts#invoices`), or by a name alone
 * (`receipt` is `schemas/receipt.ts` below `cwd`).
 *
 * @throws {GleanerError} when there is no such file, it cannot be loaded, or what it exports is no extraction
 */
export async function loadDefinition(
  reference: string,
  options: { cwd?: string | undefined } = {},
): Promise<LoadedDefinition> {
  const { cwd = process.cwd() } = options;
  const { path, exportName } = await locate(reference, cwd);
  const shown = displayPath(path, cwd);
  const exports = await importModule(path, shown, cwd);
  const extraction = lookAt(shown, () => pickExtraction(readExports(exports), exportName, shown));
  return { extraction, path, exportName };
}

/** Looks at exports, which may be a proxy that throws whatever it is asked. */
function lookAt<Found>(shown: string, look: () => Found): Found {
  try {
    return look();
  } catch (error) {
    if (error instanceof GleanerError) throw error;
    throw new GleanerError(
      'definition-unloadable',
      `Cannot use the definition ${shown}: looking at its exports throws: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/**
 * Loads every extraction that the modules below a directory export, in the order of their names. Modules that export
 * none, such as parts that definitions share, are passed over; so are tests, type declarations and hidden files.
 *
 * @throws {GleanerError} when a module cannot be loaded
 */
export async function loadDefinitionsBelow(
  directory: string,
  options: {
    cwd?: string | undefined;
    /** Takes what a module threw, so that the others are still loaded; by default it is thrown on. */
    onError?: (path: string, error: unknown) => void;
  } = {},
): Promise<LoadedDefinition[]> {
  const { cwd = process.cwd(), onError } = options;
  const loaders = new Map<string, ModuleLoader>();
  const loaded: LoadedDefinition[] = [];
  // The same extraction may go by two names, or be exported again by another module.
  const seen = new Set<Extraction>();
  for (const path of await modulesBelow(resolve(cwd, directory))) {
    const shown = displayPath(path, cwd);
    try {
      const exports = await importModule(path, shown, cwd, loaders);
      for (const [exportName, extraction] of lookAt(shown, () => listExtractions(exports))) {
        if (seen.has(extraction)) continue;
        seen.add(extraction);
        loaded.push({ extraction, path, exportName });
      }
    } catch (error) {
      if (onError === undefined) throw error;
      onError(path, error);
    }
  }
  return loaded;
}

function listExtractions(exports: unknown): [name: string, extraction: Extraction][] {
  return Object.entries(readExports(exports)).flatMap(([name, value]) => (isExtraction(value) ? [[name, value]] : []));
}

/** Links are followed, and each directory is looked into once, whatever leads to it: a link to one above it would go on without end. */
async function modulesBelow(root: string): Promise<string[]> {
  const paths: string[] = [];
  const seen = new Set<string>();
  const lookInto = async (directory: string): Promise<void> => {
    const place = await realpath(directory).catch(() => undefined);
    if (place === undefined || seen.has(place)) return;
    seen.add(place);
    const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
      const { name } = entry;
      if (name.startsWith('.') || name === 'node_modules') continue;
      const path = resolve(directory, name);
      // A link that leads nowhere is no module.
      const found = entry.isSymbolicLink() ? await stat(path).catch(() => undefined) : entry;
      if (found?.isDirectory() === true) await lookInto(path);
      else if (found?.isFile() === true && isModule(name)) paths.push(path);
    }
  };
  await lookInto(root);
  return paths;
}

function isModule(name: string): boolean {
  return EXTENSIONS.some((extension) => name.endsWith(extension)) && !/\.(d|test|spec)\.[cm]?[jt]s$/.test(name);
}

async function locate(reference: string, cwd: string): Promise<{ path: string; exportName: string }> {
  const hash = reference.lastIndexOf('#');
  // A file may have a # in its name.
  const isPlain = hash <= 0 || (await isFile(resolve(cwd, reference)));
  const file = isPlain ? reference : reference.slice(0, hash);
  const exportName = isPlain ? 'default' : reference.slice(hash + 1) || 'default';

  const path = resolve(cwd, file);
  const hasExtension = EXTENSIONS.some((extension) => file.endsWith(extension));
  if (hasExtension && (await isFile(path))) return { path, exportName };
  const isPath = isAbsolute(file) || /^\.{1,2}[\\/]/.test(file);
  for (const extension of isPath && !hasExtension ? EXTENSIONS : []) {
    if (await isFile(`${path}${extension}`)) return { path: `${path}${extension}`, exportName };
  }
  if (!isPath) {
    for (const suffix of hasExtension ? [''] : EXTENSIONS) {
      const candidate = resolve(cwd, 'schemas', `${file}${suffix}`);
      if (await isFile(candidate)) return { path: candidate, exportName };
    }
  }
  if (!hasExtension && (await isFile(path))) {
    throw new GleanerError(
      'definition-unloadable',
      `Cannot load the definition ${file}: a definition is a module, a file that ends in ${EXTENSIONS.join(', ')}`,
    );
  }
  if ((await stat(path).catch(() => undefined))?.isDirectory() === true && (isPath || hasExtension)) {
    throw new GleanerError(
      'definition-unloadable',
      `Cannot load the definition ${file}: it is a directory; name a file in it`,
    );
  }
  throw new GleanerError(
    'definition-unloadable',
    `Cannot find the definition ${file}: ${await describeChoice(file, cwd, hasExtension || isPath)}`,
  );
}

async function isFile(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true;
}

async function describeChoice(file: string, cwd: string, hasExtension: boolean): Promise<string> {
  const names = await definitionNames(resolve(cwd, 'schemas'));
  const tried = hasExtension ? `there is no such file in ${cwd}` : `there is no schemas/${file}.ts in ${cwd}`;
  if (names.length === 0) return `${tried}; give the path of a file, such as schemas/receipt.ts`;
  const nearest = nearestName(file.replace(/^.*[\\/]/, '').replace(/\.[cm]?[jt]s$/, ''), names);
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  return `${tried}${hint} (schemas/ has ${names.join(', ')})`;
}

async function definitionNames(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  const names = entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.d.ts'))
    .map(({ name }) =>
      EXTENSIONS.map((extension) => (name.endsWith(extension) ? name.slice(0, -extension.length) : '')).find(Boolean),
    )
    .filter((name) => name !== undefined);
  return [...new Set(names)].sort();
}

function displayPath(path: string, cwd: string): string {
  const below = relative(cwd, path);
  return below.startsWith('..') || isAbsolute(below) ? path : below;
}

async function importModule(
  path: string,
  shown: string,
  cwd: string,
  loaders: Map<string, ModuleLoader> = new Map(),
): Promise<unknown> {
  const directory = dirname(path);
  const loader = loaders.get(directory) ?? (await createModuleLoader(path));
  loaders.set(directory, loader);
  try {
    const exports = await loader.load(path);
    refusePollution(shown);
    return exports;
  } catch (error) {
    // Also where something has stumbled over it.
    refusePollution(shown);
    const { place, reason } = await describeLoadError(error, path);
    const at = place === undefined ? shown : `${displayPath(place.path, cwd)}${place.position}`;
    const through = place === undefined || place.path === path ? '' : ` (loaded by ${shown})`;
    throw new GleanerError('definition-unloadable', `Cannot load the definition ${at}${through}: ${reason}`, {
      cause: error,
    });
  }
}

/** Whatever goes through the keys of an object would find such a property in every one of them; zod's converter stumbles over it. */
function refusePollution(shown: string): void {
  for (const [name, prototype] of [
    ['Object', Object.prototype],
    ['Array', Array.prototype],
  ] as const) {
    const [key] = Object.keys(prototype);
    if (key === undefined) continue;
    throw new GleanerError(
      'definition-unloadable',
      `Cannot use the definition ${shown}: it gives every ${name.toLowerCase()} the property ${JSON.stringify(key)}; leave ${name}.prototype as it is`,
    );
  }
}

function pickExtraction(exports: Readonly<Record<string, unknown>>, exportName: string, shown: string): Extraction {
  const found = Object.hasOwn(exports, exportName) ? exports[exportName] : undefined;
  if (isExtraction(found)) return found;
  const others = Object.keys(exports).filter((name) => isExtraction(exports[name]));
  const choice =
    others.length > 0
      ? `pick one: ${others.map((name) => (name === 'default' ? shown : `${shown}#${name}`)).join(', ')}`
      : 'export the result of defineExtraction({ ... }) as default';
  const what = exportName === 'default' ? 'the default export' : `the export "${exportName}"`;
  if (!Object.hasOwn(exports, exportName)) {
    const missing = exportName === 'default' ? 'it has no default export' : `it has no export "${exportName}"`;
    throw new GleanerError('definition-unloadable', `Cannot use the definition ${shown}: ${missing}; ${choice}`);
  }
  throw new GleanerError(
    'definition-unloadable',
    `Cannot use the definition ${shown}: ${what} is ${describeExport(found)}; ${choice}`,
  );
}

function describeExport(value: unknown): string {
  if (zodFlavour(value) !== undefined) return 'a zod schema, which alone says not what to extract it from';
  if (value instanceof Promise) return 'a promise';
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return 'an object that did not come from defineExtraction';
  }
  return kindOfValue(value);
}
