import { writeFileSync } from 'node:fs';
import type { Alarm } from '../../compare/alarms.ts';
import { compareRuns } from '../../compare/compare-runs.ts';
import { comparisonPage } from '../../compare/comparison-page.ts';
import { comparisonText } from '../../compare/comparison-text.ts';
import { parseFailOn } from '../../compare/parse-fail-on.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { compareFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner compare <run A> <run B>`: how the second run differs from the first. Exit 1 where --fail-on names an alarm that was raised. */
export async function compareCommand(
  [before = '', after = '']: readonly string[],
  settings: Settings<typeof compareFlags>,
  terminal: Terminal,
): Promise<number> {
  const failOn = settings.text('fail-on');
  const { kinds, thresholds } = failOn === undefined ? { kinds: new Set(), thresholds: {} } : parseFailOn(failOn);
  const comparison = compareRuns(before, after, thresholds);
  const page = settings.text('html');
  if (page !== undefined) writePage(page, comparisonPage(comparison, { before, after }));
  if (settings.isOn('json')) terminal.stdout.write(`${JSON.stringify(comparison)}\n`);
  else terminal.stdout.write(`${visible(comparisonText(comparison, { before, after }))}\n`);
  // What is not whole passes no gate, whichever alarms it names.
  const isFailed = ({ kind }: Alarm): boolean => kinds.has(kind) || (kind === 'unfinished' && failOn !== undefined);
  return comparison.alarms.some(isFailed) ? EXIT_CODES.checkFailed : EXIT_CODES.ok;
}

function writePage(path: string, text: string): void {
  try {
    writeFileSync(path, text);
  } catch (error) {
    throw new GleanerError('output-unwritable', `Cannot write ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}
