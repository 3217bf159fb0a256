import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { calibrate, type LabelledValue } from './calibration/calibrate.ts';
import { signalsOf, type ValueSignals } from './calibration/value-signals.ts';
import { chooseFields, doubtfulColumns } from './choose-fields.ts';
import { comparatorsFor, schemaFieldsOf } from './comparators-for.ts';
import type { ComparedLeaf } from './compare-record.ts';
import { Evaluation, type EvaluationReport } from './evaluation.ts';
import { readGold } from './read-gold.ts';
import { describeLost, findUnfinished } from './unfinished-run.ts';
import { readAnswers, readEvidence } from './read-answers.ts';

export interface EvaluateOptions {
  /** The definition whose results these are: its schema and its `evaluate` say how fields are compared. Default: what the values are. */
  extraction?: Pick<Extraction, 'name' | 'schema' | 'evaluate'> | undefined;
  /** The column of the gold that holds the records' ids. Default `id`. */
  by?: string | undefined;
  /** Fields to look at. Default: all that the gold has, of a definition's those that its schema has. */
  fields?: readonly string[] | undefined;
}

/**
 * Compares the results of a run directory, or of a file like its results.jsonl, with gold: records whose values are known. No call is made.
 * Of a run that has not finished, the gold of records that are still to come is left out.
 *
 * @throws {GleanerError} when results or gold cannot be read, or a field is asked for that the gold does not have
 */
export async function evaluate(
  results: string,
  goldPath: string,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const { by = 'id' } = options;
  const gold = await readGold(goldPath, { by, fields: await answeredFields(results, options) });
  const { fields, ignored, doubts } = await chooseFields(gold, goldPath, options);
  const comparators = await comparatorsFor(options.extraction);
  const evaluation = new Evaluation({ fields, comparators, ignoredFields: ignored });
  const rest = new Set(gold.records.keys());
  const evidence = readEvidence(results, gold.records);
  const labelled: LabelledValue[] = [];
  const answered = new Set<string>();
  const warnings = [...doubts];
  for (const { id, data, entry } of readAnswers(results)) {
    if (isJsonObject(data)) for (const field of Object.keys(data)) answered.add(field);
    const wanted = gold.records.get(id);
    if (wanted === undefined) {
      evaluation.addWithoutGold(id);
    } else if (rest.delete(id)) {
      const leaves = evaluation.add(id, wanted, data);
      labelled.push(...labelledValues(id, leaves, entry, evidence?.get(id)));
    } else {
      throw new GleanerError(
        'run-unreadable',
        `Cannot evaluate ${results}: two of its results have the id ${JSON.stringify(id)}`,
      );
    }
  }
  if (options.fields === undefined && options.extraction === undefined && answered.size > 0) {
    const unanswered = fields.filter((field) => !answered.has(field));
    warnings.push(...doubtfulColumns(unanswered, answered, { gold, whose: 'The results have' }));
  }
  const lost = describeLost(results);
  if (lost !== undefined) warnings.push(lost);
  const unfinished = findUnfinished(results, rest);
  for (const id of unfinished?.rejected ?? rest) evaluation.add(id, gold.records.get(id) ?? {}, undefined);
  const calibration = labelled.some(({ signals }) => tellsSomething(signals)) ? calibrate(labelled) : undefined;
  const report = evaluation.report();
  return {
    ...report,
    ...(unfinished === undefined ? {} : { unfinished: unfinished.run }),
    warnings: [...warnings, ...report.warnings],
    ...(calibration === undefined ? {} : { calibration }),
  };
}

/** The fields that answers have: the schema's, or without a definition those of the first answer. */
async function answeredFields(
  results: string,
  { extraction }: EvaluateOptions,
): Promise<readonly string[] | undefined> {
  const known = extraction && (await schemaFieldsOf(extraction));
  if (known !== undefined) return known;
  for (const { data } of readAnswers(results)) return Object.keys(data);
  return undefined;
}

/** What answered values show of themselves, and whether they are right. What people said of a record is no answer of the model. */
function labelledValues(
  id: string,
  leaves: readonly ComparedLeaf[],
  entry: JsonObject,
  evidence: readonly Evidence[] | undefined,
): LabelledValue[] {
  if (entry['labels'] !== undefined) return [];
  const signals = signalsOf(entry, evidence);
  return leaves
    .filter(({ status }) => status !== 'omission')
    .map(({ path, status, answer = null }) => ({ id, signals: signals(path, answer), isRight: status === 'match' }));
}

/** Every run has repairs and calls that failed: alone they are no ground for a confidence. */
function tellsSomething({ agreement, evidence, logprob }: ValueSignals): boolean {
  return agreement !== undefined || evidence !== undefined || logprob !== undefined;
}
