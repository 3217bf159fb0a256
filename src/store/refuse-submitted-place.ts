import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realPlace } from '../files/real-place.ts';
import { systemCode } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isPlaceOfParts, placeOfParts, SUBMITTED_FILE } from './place-of-parts.ts';
import { fileNames } from './run-directory.ts';

/**
 * Refuses a place that workers merge a submitted run into, and any place inside of one: a run that is begun there would pay for its records
 * again, and what the workers have paid for could not be merged. A merged run stands there by itself, and is gone on with as any other.
 *
 * @throws {GleanerError} naming where the parts are
 */
export function refuseSubmittedPlace(out: string, { hasRun }: { hasRun: boolean }): void {
  const place = knownPlace(out);
  if (place === undefined) return;
  if (!hasRun) refuseMergedInto(out, place);
  refuseInside(out, place);
}

/**
 * Refuses a place that stands inside of what belongs to a submitted run: its parts, or the directory that it is merged into and that has to be
 * empty until then.
 *
 * @throws {GleanerError} naming where the parts are
 */
export function refuseInside(out: string, place: string): void {
  for (let above = place; above !== dirname(above); above = dirname(above)) {
    if (isPlaceOfParts(above) && existsSync(join(above, SUBMITTED_FILE))) {
      throw new GleanerError(
        'directory-unusable',
        `Cannot use ${out} as a run directory: it is a part of the submitted run in ${above}, which only its workers write`,
        { facts: { advice: 'out' } },
      );
    }
    if (above !== place && !existsSync(join(above, fileNames.manifest))) refuseMergedInto(out, above);
  }
}

function refuseMergedInto(out: string, place: string): void {
  const parts = placeOfParts(place);
  if (!existsSync(join(parts, SUBMITTED_FILE))) return;
  throw new GleanerError(
    'directory-unusable',
    `Cannot use ${out} as a run directory: a run was submitted to workers for ${knownPlace(out) === place ? 'it' : place}, whose parts stand in ${parts} and are merged there`,
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
