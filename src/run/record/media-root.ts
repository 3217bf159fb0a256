import { dirname, resolve } from 'node:path';

/**
 * The directory below which files lie that records name: the given one, else that of the input, else the current one. Both may be
 * what a manifest holds.
 */
export function mediaRootOf(given: unknown, input: unknown): string {
  if (typeof given === 'string') return resolve(given);
  return typeof input === 'string' && input !== '-' ? dirname(resolve(input)) : process.cwd();
}
