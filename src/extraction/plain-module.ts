import { Script } from 'node:vm';
import { stripTypes } from './strip-types.ts';

/** What may stand before an import: space and comments. */
const GAP = /(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*/y;

/** A statement that imports names, a default export or all of a package, at the end of its line. */
const IMPORT =
  /import\s+(?:\{(?<names>[\w$\s,]*)\}|\*\s*as\s+(?<all>[\w$]+)|(?<main>[\w$]+))\s+from\s+(['"])(?<specifier>[^'"\\\n]+)\4[^\S\n]*(?:;[^\S\n]*)?(?=\n|$)/y;

/** A default export of a value. One of a function or class declares a name besides, and ends with its body. */
const EXPORT =
  /^export default (?!(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*(?:async\s+function|function|class|abstract|interface)\b)/gm;

/** Comments and texts, in which a name stands for nothing. */
const NO_CODE = /\/\/.*|\/\*[\s\S]*?\*\/|(['"])(?:\\[\s\S]|(?!\1)[^\\\n])*\1|`(?:\\[\s\S]|[^\\`])*`/g;

/**
 * Turns a module into the body of an async function, as the TypeScript compiler would, where it is JavaScript but for its types, imports
 * from packages at its top and one default export. Most definitions are, and need no compiler, which takes longer than
 * all that is done with them. Undefined for any other module: with parts in other files, or whatever is not certain. Types need a
 * Node that can leave them out.
 */
export function transformPlainModule(source: string, isTypeScript: boolean): string | undefined {
  for (const { code } of plainBodies(source, isTypeScript)) if (isJavaScript(code)) return code;
  return undefined;
}

export interface PlainBody {
  readonly code: string;
  /** The packages that it imports. */
  readonly specifiers: readonly string[];
}

/** What a module may be as such a body, where the caller sees whether that is JavaScript at all: as it stands, and without its types. */
export function* plainBodies(source: string, isTypeScript: boolean): Generator<PlainBody> {
  // `f<T>(x)` is a call in TypeScript and two comparisons in JavaScript.
  const asItStands = source.includes('<') ? undefined : writePlainBody(source, isTypeScript);
  if (asItStands !== undefined) yield asItStands;
  const stripped = isTypeScript && count(source, EXPORT) === 1 ? stripTypes(source) : undefined;
  const withoutTypes = stripped === undefined ? undefined : writePlainBody(stripped, isTypeScript);
  if (withoutTypes !== undefined) yield withoutTypes;
}

function writePlainBody(source: string, isTypeScript: boolean): PlainBody | undefined {
  if (source.startsWith('#!')) return undefined;
  const imports: { gap: string; found: RegExpExecArray }[] = [];
  let at = 0;
  for (;;) {
    const gap = match(GAP, source, at)?.[0] ?? '';
    const found = match(IMPORT, source, at + gap.length);
    if (found === undefined) break;
    imports.push({ gap, found });
    at += gap.length + found[0].length;
  }
  const rest = source.slice(at);
  if (count(source, /\bimport\b/g) !== imports.length || count(source, /\bexport\b/g) !== 1) return undefined;
  const exported = rest.search(EXPORT);
  // Within a template it would be text.
  if (exported === -1 || count(rest.slice(0, exported), /`/g) % 2 === 1) return undefined;
  // On one line with the first of the module, so that places in messages are those of the file.
  let code = `"use strict"; Object.defineProperty(exports, "__esModule", { value: true }); `;
  const specifiers: string[] = [];
  const plainCode = rest.replace(NO_CODE, ' ');
  // The compiler leaves out what is imported for its type. JavaScript imports all that it names.
  const isWanted = (name: string): boolean | undefined => !isTypeScript || isUsed(name, rest, plainCode);
  for (const { gap, found } of imports) {
    const { specifier = '', ...bound } = found.groups ?? {};
    const pattern = writePattern(bound, isWanted);
    // Files that import each other see what is not yet there.
    if (pattern === undefined || (pattern !== '' && /^[./]/.test(specifier))) return undefined;
    code += gap;
    if (pattern !== '') {
      specifiers.push(specifier);
      code += `const ${pattern} = await jitiImport(${JSON.stringify(specifier)});`;
    }
    code += '\n'.repeat(count(found[0], /\n/g));
  }
  return { code: code + rest.replace(EXPORT, 'exports.default = '), specifiers };
}

/** What an import binds, as a pattern: empty where nothing of it is wanted, undefined where that is not certain. */
function writePattern(
  bound: Partial<Record<string, string>>,
  isWanted: (name: string) => boolean | undefined,
): string | undefined {
  const { all, main, names = '' } = bound;
  const single = all ?? main;
  if (single !== undefined) {
    const isSingleWanted = isWanted(single);
    if (isSingleWanted === undefined) return undefined;
    const pattern = all ?? `{ default: ${single} }`;
    return isSingleWanted ? pattern : '';
  }
  if (names.trim() === '') return undefined;
  const bindings: string[] = [];
  for (const one of names.split(',').map((name) => name.trim())) {
    if (one === '') continue;
    const [, name = '', local = name] = /^([\w$]+)(?:\s+as\s+([\w$]+))?$/.exec(one) ?? [];
    // Such as `type A`, which only the compiler knows.
    const isOneWanted = name === '' ? undefined : isWanted(local);
    if (isOneWanted === undefined) return undefined;
    if (isOneWanted) bindings.push(name === local ? name : `${name}: ${local}`);
  }
  return bindings.length === 0 ? '' : `{ ${bindings.join(', ')} }`;
}

/**
 * Whether the code uses a name; undefined where it may be named without being used: in comments, texts, members, or with escapes. Packages
 * that hold only types cannot be loaded, so to import one of them by mistake is an error.
 */
function isUsed(name: string, rest: string, plainCode: string): boolean | undefined {
  const escaped = name.replaceAll('$', String.raw`\$`);
  const standsIn = (text: string, [before, after]: readonly [string, string]): boolean =>
    new RegExp(String.raw`(?<![\w$])${before}${escaped}(?![\w$]${after})`).test(text);
  if (standsIn(plainCode, [String.raw`(?<!(?:^|[^.])\.\s*)`, String.raw`|\s*:`])) return true;
  return standsIn(rest, ['', '']) || rest.includes(String.raw`\u`) ? undefined : false;
}

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
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
