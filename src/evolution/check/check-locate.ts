/**
 * The line of a definition's source on which the property that a change is about is written, as far as the text tells;
 * for the root, or a property that is gone, the line of what holds it. 1-based.
 */
export function locateChange(source: string, pointer: string): number {
  const lines = source.split('\n');
  let line = Math.max(
    0,
    lines.findIndex((text) => /\bschema\s*:/.test(text)),
  );
  let isBelow = false;
  for (const name of propertyNames(pointer)) {
    const found = findProperty(lines, name, isBelow ? line : 0);
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

/** The first line from `start` on that has the property as a key, else the first at all: parts may be defined above. */
function findProperty(lines: readonly string[], name: string, start: number): number | undefined {
  const word = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const isWord = /^[A-Za-z_$][\w$]*$/.test(name);
  // `name: z.string()`, `'name': ...`, the shorthand `{ name, ... }`, and a getter of a recursive schema.
  const key = new RegExp(
    isWord
      ? String.raw`(?:^|[\s{,])(?:"${word}"|'${word}'|${word})\s*:|[{,]\s*${word}\s*[,}]|^\s*${word},\s*$|\bget\s+${word}\s*\(`
      : String.raw`["']${word}["']\s*:`,
  );
  const isAt = (text: string): boolean => !/^\s*(?:\/\/|\*|\/\*)/.test(text) && key.test(text);
  const below = lines.findIndex((text, index) => index >= start && isAt(text));
  const found = below === -1 ? lines.findIndex(isAt) : below;
  return found === -1 ? undefined : found;
}
