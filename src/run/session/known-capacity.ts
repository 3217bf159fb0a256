import type { Manifest } from '../../store/manifest.ts';

/** What was good another day may be too much today; answers raise the rest within a round. */
const SHARE = 0.5;

/**
 * With how many calls in flight a session may begin, by what the model was found to bear when the run was at work last; undefined where that
 * is not known, or where it was another model.
 */
export function knownCapacity(
  previous: Pick<Manifest, 'identity' | 'sessions'> | undefined,
  identity: Manifest['identity'],
): number | undefined {
  if (previous === undefined || previous.identity['model'] !== identity['model']) return undefined;
  if (previous.identity['service'] !== identity['service']) return undefined;
  const level = previous.sessions.findLast(({ callsInFlight }) => callsInFlight !== undefined)?.callsInFlight;
  return beginWith(level);
}

/** With how many calls in flight to begin where so many were borne. */
export function beginWith(borne: number | undefined): number | undefined {
  return borne === undefined ? undefined : Math.floor(borne * SHARE);
}
