import * as nodeModule from 'node:module';

/**
 * A TypeScript module with blanks in the place of its types, so that all else stands where it stood; undefined where Node has no
 * such thing (before 22.13), and for what is more than types (enums, namespaces) or no TypeScript. Node's compiler takes a tenth of
 * the time of the loader's. https://nodejs.org/api/module.html#modulestriptypescripttypescode-options
 */
export function stripTypes(source: string): string | undefined {
  // Types of older Nodes do not know it, nor do other runtimes.
  const { stripTypeScriptTypes: strip } = nodeModule as { stripTypeScriptTypes?: (code: string) => string };
  if (strip === undefined) return undefined;
  const { emitWarning } = process;
  try {
    // That it is experimental is our affair: who loads a definition has nothing to do about it.
    process.emitWarning = () => undefined;
    return strip(source);
  } catch {
    // The loader's compiler takes more, and says better what is wrong.
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}
