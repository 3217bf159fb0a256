import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/**
 * Loads a package that only some runs need, at once, where the code that needs it cannot wait for an import. What a start does not
 * load is time that every run saves.
 */
export function requirePackage(name: string): unknown {
  return require(name);
}
