import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { userInfo } from 'node:os';
import { loadDefinition } from '../../extraction/load-definition.ts';
import type { Extraction } from '../../extraction/definition.ts';
import { findRun } from '../../export/find-run.ts';
import { writeOutputFile } from '../../export/output-file.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { ReviewRun } from '../../review/review-run.ts';
import { counted } from '../../text/counted.ts';
import { formatCount } from '../../text/format.ts';
import { visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import type { reviewFlags } from '../settings/flags/quality-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { writeChunks } from '../terminal/write-chunks.ts';

const DEFAULT_SAMPLE = 50;
/** Records whose evidence is looked for at a time, between requests. */
const EXAMINED_AT_ONCE = 100;

/** `gleaner review <run-dir>`: serves the page until SIGTERM or SIGINT, or writes a sample of it. */
export async function reviewCommand(
  [directory = '']: readonly string[],
  settings: Settings<typeof reviewFlags>,
  terminal: Terminal,
): Promise<number> {
  refuseUnmeant(settings);
  const tell = (notice: string): void => void terminal.stderr.write(`${visibleLine(notice)}\n`);
  const extraction = await definitionOf(directory, settings, tell);
  const by = settings.text('by') ?? userInfo().username;
  const review = await ReviewRun.open(directory, { extraction, input: settings.text('input'), by, onNotice: tell });
  try {
    if (settings.text('import') !== undefined) return await importLabels(review, settings, tell);
    if (settings.text('export') !== undefined) return await exportLabels(review, directory, settings, terminal);
    if (settings.text('html') !== undefined) return await writePage(review, directory, settings, tell);
    await serve(review, settings, terminal);
    return EXIT_CODES.ok;
  } finally {
    review.close();
  }
}

const WAYS = ['import', 'export', 'html'] as const;

/** What a flag would have no effect on is not what was meant. */
function refuseUnmeant(settings: Settings<typeof reviewFlags>): void {
  const [way, second] = WAYS.filter((flag) => settings.text(flag) !== undefined);
  if (way !== undefined && second !== undefined)
    throw new GleanerError(
      'usage',
      `Cannot use --${way} with --${second}: a review does one of them; call it once for each`,
    );
  const isSample = way === 'html' || settings.text('export') === 'label-studio';
  const belongings = [
    { flag: 'output', isMeant: way === 'export', right: 'it is the file of --export' },
    {
      flag: 'take',
      isMeant: isSample,
      right: 'it says how many records a sample has, of --html or --export label-studio',
    },
    { flag: 'port', isMeant: way === undefined, right: `with --${way} no page is served` },
  ];
  // What variables and the project file say holds for other calls, too.
  const wrong = belongings.find(({ flag, isMeant }) => !isMeant && settings.typed.some(({ name }) => name === flag));
  if (wrong !== undefined) throw new GleanerError('usage', `Cannot use --${wrong.flag} here: ${wrong.right}`);
}

async function serve(review: ReviewRun, settings: Settings<typeof reviewFlags>, terminal: Terminal): Promise<void> {
  const { serveReview } = await import('../../review/review-server.ts');
  const server = await serveReview(review, { port: settings.number('port') });
  terminal.stdout.write(`${server.url}\n`);
  terminal.stderr.write(
    `Serving ${counted(review.count, 'record')} until Ctrl-C. The address holds a secret: do not pass it on\n`,
  );
  if (!settings.isOn('no-open')) openBrowser(server.url);
  const stop = new AbortController();
  const unlisten = terminal.onStopSignal(() => {
    unlisten();
    stop.abort();
  });
  const stopped = stop.signal.aborted ? undefined : once(stop.signal, 'abort');
  while (!stop.signal.aborted && review.examine(EXAMINED_AT_ONCE))
    await new Promise((resolve) => setImmediate(resolve));
  await stopped;
  await server.close();
}

/** Where there is none, the address is on the screen. */
function openBrowser(url: string): void {
  const [command, ...before] =
    process.platform === 'darwin' ? ['open'] : process.platform === 'win32' ? ['cmd', '/c', 'start', ''] : ['xdg-open'];
  if (command === undefined) return;
  const child = spawn(command, [...before, url], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** Without its definition a run can be looked at as well, only without evidence. */
async function definitionOf(
  directory: string,
  settings: Settings<typeof reviewFlags>,
  tell: (notice: string) => void,
): Promise<Extraction | undefined> {
  const given = settings.text('definition');
  if (given !== undefined) return (await loadDefinition(given)).extraction;
  const { definition } = findRun(directory).manifest.settings;
  if (typeof definition !== 'string') {
    tell('run.json does not name the definition, so that no evidence is looked for; give it with --definition');
    return undefined;
  }
  try {
    return (await loadDefinition(definition)).extraction;
  } catch (error) {
    if (!(error instanceof GleanerError)) throw error;
    tell(`${error.message}. No evidence is looked for; give the definition with --definition`);
    return undefined;
  }
}

async function writePage(
  review: ReviewRun,
  directory: string,
  settings: Settings<typeof reviewFlags>,
  tell: (notice: string) => void,
): Promise<number> {
  const { takeSample } = await import('../../review/sample.ts');
  const { readPageAssets } = await import('../../review/page-assets.ts');
  const { standalonePage } = await import('../../review/page-html.ts');
  const path = settings.text('html') ?? '';
  const sample = await takeSample(review, settings.number('take') ?? DEFAULT_SAMPLE);
  await writeOutputFile(path, [standalonePage(readPageAssets(), sample)], directory);
  tell(`Wrote ${counted(sample.items.length, 'record')} to ${path}`);
  return EXIT_CODES.ok;
}

async function exportLabels(
  review: ReviewRun,
  directory: string,
  settings: Settings<typeof reviewFlags>,
  terminal: Terminal,
): Promise<number> {
  const isGold = settings.text('export') === 'gold';
  const chunks = isGold ? goldLines(review) : [await taskText(review, settings)];
  const output = settings.text('output');
  if (output === undefined) {
    await writeChunks(terminal.stdout, chunks);
    return EXIT_CODES.ok;
  }
  await writeOutputFile(output, chunks, directory);
  const accepted = Number(review.summary()['reviewed']);
  const what = isGold ? `${counted(accepted, 'accepted record')}` : 'tasks';
  terminal.stderr.write(`${visibleLine(`Wrote ${what} to ${output}`)}\n`);
  return EXIT_CODES.ok;
}

function* goldLines(review: ReviewRun): Generator<string> {
  for (const line of review.gold()) yield `${JSON.stringify(line)}\n`;
}

async function taskText(review: ReviewRun, settings: Settings<typeof reviewFlags>): Promise<string> {
  const { takeSample } = await import('../../review/sample.ts');
  const { labelStudioTasks } = await import('../../review/label-studio-tasks.ts');
  const sample = await takeSample(review, settings.number('take') ?? DEFAULT_SAMPLE);
  return `${JSON.stringify(labelStudioTasks(sample), null, 2)}\n`;
}

async function importLabels(
  review: ReviewRun,
  settings: Settings<typeof reviewFlags>,
  tell: (notice: string) => void,
): Promise<number> {
  const { readLabelStudioExport } = await import('../../review/label-studio-export.ts');
  const { labelled, unknown, refused } = review.importLabels(readLabelStudioExport(settings.text('import') ?? ''));
  tell(
    `Took over ${counted(labelled, 'label')}${unknown === 0 ? '' : `; ${formatCount(unknown)} are of records or fields that the run lacks`}`,
  );
  if (refused.length === 0) return EXIT_CODES.ok;
  tell(`Refused ${counted(refused.length, 'label')} that the schema of the results does not take:`);
  for (const { id, reason } of refused) tell(`  record ${JSON.stringify(id)}: ${reason}`);
  return EXIT_CODES.checkFailed;
}
