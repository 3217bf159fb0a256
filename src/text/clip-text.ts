import { showHidden } from './show-hidden.ts';

/** One line of at most `limit` UTF-16 units, with every character that does not show spelled out. */
export function clipText(text: string, limit: number): string {
  // Twice as much is looked at, so that runs of white space do not use up the space.
  const start = text.slice(0, 2 * limit);
  const clean = showHidden(start.replace(/\s+/gu, ' ').trim());
  if (clean.length <= limit && start.length === text.length) return clean;
  return `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/u, '')}…`;
}
