/** What a pattern of object names says. */
export interface NamePattern {
  /** What all names begin with. */
  prefix: string;
  matches(name: string): boolean;
}

const WILD = /[*?[]/;

/** Whether a name is a pattern: it holds `*`, `?` or `[`. */
export function isNamePattern(name: string): boolean {
  return WILD.test(name);
}

/** Reads a pattern: `*` and `?` stand for anything but a slash, `**` for anything, `[a-f]` for one of some characters. */
export function readNamePattern(pattern: string): NamePattern {
  const prefix = pattern.slice(0, Math.max(0, pattern.search(WILD)));
  const tokens = pattern.match(/\*+|\?|\[[!^]?[^\]]+\]|[^*?[]+|\[/g) ?? [];
  const source = tokens.map(sourceOf).join('');
  const expression = new RegExp(`^${source}$`, 'su');
  return { prefix, matches: (name) => expression.test(name) };
}

function sourceOf(token: string): string {
  if (token === '?') return '[^/]';
  if (token === '*') return '[^/]*';
  if (token.startsWith('*')) return '.*';
  const [, not, members] = /^\[([!^]?)([^\]]+)\]$/.exec(token) ?? [];
  if (members === undefined) return token.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return `[${not === '' ? '' : '^'}${members.replace(/[\\^[\]]/g, '\\$&').replace(/^-|-$/g, '\\-')}]`;
}
