import type { JsonObject, JsonValue } from '../../json/value.ts';
import type { Submission } from './submission.ts';

/** Why workers stopped a run that no waiting brings further. */
export interface RunStopNote {
  /** The submission that was worked on. */
  revision: number;
  exitCode: number;
  reason: string;
  /** The caps that were named with it. */
  caps: JsonObject;
}

const CAPPED = 4;
const CAPS = ['maxCost', 'maxTotalTokens', 'poolMaxCost', 'poolMaxTotalTokens'] as const;

/** The caps among the settings of a submission. */
export function capsIn(settings: JsonObject): JsonObject {
  return Object.fromEntries(
    CAPS.flatMap((name): [string, JsonValue][] => (settings[name] === undefined ? [] : [[name, settings[name]]])),
  );
}

/**
 * What a new submission takes over of the note of an earlier one: that a cap is used up, where it names the same cap or a lower one. A run
 * that stopped without a cap of its own may find room by now, which others have made.
 */
export function keptStop(
  note: RunStopNote | undefined,
  { revision, settings }: Pick<Submission, 'revision' | 'settings'>,
): RunStopNote | undefined {
  if (note?.exitCode !== CAPPED || Object.keys(note.caps).length === 0) return undefined;
  const isRaised = Object.entries(note.caps).some(([name, cap]) => {
    const now = settings[name];
    return now === undefined || Number(now) > Number(cap);
  });
  return isRaised ? undefined : { ...note, revision, caps: capsIn(settings) };
}
