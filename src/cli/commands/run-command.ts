import { digestDefinitionSource } from '../../extraction/definition-source.ts';
import { loadDefinition } from '../../extraction/load-definition.ts';
import { isRegularFile } from '../../records/open-input.ts';
import { countRows } from '../../records/count-rows.ts';
import { recordFormatOf } from '../../records/record-format.ts';
import type { RecordFormat } from '../../records/record.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { run } from '../../run/run.ts';
import type { RunOptions } from '../../run/run-options.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import type { Extraction } from '../../extraction/definition.ts';
import type { ChangedRun } from '../cost-of-changes.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { isElsewhere, openElsewhere } from '../open-elsewhere.ts';
import { logLine } from '../terminal/log-line.ts';
import type { Observed } from '../observers.ts';
import type { ShardInput } from '../shard-input.ts';
import { observersOf } from '../observers-of.ts';
import { poolWork } from '../open-pool.ts';
import { runWithTerminal, type Work } from '../run-with-terminal.ts';
import { typedCommand } from '../typed-command.ts';
import type { runFlags } from '../settings/flags/run-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** `gleaner run <definition> <input> --out <dir>`. */
export async function runCommand(
  [definition = '', input = '']: readonly string[],
  settings: Settings<typeof runFlags>,
  terminal: Terminal,
): Promise<number> {
  const given = settings.text('out');
  if (given === undefined || given.trim() === '') {
    throw new GleanerError(
      'usage',
      'Cannot run: no run directory is given; name one with --out, such as --out runs/first',
    );
  }
  refuseSwapped(definition, input);
  const { extraction, path } = await loadDefinition(definition);
  const definitionDigest = await digestDefinitionSource(path);
  const notices: string[] = [];
  let tell = (notice: string): void => void notices.push(notice);
  const shard = await shardOf({ extraction, input, out: given, definitionDigest }, settings, terminal, (text) =>
    tell(text),
  );
  const out = shard?.out ?? given;
  const work = {
    extraction: extraction.name,
    input,
    out,
    definition,
    isQuiet: settings.isOn('quiet'),
    countRecords: (_endedBefore: number, signal: AbortSignal) =>
      shard?.countRows(signal) ?? countInput(input, settings, signal),
    observe: (observed: Observed) =>
      observersOf(settings, terminal, { ...observed, model: settings.text('model') ?? extraction.model }),
    ...batchWork(settings, {
      ...shard?.settings,
      command: typedCommand('run', [definition, input], settings.typed),
    }),
    ...poolWork(settings, terminal.environment),
  };
  if (settings.isOn('evidence') && (isElsewhere(input) || !(await isRegularFile(input)))) {
    const why = isElsewhere(input) ? 'it is no file of this machine' : 'it can be read only once';
    throw new GleanerError(
      'usage',
      `Cannot look for evidence in this input: ${why}; run it from a file of this machine, or leave out --evidence`,
    );
  }
  const exitCode = await runWithTerminal(work, settings, terminal, async (options, service) => {
    tell = (message) => options.onEvent?.({ type: 'notice', message });
    for (const notice of notices) tell(notice);
    const start = (from: RunOptions['input']): Promise<RunSummary> =>
      run(extraction, { ...options, ...inputOptions(settings), input: from, out, definitionDigest, ...shard?.options });
    if (!isElsewhere(input)) {
      if (shard !== undefined) return start(input);
      const { client, model, cache, prices } = options;
      const asked = Object.entries({ model, cache, prices }).filter(([, value]) => value !== undefined);
      const changed: ChangedRun = {
        extraction,
        definition,
        options: {
          ...recordOptions(settings),
          ...Object.fromEntries(asked),
          reading: readingOf(settings),
          client,
          input,
          out,
        },
      };
      if (settings.isOn('accept-changes')) {
        const { noticeOfChanges } = await import('../cost-of-changes.ts');
        const notice = await noticeOfChanges(changed);
        if (notice !== undefined) tell(notice);
      }
      return tellingCostOfChanges(changed, () => start(input));
    }
    const source = await openElsewhere(
      input,
      { ...inputOptions(settings), extraction, out, tell: (notice) => tell(notice) },
      { settings, environment: terminal.environment, service },
    );
    return start(source).finally(() => source.close());
  });
  if (settings.isOn('evidence') && hasEnded(exitCode))
    await tellEvidence(extraction, { input, out }, settings, terminal);
  if (hasEnded(exitCode)) await compareWithEarlier(out, settings, terminal);
  return exitCode;
}

/** Starts a run; a refusal for what differs from the run that is there says what accepting it would cost. */
async function tellingCostOfChanges(changed: ChangedRun, start: () => Promise<RunSummary>): Promise<RunSummary> {
  try {
    const summary = await start();
    if (summary.facts?.advice !== 'changes') return summary;
    const { reasonWithCostOfChanges } = await import('../cost-of-changes.ts');
    return await reasonWithCostOfChanges(summary, changed);
  } catch (error) {
    if (!(error instanceof GleanerError) || error.facts.advice !== 'changes') throw error;
    const { withCostOfChanges } = await import('../cost-of-changes.ts');
    throw await withCostOfChanges(error, changed);
  }
}

