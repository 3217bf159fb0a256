import { existsSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { realPlace } from '../files/real-place.ts';
import { systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { placeOfParts, SUBMITTED_FILE } from './place-of-parts.ts';

/**
 * Refuses a place that workers merge a submitted run into: a run that is begun there would pay for its records again, and what the workers
 * have paid for could not be merged. A merged run stands there by itself, and is gone on with as any other.
 *
 * @throws {GleanerError} naming where the parts are
 */
export function refuseSubmittedPlace(out: string, { hasRun }: { hasRun: boolean }): void {
  const place = knownPlace(out);
  if (place === undefined) return;
  const ofPart = dirname(dirname(place));
  if (basename(dirname(place)) === 'parts' && existsSync(join(ofPart, SUBMITTED_FILE))) {
    throw new GleanerError(
      'directory-unusable',
      `Cannot use ${out} as a run directory: it is a part of the submitted run in ${ofPart}, which only its workers write`,
      { facts: { advice: 'out' } },
    );
  }
  const parts = placeOfParts(place);
  if (hasRun || !existsSync(join(parts, SUBMITTED_FILE))) return;
  throw new GleanerError(
    'directory-unusable',
    `Cannot use ${out} as a run directory: a run was submitted to workers for it, whose parts stand in ${parts} and are merged there`,
    { facts: { advice: 'submitted' } },
  );
}

/** What cannot be looked up cannot be made a directory either, and making it says why. */
function knownPlace(out: string): string | undefined {
  try {
    return realPlace(out);
  } catch (error) {
    if (systemCode(error) === undefined) throw error;
    return undefined;
  }
}
