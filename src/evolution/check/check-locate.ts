/**
 * The line of a definition's source on which the property that a change is about is written, as far as the text tells;
 * for the root, or a property that is gone, the line of what holds it. 1-based.
 */
export function locateChange(source: string, pointer: string): number {
  if (!source.trimEnd().includes('\n')) return 1;
  const { keys, schemaLine } = readSource(source);
  let line = schemaLine;
  let isBelow = false;
  for (const name of propertyNames(pointer)) {
    const found = findProperty(keys, name, isBelow ? line : 0);
    if (found === undefined) break;
    line = found;
    isBelow = true;
  }
  return line + 1;
}

/** The property names along a JSON pointer into a schema; a property may itself be called `properties`. */
export function propertyNames(pointer: string): string[] {
  const names: string[] = [];
  const tokens = pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? '';
    const next = tokens[at + 1];
    if (token === 'properties' && next !== undefined) names.push(next);
    if (NAMED.has(token)) at += 1;
  }
  return names;
}

/** Keywords after which a name or an index follows. */
const NAMED = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'anyOf',
  'oneOf',
  'allOf',
  'prefixItems',
  'dependentSchemas',
]);

/** Lines by the properties that are written as a key on them, in order. */
type KeyLines = ReadonlyMap<string, readonly number[]>;

/**
 * `name: z.string()`, the shorthand `{ name, ... }` and a getter of a recursive schema; `'name': ...` is apart. What stands before the
 * shorthand is looked at last, where there is a word: at every blank it would take the square of a long line's time.
 */
const WORD_KEY =
  /(?<=^|[\s{,])([A-Za-z_$][\w$]*)\s*:|(?<![\w$])([A-Za-z_$][\w$]*)(?![\w$])(?=\s*[,}])(?<=[{,]\s*[\w$]+)|^\s*([A-Za-z_$][\w$]*),\s*$|\bget\s+([A-Za-z_$][\w$]*)\s*\(/g;
const QUOTED_KEY = /(["'])((?:(?!\1)[^\\]|\\.)*)\1\s*:/g;
const COMMENT = /^\s*(?:\/\/|\*|\/\*)/;

interface Source {
  text: string;
  keys: KeyLines;
  /** The line of the schema, 0-based. */
  schemaLine: number;
}

/** A definition is asked for one change after the other, of which there may be thousands. */
let lastRead: Source | undefined;

function readSource(text: string): Source {
  if (lastRead?.text === text) return lastRead;
  const lines = text.split('\n');
  const keys = new Map<string, number[]>();
  for (const [line, content] of lines.entries()) {
    if (COMMENT.test(content)) continue;
    const words = [...content.matchAll(WORD_KEY)].map(([, ...groups]) => groups.find((group) => group !== undefined));
    const quoted = [...content.matchAll(QUOTED_KEY)].map(([, , name]) => name);
    for (const name of [...words, ...quoted]) {
      if (name === undefined) continue;
      const known = keys.get(name);
      if (known === undefined) keys.set(name, [line]);
      else if (known.at(-1) !== line) known.push(line);
    }
  }
  lastRead = {
    text,
    keys,
    schemaLine: Math.max(
      0,
      lines.findIndex((content) => /\bschema\s*:/.test(content)),
    ),
  };
  return lastRead;
}

/** The first line from `start` on that has the property as a key, else the first at all: parts may be defined above. */
function findProperty(keys: KeyLines, name: string, start: number): number | undefined {
  const lines = keys.get(name);
  return lines?.find((line) => line >= start) ?? lines?.[0];
}
