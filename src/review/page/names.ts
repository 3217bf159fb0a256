import type { FlatValue } from '../flat-values.ts';

/** `items › 2 › price` for `/items/1/price`: people count from one. */
export function nameOf(path: string): string {
  return path
    .split('/')
    .slice(1)
    .map((token) => (/^\d+$/.test(token) ? `${Number(token) + 1}` : token.replaceAll('~1', '/').replaceAll('~0', '~')))
    .join(' › ');
}

export function textOf(value: FlatValue['value']): string {
  return value === null ? '' : String(value);
}
