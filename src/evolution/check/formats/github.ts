import type { CheckReport } from '../check.ts';
import { reportNotes, summaryLine } from './describe-pair.ts';
import { findingsOf } from './findings.ts';

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Workflow commands of GitHub Actions: annotations at the lines of the definitions. */
export function formatGithub(report: CheckReport): string {
  const lines = findingsOf(report).map(
    ({ level, file, line, title, message }) =>
      `::${COMMANDS[level]} file=${escapeProperty(file)},line=${line},title=${escapeProperty(title)}::${escapeData(message)}`,
  );
  for (const note of reportNotes(report)) lines.push(`::warning::${escapeData(note)}`);
  lines.push(summaryLine(report));
  return `${lines.join('\n')}\n`;
}

/** As the runner's own toolkit does it; anything else would end the command early or start another one. */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
