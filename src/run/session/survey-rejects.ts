import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatCount } from '../../text/format.ts';
import { readJsonLines } from '../../files/read-json-lines.ts';
import { fileNames } from '../../store/run-directory.ts';
import type { RejectEntry } from '../../store/entries.ts';

/** What of the rejects of a run a retry would take. */
export interface RejectSurvey {
  /** Whether there is something to ask for, what an earlier retry was killed over included. */
  hasWork: boolean;
  /** The rejects that stay as they are, by code. */
  left: Readonly<Record<string, number>>;
}

export function surveyRejects(directory: string, isWanted: (entry: RejectEntry) => boolean): RejectSurvey {
  let hasWork = existsSync(join(directory, fileNames.retrying));
  const left: Record<string, number> = {};
  for (const entry of readJsonLines(join(directory, fileNames.rejects)) as Iterable<
    RejectEntry & Record<string, never>
  >) {
    if (isWanted(entry)) hasWork = true;
    else left[entry.error.code] = (left[entry.error.code] ?? 0) + 1;
  }
  return { hasWork, left };
}

/** Says why a retry asks for nothing. */
export function describeIdleRetry({ left }: Pick<RejectSurvey, 'left'>, codes: readonly string[] | undefined): string {
  const there = Object.entries(left).map(([code, count]) => `${code} ${formatCount(count)}`);
  if (there.length === 0) return 'There is nothing to try again: the run has no rejects';
  if (codes !== undefined)
    return `There is nothing to try again: no reject has the code ${codes.join(' or ')}, there are ${there.join(', ')}`;
  return `There is nothing to try again: nothing was asked for the rejects there are (${there.join(', ')}); mend what they tell of, and run again with the changes accepted`;
}
