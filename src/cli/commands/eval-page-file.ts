import { writeFileSync } from 'node:fs';
import { describeSystemError } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';

/** @throws {GleanerError} when it cannot be written */
export function writePageFile(path: string, page: string): void {
  try {
    writeFileSync(path, page);
  } catch (error) {
    throw new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}
