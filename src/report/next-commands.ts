import type { UsageReport } from '../accounting/usage-report.ts';
import { counted } from '../text/counted.ts';
import { shellWord } from '../text/shell-word.ts';
import type { ReportParts } from './html/parts.ts';

export interface NextCommand {
  command: string;
  why: string;
  /** What is to be done before. */
  first?: string;
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
    return [{ command: runCommand(manifest.settings, run), why: continuation(status, exitCode) }, ...look];
  }
  const commands: NextCommand[] = [];
  const [badRows = 0, badCode = 0] = NEVER_ASKED.map((code) => usage.rejectsByCode[code] ?? 0);
  const unasked = badRows + badCode;
  if (unasked > 0)
    commands.push({
      command: `${runCommand(manifest.settings, run)} --accept-changes`,
      first: `mend ${faultyFiles(manifest.settings, { badRows, badCode })}`,
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

type Settings = ReportParts['manifest']['settings'];

/** Rejects of the record itself: a retry passes them over. */
const NEVER_ASKED = ['bad_record', 'definition_error'];

/** What is to be edited before records are read again. */
function faultyFiles(
  { definition, input }: Settings,
  { badRows, badCode }: Record<'badRows' | 'badCode', number>,
): string {
  const rows = typeof input === 'string' && input !== '-' ? input : 'the input';
  const code = typeof definition === 'string' ? `the definition ${definition}` : 'the definition';
  return [...(badRows > 0 ? [rows] : []), ...(badCode > 0 ? [code] : [])].join(' and ');
}

/** The command as it was typed; of a run that was begun otherwise, as far as run.json tells. */
function runCommand({ command, definition, input }: Settings, run: string): string {
  if (typeof command === 'string') return command;
  const words = [definition ?? 'definition.ts', input ?? 'input.csv'].map((word) => shellWord(String(word)));
  return `gleaner run ${words.join(' ')} --out ${run}`;
}

function continuation(status: UsageReport['status'], exitCode: number): string {
  if (exitCode === 4) return 'as before, with a higher cap, asks for the rest';
  if (status === 'refused' || status === 'failed') return 'as before asks for the rest, once the cause is mended';
  return 'as before asks for the rest';
}
