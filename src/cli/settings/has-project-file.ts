import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** What a project file may be called, in this order; a directory has one of them. */
export const PROJECT_FILES = [
  'gleaner.config.ts',
  'gleaner.config.mts',
  'gleaner.config.js',
  'gleaner.config.mjs',
  'gleaner.config.json',
];

/** The names of the project files that a directory has. */
export function projectFilesIn(directory: string): string[] {
  return PROJECT_FILES.filter((name) => existsSync(join(directory, name)));
}

export function hasProjectFile(directory: string): boolean {
  return projectFilesIn(directory).length > 0;
}
