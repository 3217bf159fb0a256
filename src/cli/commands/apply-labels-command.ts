import { applyRunLabels } from '../../review/apply-labels.ts';
import { formatCount } from '../../text/format.ts';
import { visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { applyLabelsFlags } from '../settings/flags/quality-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner apply-labels <run-dir>`: carries what reviewers said into results.jsonl. */
export async function applyLabelsCommand(
  [directory = '']: readonly string[],
  _settings: Settings<typeof applyLabelsFlags>,
  terminal: Terminal,
): Promise<number> {
  const { changed, labelled, withoutResult } = await applyRunLabels(directory);
  const rest =
    withoutResult === 0 ? '' : `; ${formatCount(withoutResult)} labelled records have no result and stay as they are`;
  terminal.stderr.write(
    `Changed ${formatCount(changed)} of the ${formatCount(labelled)} labelled results in ${visibleLine(directory)}${rest}\n`,
  );
  return EXIT_CODES.ok;
}
