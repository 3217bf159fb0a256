import { compareRuns } from '../compare/compare-runs.ts';
import { comparedRun, writeComparison } from '../compare/compare-with-last.ts';
import { comparisonText } from '../compare/comparison-text.ts';
import { lastRunBefore } from '../compare/last-run.ts';
import { GleanerError } from '../gleaner-error.ts';
import { counted } from '../text/counted.ts';
import { visible, visibleLine } from '../text/visible.ts';
import { logLine } from './terminal/log-line.ts';
import type { Terminal } from './terminal/terminal.ts';

/** Says how a run differs from the one that --compare-with names. What cannot be compared is told, and changes nothing of how the run ended. */
export function tellComparison(other: string, out: string, { isJson }: { isJson: boolean }, terminal: Terminal): void {
  const { runId } = terminal;
  const tell = (message: string): void => {
    const line = isJson ? logLine('notice', { level: 'warning', message, runId }) : message;
    terminal.stderr.write(`${line}\n`);
  };
  try {
    const before = other === 'last' ? lastRunBefore(out) : other;
    if (before === undefined) return tell(`There is no finished run beside ${visibleLine(out)} to compare it with`);
    const comparison = compareRuns(before, out);
    if (isJson) {
      const level = comparison.alarms.length === 0 ? 'info' : 'warning';
      const message = `${out} is compared with ${before}: ${counted(comparison.alarms.length, 'alarm')}`;
      terminal.stderr.write(`${logLine('comparison', { level, message, runId, with: before, ...comparison })}\n`);
    } else tell(visible(comparisonText(comparison, { before, after: out })));
    writeComparison(out, comparedRun(before, out, comparison));
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    tell(visibleLine(error.message));
  }
}
