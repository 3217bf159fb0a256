import { readReport } from '../../export/read-report.ts';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isEmulatorName } from '../../completion/service.ts';
import { writeFileAtomically } from '../../files/write-file-atomically.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { readRunNow } from '../../status/read-run-now.ts';
import type { RunState } from '../../status/run-follower.ts';
import { fileNames } from '../../store/run-directory.ts';
import { terminalSummary } from '../../report/terminal-summary.ts';
import { describeRates } from '../../evidence/describe-rates.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { tellLostEnds } from '../tell-lost-ends.ts';
import { rejectExamples } from '../reject-examples.ts';
import type { reportFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { visible, visibleLine } from '../../text/visible.ts';

/** `gleaner report <run-dir>`: what a run did and cost, for people or, with --json, for programs. */
export async function reportCommand(
  [directory = '']: readonly string[],
  settings: Settings<typeof reportFlags>,
  terminal: Terminal,
): Promise<number> {
  const { state, evidence, page: makePage } = readRunNow(directory);
  const { session, manifest } = state;
  // What a session wrote at its end is taken as it is, and refused where it is damaged.
  const usage = manifest.status === 'running' ? state.usage : readReport(directory).usage;
  const isEmulated = isEmulatorName(manifest.identity['service']);
  const tell = (text: string): void => void terminal.stderr.write(`${text}\n`);
  if (session.state === 'at work' || session.state === 'unknown') {
    tell(`The run in ${visibleLine(directory)} is at work: these figures are of what is settled so far`);
  } else if (usage.status === 'running') {
    tell(`The last session of the run in ${visibleLine(directory)} was killed: these figures are of what it settled`);
  }
  const isMissing = manifest.status !== 'running' && !existsSync(join(directory, fileNames.report));
  const page =
    settings.text('html') ?? (settings.isOn('html') || isMissing ? join(directory, fileNames.report) : undefined);
  if (page !== undefined) {
    if (page === join(directory, fileNames.report) && isLive(session.state)) {
      throw new GleanerError(
        'usage',
        'Cannot write the page of a run that is at work: it does so itself; name another file, --html page.html',
      );
    }
    writeFileAtomically(page, makePage());
    tell(`Wrote ${visibleLine(page)}`);
  }
  tellLostEnds(directory, terminal);
  if (settings.isOn('json')) {
    terminal.stdout.write(`${JSON.stringify(usage, null, 2)}\n`);
    return EXIT_CODES.ok;
  }
  const summary = terminalSummary(usage, directory, {
    isEmulated,
    rejectExamples: rejectExamples(directory, usage),
    width: terminal.stdout.columns,
  });
  const rates = evidence === undefined ? '' : `\n${describeRates(evidence)}\n`;
  terminal.stdout.write(`${visible(summary)}\n${rates}`);
  return EXIT_CODES.ok;
}

function isLive(state: RunState['session']['state']): boolean {
  return state === 'at work' || state === 'unknown';
}
