import type { CheckReport } from '../check.ts';
import { reportNotes, summaryLine } from './describe-pair.ts';
import { findingsOf } from './findings.ts';
import { visibleText } from './visible-text.ts';

/** GitHub shows ten annotations of each kind for a step, and drops the rest without a word. */
const MOST = 10;

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Workflow commands of GitHub Actions: annotations at the lines of the definitions. */
export function formatGithub(report: CheckReport): string {
  const lines: string[] = [];
  const notes = reportNotes(report);
  const left = { error: MOST, warning: MOST - notes.length, note: MOST };
  const unshown: string[] = [];
  for (const { level, file, line, title, message, rule } of findingsOf(report)) {
    left[level] -= 1;
    if (left[level] < 0) {
      unshown.push(`${file}:${line} ${level} ${rule}`);
      continue;
    }
    const place = `file=${escapeProperty(file)},line=${line},title=${escapeProperty(title)}`;
    lines.push(`::${COMMANDS[level]} ${place}::${escapeData(message)}`);
  }
  for (const note of notes) lines.push(`::warning::${escapeData(note)}`);
  if (unshown.length > 0) {
    lines.push(`${unshown.length} more, as GitHub shows ${MOST} annotations of a kind for a step:`);
    // A file's name in the log must not begin a command of the runner.
    lines.push(...unshown.map((text) => `  ${visibleText(text).replaceAll('::', ': :')}`));
  }
  lines.push(summaryLine(report));
  return `${lines.join('\n')}\n`;
}

/** As the runner's own toolkit does it; anything else would end the command early or start another one. */
function escapeData(text: string): string {
  return visibleText(text, { keepLines: true }).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
