import type { Extraction } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';

/** @throws {GleanerError} where what is promised of all records cannot be kept by runs that each have some of them */
export function refuseForParts({ name, cascade }: Extraction): void {
  if (cascade?.agree === undefined) return;
  throw new GleanerError(
    'run-refused',
    `Cannot run ${name} in parts: cascade.agree promises something of all answers that are kept, and each part would find out by its own records only; run it in one process, or leave cascade.agree out`,
  );
}
