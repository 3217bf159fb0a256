import { GleanerError } from '../gleaner-error.ts';
import type { BatchSettings } from './batch-options.ts';
import { hasLastingFailure, type BatchState, type Shard } from './batch-state.ts';

/** Why nothing more is submitted: somebody has to mend something first. Undefined where nothing stands against it. */
export function refusalOf(
  state: BatchState,
  { hasProbe }: Pick<BatchSettings, 'hasProbe'>,
  collected: readonly Shard[],
): string | undefined {
  const failed = collected.find(hasLastingFailure);
  if (failed !== undefined) {
    const { code = 0, message = '' } = failed.end?.error ?? {};
    return `the batch job ${failed.displayName} failed: ${message.replace(/\.$/, '')} (code ${code})`;
  }
  const probe = state.shards.find(({ isProbe, stage }) => isProbe && stage === 'collected');
  const { matched = 0, invalid = 0 } = probe?.counts ?? {};
  if (!hasProbe || matched === 0 || invalid <= matched / 2) return undefined;
  return `of the ${matched} answers of the probe job ${invalid} do not obey the schema, so nothing more was submitted; look at the codes in the ledger, or leave the probe out`;
}

/**
 * Refuses to look for the answers of open jobs where they are not: they would be taken for missing, and paid for again.
 *
 * @throws {GleanerError} naming the place where they are
 */
export function demandPlace(live: readonly Shard[], place: string): void {
  // Jobs of versions that did not say so have their lines in Cloud Storage, in a bucket that is not known.
  const isHere = (shard: Shard): boolean =>
    shard.place === undefined ? place.startsWith('gs://') : shard.place === place;
  const other = live.find((shard) => !isHere(shard));
  if (other === undefined) return;
  throw new GleanerError(
    'run-refused',
    `Cannot go on with the jobs of this run in ${place}: the lines of ${other.displayName} are in ${other.place ?? 'Cloud Storage'}; give that place again until its answers have been collected`,
  );
}
