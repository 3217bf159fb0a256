import { isTextFormat, type ExportFormat } from '../../export/export-format.ts';
import { exportRun, exportToFile, type ExportCount, type ExportOptions } from '../../export/export-run.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { isInBucket, isTable } from '../open-elsewhere.ts';
import type { exportFlags } from '../settings/flags/after-flags.ts';
import { namesIn } from '../settings/names-in.ts';
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
  const options = optionsOf(settings);
  const tell = (text: string): void => void terminal.stderr.write(`${text}\n`);
  const format = settings.text('format') as ExportFormat | undefined;
  const output = settings.text('output');
  if (output !== undefined) {
    const surroundings = { settings, environment: terminal.environment };
    const write = (file: string): ReturnType<typeof exportToFile> =>
      exportToFile(directory, file, { ...options, ...(format === undefined ? {} : { format }) });
    const place = isTable(output) ? 'table' : isInBucket(output) ? 'bucket' : 'file';
    const written =
      place === 'table'
        ? await (
            await import('../write-table.ts')
          ).writeTable(directory, output, { ...options, ...(format === undefined ? {} : { format }) }, surroundings)
        : place === 'bucket'
          ? await (await import('../write-elsewhere.ts')).writeElsewhere(output, write, surroundings)
          : await write(output);
    if (!written.isFinished) tell(notEnded(directory, written, options));
    tell(`Wrote ${contentOf(written, options)} to ${visibleLine(output)}`);
    tellUnplaced(written.unplaced, tell);
    return EXIT_CODES.ok;
  }
  if (format !== undefined && !isTextFormat(format)) {
    throw new GleanerError('usage', `Cannot write ${format} to standard output: name a file with --output`);
  }
  const exported = await exportRun(directory, { ...options, ...(format === undefined ? {} : { format }) });
  try {
    if (!exported.isFinished) tell(notEnded(directory, exported, options));
    await writeChunks(terminal.stdout, exported.chunks);
    tellUnplaced(exported.unplaced, tell);
  } finally {
    await exported.close();
  }
  return EXIT_CODES.ok;
}

function optionsOf(settings: Settings<typeof exportFlags>): Omit<ExportOptions, 'format'> {
  const { rows, input } = { rows: settings.text('rows'), input: settings.text('input') };
  const columns = namesIn(settings.text('columns'));
  const inputColumns = settings.isOn('with-input') || namesIn(settings.text('with-input'));
  return {
    rejects: settings.isOn('rejects'),
    includeRejects: settings.isOn('include-rejects'),
    bom: settings.isOn('bom'),
    raw: settings.isOn('raw'),
    ...(columns === undefined ? {} : { columns }),
    ...(inputColumns === undefined ? {} : { withInput: inputColumns }),
    ...(rows === undefined ? {} : { rows }),
    ...(input === undefined ? {} : { input }),
  };
}

function contentOf(
  { count, rejects }: ExportCount,
  options: Pick<ExportOptions, 'rejects' | 'includeRejects'>,
): string {
  const what = `${formatCount(count)} ${options.rejects === true ? 'rejects' : 'results'}`;
  return options.includeRejects === true ? `${what} and ${counted(rejects, 'reject')}` : what;
}

function notEnded(directory: string, count: ExportCount, options: Omit<ExportOptions, 'format'>): string {
  return `The run in ${visibleLine(directory)} has not ended: these are the ${contentOf(count, options)} that it has so far`;
}

function tellUnplaced(unplaced: number, tell: (text: string) => void): void {
  if (unplaced === 0) return;
  tell(
    `The schema of the run has no column for ${counted(unplaced, 'value, which is', 'values, which are')} left out; --format jsonl has them`,
  );
}
