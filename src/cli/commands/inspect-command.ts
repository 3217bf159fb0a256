import { findInputRow } from '../../inspect/find-input-row.ts';
import { inspectRecord } from '../../inspect/inspect-record.ts';
import { lifeText } from '../../inspect/life-text.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { inspectFlags } from '../settings/flags/after-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner inspect <run-dir> <id>`: one record's life. */
export async function inspectCommand(
  [directory = '', id = '']: readonly string[],
  settings: Settings<typeof inspectFlags>,
  terminal: Terminal,
): Promise<number> {
  const life = inspectRecord(directory, id);
  const row = await findInputRow(directory, life, settings.text('input'));
  terminal.stdout.write(
    settings.isOn('json')
      ? `${JSON.stringify({ ...life, input: 'problem' in row ? null : row })}\n`
      : `${visible(lifeText(life, row))}\n`,
  );
  return EXIT_CODES.ok;
}
