import { readReport } from '../../export/read-report.ts';
import { terminalSummary } from '../../report/terminal-summary.ts';
import { describeRates } from '../../evidence/describe-rates.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { rejectExamples } from '../reject-examples.ts';
import type { reportFlags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { visible, visibleLine } from '../../text/visible.ts';

/** `gleaner report <run-dir>`: what a run did and cost, for people or, with --json, for programs. */
export async function reportCommand(
  [directory = '']: readonly string[],
  settings: Settings<typeof reportFlags>,
  terminal: Terminal,
): Promise<number> {
  const { usage, isRunning, isEmulated, evidence } = readReport(directory);
  if (isRunning) {
    terminal.stderr.write(
      `A session of the run in ${visibleLine(directory)} is under way or was killed: these figures are of the ones before it\n`,
    );
  }
  if (settings.isOn('json')) {
    terminal.stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
    return EXIT_CODES.ok;
  }
  const summary = terminalSummary(usage, directory, {
    isEmulated,
    rejectExamples: usage.records.rejected === 0 ? [] : rejectExamples(directory),
    width: terminal.stdout.columns,
  });
  const rates = evidence === undefined ? '' : `\n${describeRates(evidence)}\n`;
  terminal.stdout.write(`${visible(summary)}\n${rates}`);
  return EXIT_CODES.ok;
}
