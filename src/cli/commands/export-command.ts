import { exportRun, type ExportFormat } from '../../export/export-run.ts';
import { writeOutputFile } from '../../export/output-file.ts';
import { formatCount } from '../../text/format.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { exportFlags } from '../settings/flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { writeChunks } from '../terminal/write-chunks.ts';
import { visibleLine } from '../../text/visible.ts';

/** `gleaner export <run-dir>`: results or rejects in input order, to stdout or a file. */
export async function exportCommand(
  [directory = '']: readonly string[],
  settings: Settings<typeof exportFlags>,
  terminal: Terminal,
): Promise<number> {
  const rejects = settings.isOn('rejects');
  const { count, isFinished, chunks, close } = exportRun(directory, {
    format: (settings.text('format') ?? 'csv') as ExportFormat,
    rejects,
    bom: settings.isOn('bom'),
    raw: settings.isOn('raw'),
  });
  const what = `${formatCount(count)} ${rejects ? 'rejects' : 'results'}`;
  try {
    if (!isFinished) {
      terminal.stderr.write(
        `The run in ${visibleLine(directory)} has not ended: these are the ${what} that it has so far\n`,
      );
    }
    const output = settings.text('output');
    if (output === undefined) {
      await writeChunks(terminal.stdout, chunks);
    } else {
      writeOutputFile(output, chunks, directory);
      terminal.stderr.write(`Wrote ${what} to ${visibleLine(output)}\n`);
    }
  } finally {
    close();
  }
  return EXIT_CODES.ok;
}
