/**
 * The text under which a pattern is a valid regular expression with the `u` flag, as JSON Schema wants it, or undefined
 * when there is none. Patterns written for use without that flag (zod has some) are made valid where their meaning is
 * clear: escapes of plain characters lose their backslash, and brackets that stand alone get one.
 */
export function patternSource(pattern: string): string | undefined {
  if (isValid(pattern)) return pattern;
  const relaxed = relax(pattern);
  return isValid(relaxed) ? relaxed : undefined;
}

function isValid(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

const TOKEN = /\\[^]|\{\d+(?:,\d*)?\}|[^]/gu;

function relax(pattern: string): string {
  let isInClass = false;
  let result = '';
  for (const [text] of pattern.matchAll(TOKEN)) {
    if (text.length > 1 && text.startsWith('\\')) {
      const isNeeded = /^\\[\w^$\\.*+?()[\]{}|/]/.test(text) || (isInClass && text === '\\-');
      result += isNeeded ? text : text.slice(1);
      continue;
    }
    const isAlone = !isInClass && (text === ']' || text === '{' || text === '}');
    if (text === '[') isInClass = true;
    if (text === ']') isInClass = false;
    result += isAlone ? `\\${text}` : text;
  }
  return result;
}
