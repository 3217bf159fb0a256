import { applyRunLabels } from '../../review/apply-labels.ts';
import { counted } from '../../text/counted.ts';
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
  const { changed, labelled, takenBack, withoutResult, withoutPlace } = await applyRunLabels(directory);
  const parts = [
    `Changed ${formatCount(changed)} of the ${formatCount(labelled + takenBack)} labelled results in ${visibleLine(directory)}`,
    ...(takenBack === 0
      ? []
      : [`${counted(takenBack, 'result has', 'results have')} no label any more, and what the model said again`]),
    ...(withoutResult === 0
      ? []
      : [`${formatCount(withoutResult)} labelled records have no result and stay as they are`]),
    ...(withoutPlace === 0
      ? []
      : [`${counted(withoutPlace, 'label')} of places that their results lack changed nothing`]),
  ];
  terminal.stderr.write(`${parts.join('; ')}\n`);
  return EXIT_CODES.ok;
}
