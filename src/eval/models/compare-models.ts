import { dirname, join } from 'node:path';
import type { Extraction } from '../../extraction/definition.ts';
import { GleanerError } from '../../gleaner-error.ts';
import type { JsonObject } from '../../json/value.ts';
import type { RunOptions } from '../../run/run-options.ts';
import type { RunSummary } from '../../run/session/run-in-directory.ts';
import { chooseFields } from '../choose-fields.ts';
import { schemaFieldsOf } from '../comparators-for.ts';
import { readGold } from '../read-gold.ts';
import { compareCandidates, type Candidate, type CandidateComparison } from './compare-candidates.ts';
import { judgeCandidate } from './judge-candidate.ts';
import { sampleRecords } from './sample-records.ts';
import { SharedCaps } from './shared-caps.ts';

/** What is tried: a model, or a definition of its own. */
export interface ModelCandidate {
  name: string;
  /** Default: the extraction that is compared. */
  extraction?: Extraction;
  /** Default: the extraction's; null sends none. */
  model?: string | null;
}

/** What one candidate's run is to be begun with, beside the client and whatever else `run` takes. */
export interface CandidateRun extends Pick<
  RunOptions,
  'out' | 'mediaRoot' | 'acceptChanges' | 'model' | 'idField' | 'maxCostUsd' | 'maxTotalTokens'
> {
  input: JsonObject[];
}

export interface CompareModelsOptions {
  /** Names of models, or candidates with a definition of their own; each name once. */
  candidates: readonly (string | ModelCandidate)[];
  /** Runs a candidate over the sample, usually with `run`; undefined where it could not begin. */
  runCandidate(candidate: Required<ModelCandidate>, options: CandidateRun): Promise<RunSummary | undefined>;
  /** File of the records. Default: the gold file, whose gold columns are not sent. */
  input?: string | undefined;
  /** The column of the gold that holds the records' ids. Default `id`. */
  by?: string | undefined;
  /** Fields to look at. Default: all that gold and schema have. */
  fields?: readonly string[] | undefined;
  /** Most records to take, chosen by the hash of their ids. Default 100. */
  sample?: number | undefined;
  /** Directory of the candidates' run directories. Default `runs/eval-<name of the extraction>`. */
  out?: string | undefined;
  /** Cap in US dollars on all runs together, earlier sessions included. Default none. */
  maxCostUsd?: number | undefined;
  /** Cap on the tokens of all runs together, likewise. Default none. */
  maxTotalTokens?: number | undefined;
}

export type ModelsCompared =
  | { kind: 'compared'; comparison: CandidateComparison }
  /** A run that stopped before its end says nothing of its model; `summary` is absent where it did not begin. */
  | { kind: 'stopped'; name: string; summary?: RunSummary }
  /** What the caps leave for this candidate is nothing. */
  | { kind: 'capped'; name: string };

const DEFAULT_SAMPLE = 100;

/**
 * Runs a sample of the gold's records through several models or definitions, and compares what they answered: quality, cost, and whether
 * the difference is more than chance. Each has a run directory of its own, so that nothing is paid for twice.
 *
 * @throws {GleanerError} when the gold or the input cannot be used, or candidates cannot be told apart
 */
export async function compareModels(
  extraction: Extraction,
  goldPath: string,
  options: CompareModelsOptions,
): Promise<ModelsCompared> {
  const { by = 'id', input = goldPath, sample: size = DEFAULT_SAMPLE, out: folder } = options;
  const candidates = placeCandidates(extraction, options.candidates, folder ?? join('runs', `eval-${extraction.name}`));
  const gold = await readGold(goldPath, { by, fields: await schemaFieldsOf(extraction) });
  const { fields } = await chooseFields(gold, goldPath, { fields: options.fields, extraction });
  const idField = extraction.id === undefined ? by : undefined;
  // What is to be found must not stand in what is sent.
  const hidden = input === goldPath ? [...fields, 'data'] : [];
  const sample = await sampleRecords(gold, extraction, { input, size, idField, hidden });
  const caps = new SharedCaps(
    candidates.map(({ out }) => out),
    options,
  );
  const judged: Candidate[] = [];
  for (const { out, ...candidate } of candidates) {
    const { name, model } = candidate;
    const left = caps.leftFor(out);
    if (left === undefined) return { kind: 'capped', name };
    const summary = await options.runCandidate(candidate, {
      input: sample.records,
      out,
      mediaRoot: dirname(input),
      // Another sample or a changed definition: what was asked for before is not paid again.
      acceptChanges: true,
      ...(model === candidate.extraction.model ? {} : { model }),
      ...(idField === undefined ? {} : { idField }),
      ...left,
    });
    if (summary === undefined) return { kind: 'stopped', name };
    caps.note(out, summary);
    if (summary.status !== 'finished') return { kind: 'stopped', name, summary };
    judged.push(await judgeCandidate(sample, { ...candidate, model: summary.model, out, fields, usage: summary }));
  }
  return { kind: 'compared', comparison: compareCandidates(judged) };
}

function placeCandidates(
  extraction: Extraction,
  given: CompareModelsOptions['candidates'],
  folder: string,
): (Required<ModelCandidate> & { out: string })[] {
  const candidates = given.map((one) => {
    const { name, ...rest } = typeof one === 'string' ? { name: one, model: one } : one;
    const own = { extraction, ...rest };
    return { name, model: own.extraction.model ?? null, ...own, out: join(folder, name.replaceAll(/[^\w.-]+/g, '-')) };
  });
  if (candidates.length === 0) {
    throw new GleanerError('option-invalid', 'Cannot compare models: name at least one of them');
  }
  const twice = candidates.find(({ out }, at) => candidates.findIndex((other) => other.out === out) < at);
  if (twice === undefined) return candidates;
  throw new GleanerError(
    'option-invalid',
    `Cannot compare models: two of them would have the run directory ${twice.out}; name each once, and give definitions names of their own`,
  );
}
