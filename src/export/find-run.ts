import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { readManifest, type Manifest } from '../store/manifest.ts';
import { placeOfParts } from '../store/place-of-parts.ts';
import { fileNames } from '../store/run-directory.ts';
import { describeSystemError } from '../files/system-error.ts';
import { StoreError } from '../files/store-error.ts';

/** A run directory that is read, not held: a run may be at work in it. */
export interface FoundRun {
  path: string;
  manifest: Manifest;
  file(name: keyof typeof fileNames): string;
}

/** @throws {GleanerError} when the directory is missing or holds no run */
export function findRun(path: string): FoundRun {
  const file = (name: keyof typeof fileNames): string => join(path, fileNames[name]);
  try {
    if (!statSync(path).isDirectory()) throw new Error('it is no directory; name a run directory');
    const manifest = readManifest(file('manifest'));
    if (manifest === undefined) throw new Error(`it holds no ${fileNames.manifest}; name the directory of a run`);
    return { path, manifest, file };
  } catch (error) {
    const parts = placeOfParts(path);
    if (!existsSync(file('manifest')) && existsSync(parts)) {
      throw new GleanerError(
        'run-unreadable',
        `Cannot read the run directory ${path}: the run was submitted to workers, who have not merged it yet; its parts stand in ${parts}`,
        { cause: error, facts: { advice: 'pool-status' } },
      );
    }
    const reason = error instanceof StoreError ? error.message : describeSystemError(error);
    throw new GleanerError('run-unreadable', `Cannot read the run directory ${path}: ${reason}`, { cause: error });
  }
}
