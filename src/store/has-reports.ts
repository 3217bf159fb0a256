import { existsSync, readFileSync } from 'node:fs';
import type { RunDirectory } from './run-directory.ts';

/** Whether usage.json is just `usage`, the other reports are there, and no file is left that a killed process was about to replace. */
export function hasReports(directory: RunDirectory, usage: string): boolean {
  const names = ['profile', 'usage', 'report', 'manifest'] as const;
  const leftovers = names.map((name) => `${directory.file(name)}.tmp`);
  if ([...leftovers, directory.file('retrying')].some((path) => existsSync(path))) return false;
  if (!existsSync(directory.file('report')) || !existsSync(directory.file('profile'))) return false;
  return textAt(directory.file('usage')) === usage;
}

function textAt(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
