import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { chooseFields } from './choose-fields.ts';
import { comparatorsFor } from './comparators-for.ts';
import { Evaluation, type EvaluationReport } from './evaluation.ts';
import { readGold } from './read-gold.ts';
import { readAnswers } from './read-answers.ts';

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
 *
 * @throws {GleanerError} when results or gold cannot be read, or a field is asked for that the gold does not have
 */
export async function evaluate(
  results: string,
  goldPath: string,
  options: EvaluateOptions = {},
): Promise<EvaluationReport> {
  const gold = await readGold(goldPath, { by: options.by ?? 'id' });
  const { fields, ignored } = await chooseFields(gold, goldPath, options);
  const comparators = await comparatorsFor(options.extraction);
  const evaluation = new Evaluation({ fields, comparators, ignoredFields: ignored });
  const rest = new Set(gold.records.keys());
  for (const { id, data } of readAnswers(results)) {
    const wanted = gold.records.get(id);
    if (wanted === undefined) {
      evaluation.addWithoutGold(id);
    } else if (rest.delete(id)) {
      evaluation.add(id, wanted, data);
    } else {
      throw new GleanerError(
        'run-unreadable',
        `Cannot evaluate ${results}: two of its results have the id ${JSON.stringify(id)}`,
      );
    }
  }
  for (const id of rest) evaluation.add(id, gold.records.get(id) ?? {}, undefined);
  return evaluation.report();
}
