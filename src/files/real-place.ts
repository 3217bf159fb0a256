import { realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { systemCode } from './system-error.ts';

/**
 * One name for a place however it is spelled: links in what is there are followed; the rest of the path, of which nothing is there yet, stays.
 *
 * @throws {Error} where a folder may not be looked into, or links go round in a circle
 */
export function realPlace(path: string): string {
  const place = resolve(path);
  try {
    return realpathSync(place);
  } catch (error) {
    const parent = dirname(place);
    if (systemCode(error) !== 'ENOENT' || parent === place) throw error;
    return join(realPlace(parent), basename(place));
  }
}
