import { dirname, join } from 'node:path';
import { chooseFields } from '../../eval/choose-fields.ts';
import { compareCandidates, type Candidate } from '../../eval/models/compare-candidates.ts';
import { comparisonPage } from '../../eval/models/comparison-page.ts';
import { comparisonText } from '../../eval/models/comparison-text.ts';
import { judgeCandidate } from '../../eval/models/judge-candidate.ts';
import { sampleRecords, type Sample } from '../../eval/models/sample-records.ts';
import { readGold } from '../../eval/read-gold.ts';
import type { Extraction } from '../../extraction/definition.ts';
import { digestDefinitionSource } from '../../extraction/definition-source.ts';
import { loadDefinition, type LoadedDefinition } from '../../extraction/load-definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { run } from '../../run/run.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { runWithTerminal } from '../run-with-terminal.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { namesIn, writePageFile } from './eval-command.ts';

const DEFAULT_SAMPLE = 100;

export interface ModelsCompared {
  definition: string;
  gold: string;
  /** Models and definition files, with commas. */
  models: string;
}

/** What is run: a definition with its model or another. */
interface Contender {
  name: string;
  definition: string;
  loaded: LoadedDefinition;
  model: string | undefined;
  out: string;
}

/** `gleaner eval --models a,b <definition> <gold>`: the same gold records through several models; tells which is best per dollar. */
export async function compareModels(
  { definition, gold: goldPath, models }: ModelsCompared,
  settings: Settings,
  terminal: Terminal,
): Promise<number> {
  refuseUnmeant(settings);
  const own = await loadDefinition(definition);
  const { extraction } = own;
  const by = settings.text('by') ?? 'id';
  const gold = await readGold(goldPath, { by });
  const { fields } = await chooseFields(gold, goldPath, { fields: namesIn(settings.text('fields')), extraction });
  const input = settings.text('input') ?? goldPath;
  const idField = extraction.id === undefined ? by : undefined;
  const sample = await sampleRecords(gold, extraction, {
    input,
    size: settings.number('sample') ?? DEFAULT_SAMPLE,
    idField,
    // What is to be found must not stand in what is sent.
    hidden: input === goldPath ? [...fields, 'data'] : [],
  });
  const folder = settings.text('out') ?? join('runs', `eval-${extraction.name}`);
  const contenders = await contendersOf(models, { definition, own, folder });
  const candidates: Candidate[] = [];
  for (const contender of contenders) {
    const { summary, exitCode } = await runContender(contender, { sample, input, idField }, settings, terminal);
    // A run that stopped before its end says nothing of its model.
    if (summary === undefined || ![EXIT_CODES.ok, EXIT_CODES.tooManyRejects].some((code) => code === exitCode)) {
      terminal.stderr.write(`${contender.name} did not come to its end, so nothing is compared; repeat the command\n`);
      return exitCode;
    }
    const { name, loaded, out } = contender;
    candidates.push(
      await judgeCandidate(sample, {
        name,
        model: summary.model,
        extraction: loaded.extraction,
        out,
        fields,
        usage: summary,
      }),
    );
  }
  const comparison = compareCandidates(candidates);
  const page = settings.text('html');
  if (page !== undefined) writePageFile(page, comparisonPage(comparison));
  const text = settings.isOn('json') ? JSON.stringify(comparison) : visible(comparisonText(comparison));
  terminal.stdout.write(`${text}\n`);
  return EXIT_CODES.ok;
}

function refuseUnmeant(settings: Settings): void {
  for (const flag of ['fail-under', 'definition'] as const) {
    if (settings.text(flag) === undefined) continue;
    throw new GleanerError('usage', `Cannot use --${flag} with --models: it is for the results of one run`);
  }
}

async function contendersOf(
  models: string,
  { definition, own, folder }: { definition: string; own: LoadedDefinition; folder: string },
): Promise<Contender[]> {
  const names = namesIn(models) ?? [];
  if (names.length === 0 || new Set(names).size < names.length) {
    throw new GleanerError(
      'usage',
      `Cannot compare --models ${models}: name models or definition files with commas, each once`,
    );
  }
  const contenders: Contender[] = [];
  for (const name of names) {
    const isDefinition = /\.[cm]?[jt]s$/.test(name);
    contenders.push({
      name,
      definition: isDefinition ? name : definition,
      loaded: isDefinition ? await loadDefinition(name) : own,
      model: isDefinition ? undefined : name,
      out: join(folder, name.replaceAll(/[^\w.-]+/g, '-')),
    });
  }
  const taken = new Set(contenders.map(({ out }) => out));
  if (taken.size < contenders.length) {
    throw new GleanerError('usage', `Cannot compare --models ${models}: two of them would share a run directory`);
  }
  return contenders;
}

async function runContender(
  { definition, loaded, model, out, name }: Contender,
  { sample, input, idField }: { sample: Sample; input: string; idField: string | undefined },
  settings: Settings,
  terminal: Terminal,
): Promise<{ summary: RunSummary | undefined; exitCode: number }> {
  const extraction: Extraction = loaded.extraction;
  const definitionDigest = await digestDefinitionSource(loaded.path);
  const work = {
    extraction: `${extraction.name} with ${name}`,
    input,
    out,
    definition,
    countRecords: () => Promise.resolve(sample.records.length),
  };
  let summary: RunSummary | undefined;
  const exitCode = await runWithTerminal(work, settings, terminal, async (options) => {
    summary = await run(extraction, {
      mediaRoot: dirname(input),
      ...options,
      input: sample.records,
      out,
      definitionDigest,
      // Another sample or a changed definition: what was asked for before is not paid again.
      acceptChanges: true,
      ...(model === undefined ? {} : { model }),
      ...(idField === undefined ? {} : { idField }),
    });
    return summary;
  });
  return { summary, exitCode };
}
