import type { Extraction } from './definition.ts';

/** By shape: the definition may have loaded another copy of this package. */
export function isExtraction(value: unknown): value is Extraction {
  return isObject(value) && value['kind'] === 'gleaner.extraction';
}

/**
 * What a module exports, by name. What a compiler has written as CommonJS (`exports.default`, marked by `__esModule`) is found
 * one level deeper, and an extraction that is exported as the module itself (`module.exports =`, `export =`) is its default.
 */
export function readExports(module: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(module)) return module === undefined || module === null ? {} : { default: module };
  const inner = module['default'];
  if (isObject(inner) && inner['__esModule'] === true) {
    const { default: _compiled, ...names } = module;
    return { ...names, ...inner };
  }
  return !('default' in module) && isExtraction(module) ? { default: module } : { ...module };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
