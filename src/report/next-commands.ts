import type { UsageReport } from '../accounting/usage-report.ts';
import { counted } from '../text/counted.ts';
import { shellWord } from '../text/shell-word.ts';
import type { ReportParts } from './html/parts.ts';

export interface NextCommand {
  command: string;
  why: string;
}

/** What the reader is likely to type next, the likeliest first. */
export function nextCommands({
  usage,
  manifest,
  directory,
}: Pick<ReportParts, 'usage' | 'directory'> & { manifest: Pick<ReportParts['manifest'], 'settings'> }): NextCommand[] {
  const { status, records, exitCode } = usage;
  const run = shellWord(directory);
  if (status !== 'finished') {
    const look = [{ command: `gleaner status ${run}`, why: 'says how it stands now' }];
    return [{ command: runCommand(manifest.settings), why: continuation(status, exitCode) }, ...look];
  }
  const commands: NextCommand[] = [];
  const unasked = NEVER_ASKED.reduce((sum, code) => sum + (usage.rejectsByCode[code] ?? 0), 0);
  if (unasked > 0)
    commands.push({
      command: `${runCommand(manifest.settings)} --accept-changes`,
      why: `reads ${counted(unasked, 'record')} again for which nothing was asked, once they or the definition are mended`,
    });
  if (records.rejected > unasked)
    commands.push({
      command: `gleaner retry ${run}`,
      why: 'asks again for what was rejected, once the cause is mended',
    });
  if (records.extracted > 0) commands.push({ command: `gleaner export ${run}`, why: 'writes the results as a table' });
  else if (records.rejected === 0)
    commands.push({ command: `gleaner report ${run}`, why: 'says the same in a terminal' });
  return commands;
}

/** Rejects of the record itself: a retry passes them over. */
const NEVER_ASKED = ['bad_record', 'definition_error'];

/** The command as far as a run knows it: its flags are nobody's business below the command line. */
function runCommand({ definition, input }: ReportParts['manifest']['settings']): string {
  if (typeof definition !== 'string' || typeof input !== 'string') return 'gleaner run …';
  return `gleaner run ${shellWord(definition)} ${shellWord(input)} …`;
}

function continuation(status: UsageReport['status'], exitCode: number): string {
  if (exitCode === 4) return 'as before, with a higher cap, asks for the rest';
  if (status === 'refused' || status === 'failed') return 'as before asks for the rest, once the cause is mended';
  return 'as before asks for the rest';
}
