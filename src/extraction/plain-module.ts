import { Script } from 'node:vm';
import { stripTypes } from './strip-types.ts';

/** A line that imports names from a package. */
const IMPORT = /^import \{([\w$\s,]*)\} from (['"])([^'"\\\n]+)\2;?[^\S\n]*$/;

/** What stands between imports. */
const BLANK = /^\s*(?:\/\/.*)?$/;

const EXPORT = /^export default /gm;

/**
 * Turns a module into the body of an async function, as the TypeScript compiler would, where it is JavaScript but for its types, imports of
 * names from packages at its top and one default export. Most definitions are, and need no compiler, which takes longer than
 * all that is done with them. Undefined for any other module: with parts in other files, or whatever is not certain. Types need a
 * Node that can leave them out.
 */
export function transformPlainModule(source: string): string | undefined {
  for (const { code } of plainBodies(source)) if (isJavaScript(code)) return code;
  return undefined;
}

export interface PlainBody {
  readonly code: string;
  /** The packages that it imports. */
  readonly specifiers: readonly string[];
}

/** What a module may be as such a body, where the caller sees whether that is JavaScript at all: as it stands, and without its types. */
export function* plainBodies(source: string): Generator<PlainBody> {
  // `f<T>(x)` is a call in TypeScript and two comparisons in JavaScript.
  const asItStands = source.includes('<') ? undefined : writePlainBody(source);
  if (asItStands !== undefined) yield asItStands;
  const stripped = count(source, EXPORT) === 1 ? stripTypes(source) : undefined;
  const withoutTypes = stripped === undefined ? undefined : writePlainBody(stripped);
  if (withoutTypes !== undefined) yield withoutTypes;
}

function writePlainBody(source: string): PlainBody | undefined {
  if (source.startsWith('#!')) return undefined;
  const lines = source.split('\n');
  let body = 0;
  const specifiers: string[] = [];
  for (; body < lines.length; body += 1) {
    const line = lines[body] ?? '';
    const [, names, , specifier] = IMPORT.exec(line) ?? [];
    if (names === undefined || specifier === undefined) {
      if (BLANK.test(line)) continue;
      break;
    }
    const bindings = bindingsOf(names, source);
    // Files that import each other see what is not yet there.
    if (bindings === undefined || /^[./]/.test(specifier)) return undefined;
    lines[body] = `const { ${bindings} } = await jitiImport(${JSON.stringify(specifier)});`;
    specifiers.push(specifier);
  }
  if (count(source, /\bimport\b/g) !== specifiers.length || count(source, /\bexport\b/g) !== 1) return undefined;
  const rest = lines.slice(body).join('\n');
  const at = rest.search(EXPORT);
  // Within a template it would be text.
  if (at === -1 || count(rest.slice(0, at), /`/g) % 2 === 1) return undefined;
  // On one line with the first of the module, so that places in messages are those of the file.
  const head = `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); `;
  return { code: head + [...lines.slice(0, body), rest.replace(EXPORT, 'exports.default = ')].join('\n'), specifiers };
}

/** `a, b as c` as a pattern; undefined where a name is not used, which the compiler would leave out with its import. */
function bindingsOf(names: string, source: string): string | undefined {
  const bindings: string[] = [];
  for (const one of names.split(',').map((name) => name.trim())) {
    if (one === '') continue;
    const [, name = '', local = name] = /^([\w$]+)(?: as ([\w$]+))?$/.exec(one) ?? [];
    if (
      name === '' ||
      count(source, new RegExp(String.raw`(?<![\w$])${local.replaceAll('$', String.raw`\$`)}(?![\w$])`, 'g')) < 2
    )
      return undefined;
    bindings.push(name === local ? name : `${name}: ${local}`);
  }
  return bindings.length === 0 ? undefined : bindings.join(', ');
}

function count(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].length;
}

function isJavaScript(code: string): boolean {
  try {
    return new Script(`(async function (exports, jitiImport) {${code}\n})`) instanceof Script;
  } catch {
    return false;
  }
}