/** The part of the input that is asked for; undefined for all of it. Loaded where it is wanted. */
async function shardOf(
  run: { extraction: Extraction; input: string; out: string; definitionDigest: string },
  settings: Settings<typeof runFlags>,
  { environment }: Terminal,
  tell: (notice: string) => void,
): Promise<ShardInput | undefined> {
  if (settings.text('shard') === undefined) {
    const hasPlan = settings.text('plan') !== undefined;
    if (hasPlan || settings.number('chunk-rows') !== undefined) {
      const flag = hasPlan ? 'plan' : 'chunk-rows';
      throw new GleanerError(
        'usage',
        `Cannot use --${flag} without --shard: it is about runs that each have a part of the input; add --shard 0/3`,
      );
    }
    // Those who start many tasks set one of these.
    if (!('CLOUD_RUN_TASK_INDEX' in environment || 'JOB_COMPLETION_INDEX' in environment)) return undefined;
    const { unusedIndexNotice } = await import('../shard-input.ts');
    const notice = unusedIndexNotice(environment);
    if (notice !== undefined) tell(notice);
    return undefined;
  }
  if (isElsewhere(run.input)) {
    throw new GleanerError(
      'usage',
      `Cannot read ${run.input} in shards: the parts of a file of this machine are read; copy or mount it first`,
    );
  }
  const { shardInputOf } = await import('../shard-input.ts');
  return shardInputOf(run, { settings, reading: inputOptions(settings), environment, tell });
}

/** Loaded where it is wanted: most runs ask call by call. */
function batchWork(
  settings: Settings<typeof runFlags>,
  others: Record<string, string>,
): Pick<Work, 'openLane' | 'settings'> {
  const batch = settings.text('batch');
  if (batch === undefined) {
    const alone = (['wait', 'no-batch-probe', 'batch-reasks', 'batch-media'] as const).find((flag) =>
      settings.isOn(flag),
    );
    const valued = (['online-after', 'batch-schema'] as const).find((flag) => settings.text(flag) !== undefined);
    const flag = alone ?? valued;
    if (flag === undefined) return { settings: others };
    throw new GleanerError(
      'usage',
      `Cannot use --${flag} without --batch: it says how batch jobs are used; add --batch gs://bucket/prefix`,
    );
  }
  return {
    settings: { batch, ...others },
    openLane: async (service) => {
      const { batchLaneOf } = await import('../batch-lane.ts');
      return batchLaneOf(settings, service);
    },
  };
}

/** Whether the run came to its end, so that its input is worth reading once more. */
function hasEnded(exitCode: number): boolean {
  return exitCode === EXIT_CODES.ok || exitCode === EXIT_CODES.tooManyRejects;
}

/** The page says how a night differs from the last one; who asks for a comparison is told so here, too. */
async function compareWithEarlier(out: string, settings: Settings<typeof runFlags>, terminal: Terminal): Promise<void> {
  const other = settings.text('compare-with');
  if (other !== undefined) {
    const { tellComparison } = await import('../tell-comparison.ts');
    return tellComparison(other, out, { isJson: settings.isOn('json-logs') }, terminal);
  }
  const { showComparisonWithLast } = await import('../../compare/compare-with-last.ts');
  showComparisonWithLast(out);
}

async function tellEvidence(
  extraction: Extraction,
  { input, out }: { input: string; out: string },
  settings: Settings<typeof runFlags>,
  terminal: Terminal,
): Promise<void> {
  const { collectEvidence } = await import('../../evidence/collect-evidence.ts');
  const collected = await collectEvidence(extraction, out, { input });
  if (settings.isOn('json-logs')) {
    terminal.stderr.write(
      `${logLine('evidence', { level: 'info', message: `Evidence is written for ${out}`, runId: terminal.runId, ...collected })}\n`,
    );
    return;
  }
  const { evidenceSummary } = await import('./evidence-command.ts');
  terminal.stderr.write(`${evidenceSummary(collected, out)}\n`);
}

function refuseSwapped(definition: string, input: string): void {
  const isInput = recordFormatOf(definition) !== undefined;
  if (!isInput || input === '-' || recordFormatOf(input) !== undefined) return;
  throw new GleanerError(
    'usage',
    `Cannot run ${definition}: it is a file of records, and the definition comes first; did you mean gleaner run ${input} ${definition}?`,
  );
}

/** Undefined for standard input and pipes, which can be read only once. */
async function countInput(
  input: string,
  settings: Settings<typeof runFlags>,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (isElsewhere(input) || !(await isRegularFile(input))) return undefined;
  return (await countRows(input, { ...readingOf(settings), signal }, settings.number('limit'))).rows;
}

function inputOptions(settings: Settings<typeof runFlags>): Partial<RunOptions> {
  return { acceptChanges: settings.isOn('accept-changes'), ...readingOf(settings), ...recordOptions(settings) };
}

function readingOf(settings: Settings<typeof runFlags>): NonNullable<ChangedRun['options']['reading']> {
  const format = settings.text('format');
  const delimiter = settings.text('delimiter');
  const encoding = settings.text('encoding');
  return {
    ...(format === undefined ? {} : { format: format as RecordFormat }),
    ...(delimiter === undefined ? {} : { delimiter }),
    ...(encoding === undefined ? {} : { encoding }),
    ...(settings.isOn('fill-short-rows') ? { fillShortRows: true } : {}),
  };
}

function recordOptions(settings: Settings<typeof runFlags>): Pick<RunOptions, 'idField' | 'mediaRoot' | 'limit'> {
  const idField = settings.text('id-field');
  const mediaRoot = settings.text('media-root');
  const limit = settings.number('limit');
  return {
    ...(idField === undefined ? {} : { idField }),
    ...(mediaRoot === undefined ? {} : { mediaRoot }),
    ...(limit === undefined ? {} : { limit }),
  };
}
