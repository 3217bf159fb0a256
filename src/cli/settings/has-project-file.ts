import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** In this order; a directory has one of them. */
const NAMES = [
  'gleaner.config.ts',
  'gleaner.config.mts',
  'gleaner.config.js',
  'gleaner.config.mjs',
  'gleaner.config.json',
];

/** The names of the project files that a directory has. */
export function projectFilesIn(directory: string): string[] {
  return NAMES.filter((name) => existsSync(join(directory, name)));
}

export function hasProjectFile(directory: string): boolean {
  return projectFilesIn(directory).length > 0;
}
