import { comparisonPage } from '../../eval/models/comparison-page.ts';
import { comparisonText } from '../../eval/models/comparison-text.ts';
import { compareModels, type CandidateRun, type ModelCandidate } from '../../eval/models/compare-models.ts';
import { digestDefinitionSource } from '../../extraction/definition-source.ts';
import { loadDefinition, type LoadedDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { run } from '../../run/run.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { visible, visibleLine } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { runWithTerminal } from '../run-with-terminal.ts';
import type { evalFlags } from '../settings/flags/quality-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { namesIn } from '../settings/names-in.ts';
import { writePageFile } from './eval-page-file.ts';

export interface ModelsToCompare {
  definition: string;
  gold: string;
  /** Models and definition files, with commas. */
  models: string;
}

/** `gleaner eval --models a,b <definition> <gold>`: the same gold records through several models; tells which is best per dollar. */
export async function evalModelsCommand(
  { definition, gold, models }: ModelsToCompare,
  settings: Settings<typeof evalFlags>,
  terminal: Terminal,
): Promise<number> {
  refuseUnmeant(settings);
  const own = await loadDefinition(definition);
  const definitions = new Map<string, { reference: string; loaded: LoadedDefinition }>();
  const candidates: ModelCandidate[] = [];
  for (const name of namesIn(models) ?? []) {
    const isDefinition = /\.[cm]?[jt]s$/.test(name);
    const loaded = isDefinition ? await loadDefinition(name) : own;
    definitions.set(name, { reference: isDefinition ? name : definition, loaded });
    candidates.push({ name, extraction: loaded.extraction, ...(isDefinition ? {} : { model: name }) });
  }
  let exitCode = 0;
  const runCandidate = async (
    { name, extraction }: Required<ModelCandidate>,
    work: CandidateRun,
  ): Promise<RunSummary | undefined> => {
    const { reference, loaded } = definitions.get(name) ?? { reference: definition, loaded: own };
    const definitionDigest = await digestDefinitionSource(loaded.path);
    let summary: RunSummary | undefined;
    const about = {
      extraction: `${extraction.name} with ${name}`,
      input: settings.text('input') ?? gold,
      out: work.out,
      definition: reference,
      countRecords: () => Promise.resolve(work.input.length),
    };
    exitCode = await runWithTerminal(about, settings, terminal, async (options) => {
      const mediaRoot = settings.text('media-root') ?? work.mediaRoot;
      summary = await run(extraction, {
        ...options,
        ...work,
        definitionDigest,
        ...(mediaRoot === undefined ? {} : { mediaRoot }),
      });
      return summary;
    });
    return summary;
  };
  const compared = await compareModels(own.extraction, gold, {
    candidates,
    runCandidate,
    input: settings.text('input'),
    by: settings.text('by'),
    fields: namesIn(settings.text('fields')),
    sample: settings.number('sample'),
    out: settings.text('out'),
    maxCostUsd: settings.number('max-cost'),
    maxTotalTokens: settings.number('max-total-tokens'),
  });
  switch (compared.kind) {
    case 'capped':
      tell(
        `The other models have used up the cap, so nothing is left for ${compared.name}; raise it and repeat the command`,
      );
      return EXIT_CODES.capped;
    case 'stopped':
      tell(`${compared.name} did not come to its end, so nothing is compared; repeat the command`);
      return exitCode;
    case 'compared':
      break;
    default:
      return compared satisfies never;
  }
  const page = settings.text('html');
  if (page !== undefined) writePageFile(page, comparisonPage(compared.comparison));
  const { comparison } = compared;
  const text = settings.isOn('json') ? JSON.stringify(comparison) : visible(comparisonText(comparison));
  terminal.stdout.write(`${text}\n`);
  return comparison.best === null ? EXIT_CODES.checkFailed : EXIT_CODES.ok;

  function tell(line: string): void {
    terminal.stderr.write(`${visibleLine(line)}\n`);
  }
}

function refuseUnmeant(settings: Settings<typeof evalFlags>): void {
  for (const flag of ['fail-under', 'definition'] as const) {
    if (settings.text(flag) === undefined) continue;
    throw new GleanerError('usage', `Cannot use --${flag} with --models: it is for the results of one run`);
  }
}
