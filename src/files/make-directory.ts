import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from './system-error.ts';

/** Makes a directory and those above it. Node's own `recursive` never returns below /proc, where nothing can be made. */
export function makeDirectory(path: string): void {
  const full = resolve(path);
  try {
    mkdirSync(full);
  } catch (error) {
    if (isDirectory(full)) return;
    const parent = dirname(full);
    if (systemCode(error) !== 'ENOENT' || parent === full || isDirectory(parent)) throw error;
    makeDirectory(parent);
    mkdirSync(full);
  }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
