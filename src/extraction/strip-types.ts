import * as nodeModule from 'node:module';

/**
 * A TypeScript module without its types, all else on the lines where it stood; undefined where Node has no such thing (before 22.13), and for
 * what is more than types (enums, namespaces) or no TypeScript. Node's compiler takes a tenth of the time of the loader's. https://nodejs.org/api/module.html#modulestriptypescripttypescode-options
 */
export function stripTypes(source: string): string | undefined {
  // Types of older Nodes do not know it, nor do other runtimes.
  const { stripTypeScriptTypes: strip } = nodeModule as { stripTypeScriptTypes?: (code: string) => string };
  if (strip === undefined) return undefined;
  const { emitWarning } = process;
  try {
    // That it is experimental is our affair: who loads a definition has nothing to do about it.
    process.emitWarning = () => undefined;
    return withoutBlanks(source, strip(source));
  } catch {
    // The loader's compiler takes more, and says better what is wrong.
    return undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Before these nothing need stay of a type: none of them joins with what is before it. */
const PARTS = /^[\s,;:.?=()[\]{}`]?$/;

/** A value whose parentheses were for its assertion only: `(row.text` of `(row.text as string).trim()`. Those of calls are not. */
const PARENTHESIZED = /(?<![\w$)\]}]\s*)\(((?!\d)[\w$]+(?:\.[\w$]+|\[[^[\]()]*\])*)$/;

/**
 * Cuts out the blanks that stand for types, but for ends of lines. Runs are known by the text of their functions, among others, which is to
 * be what the loader's compiler makes of it: `(row: Row) => …` is `(row) => …` on every Node.
 */
function withoutBlanks(source: string, stripped: string): string {
  if (stripped.length !== source.length) return stripped;
  const isBlanked = (at: number): boolean => stripped[at] !== source[at] && /\s/.test(stripped[at] ?? '');
  let code = '';
  for (let at = 0; at < source.length;) {
    if (!isBlanked(at)) {
      code += stripped[at] ?? '';
      at += 1;
      continue;
    }
    let end = at + 1;
    for (let next = end; next < source.length && /\s/.test(stripped[next] ?? ''); next += 1)
      if (isBlanked(next)) end = next + 1;
    if (!PARTS.test(stripped[end] ?? '')) code += ' ';
    else if (/\w/.test(source[at] ?? '')) {
      // The space before `as` belongs to it; that at the beginning of a line does not.
      const trimmed = code.trimEnd();
      if (!code.slice(trimmed.length).includes('\n')) code = trimmed;
    }
    const inner =
      stripped[end] === ')' && /^(?:as|satisfies)\s/.test(source.slice(at, at + 10)) && PARENTHESIZED.exec(code);
    if (inner) code = code.slice(0, inner.index) + (inner[1] ?? '');
    code += stripped.slice(at, end).replaceAll(/[^\n\r\u2028\u2029]/g, '');
    at = inner ? end + 1 : end;
  }
  return code;
}
