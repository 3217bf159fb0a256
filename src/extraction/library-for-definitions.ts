import { GleanerError } from '../gleaner-error.ts';
import { defineConfig } from '../project/define-config.ts';
import { defineExtraction } from './define-extraction.ts';
import { defineTool } from './define-tool.ts';

/**
 * What a definition gets when it imports `gleaner`: the functions that define are there at once, the rest of the library is loaded
 * when something else is asked for. A command's start would otherwise load two hundred modules that it never calls.
 *
 * @param loadWhole loads what the package exports; called at most once
 */
export function libraryForDefinitions(loadWhole: () => object): object {
  const known: Record<PropertyKey, unknown> = { defineExtraction, defineTool, defineConfig, GleanerError };
  let isWhole = false;
  const complete = (): void => {
    if (isWhole) return;
    isWhole = true;
    // The command has copies of its own of what it knows already, by whose classes it knows its errors.
    Object.assign(known, { ...loadWhole(), ...known });
  };
  // What asks whether a module is a promise, or compiled from a module, asks for no part of the library.
  const isOwn = (name: PropertyKey): boolean =>
    typeof name === 'symbol' ||
    name === 'then' ||
    name === '__esModule' ||
    name === 'default' ||
    Object.hasOwn(known, name);
  return new Proxy(known, {
    get(target, name) {
      if (!isOwn(name)) complete();
      return target[name];
    },
    has(target, name) {
      if (!isOwn(name)) complete();
      return Object.hasOwn(target, name);
    },
    ownKeys(target) {
      complete();
      return Reflect.ownKeys(target);
    },
  });
}
