import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Extraction } from '../extraction/definition.ts';
import { readPlacedJsonLines } from '../files/read-json-lines.ts';
import { describeSystemError } from '../files/system-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { deriveSchema } from '../schema/derive.ts';
import { fileNames } from '../store/run-directory.ts';
import { nearestName } from '../text/nearest-name.ts';
import type { Comparator } from './comparator.ts';
import type { Comparators } from './compare-record.ts';
import { Evaluation, type EvaluationReport } from './evaluation.ts';
import { readGold, type Gold } from './read-gold.ts';
import { comparatorsOf } from './schema-comparators.ts';

export interface EvaluateOptions {
  /** The definition whose results these are: its schema and its `evaluate` say how fields are compared. Default: what the values are. */
  extraction?: Pick<Extraction, 'name' | 'schema' | 'evaluate'> | undefined;
  /** The column of the gold that holds the records' ids. Default `id`. */
  by?: string | undefined;
  /** Fields to look at. Default: all that the gold has. */
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
  const fields = chooseFields(options.fields, gold, goldPath);
  const evaluation = new Evaluation({ fields, comparators: await comparatorsFor(options.extraction) });
  const rest = new Set(gold.records.keys());
  for (const { id, data } of readAnswers(resultsFile(results))) {
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

function chooseFields(wanted: readonly string[] | undefined, gold: Gold, path: string): readonly string[] {
  for (const field of wanted ?? []) {
    if (gold.fields.includes(field)) continue;
    const nearest = nearestName(field, gold.fields);
    const hint = nearest === undefined ? `it has ${gold.fields.join(', ')}` : `did you mean "${nearest}"?`;
    throw new GleanerError(
      'option-invalid',
      `Cannot compare the field "${field}": ${path} has none of that name; ${hint}`,
    );
  }
  return wanted ?? gold.fields;
}

async function comparatorsFor(extraction: EvaluateOptions['extraction']): Promise<Comparators> {
  const comparators = new Map<string, Comparator>();
  if (extraction === undefined) return comparators;
  const { outputSchema } = await deriveSchema(extraction.schema, { dialect: 'whole' });
  for (const [field, comparator] of comparatorsOf(outputSchema)) comparators.set(field, comparator);
  for (const [field, comparator] of Object.entries(extraction.evaluate ?? {})) comparators.set(field, comparator);
  return comparators;
}

function resultsFile(path: string): string {
  try {
    return statSync(path).isDirectory() ? join(path, fileNames.results) : path;
  } catch (error) {
    throw new GleanerError('run-unreadable', `Cannot read the results ${path}: ${describeSystemError(error)}`, {
      cause: error,
    });
  }
}

function* readAnswers(path: string): Generator<{ id: string; data: JsonObject }> {
  let line = 0;
  for (const { value } of readPlacedJsonLines(path)) {
    line += 1;
    const { id, data } = value;
    if ((typeof id !== 'string' && typeof id !== 'number') || !isJsonObject(data)) {
      throw new GleanerError(
        'run-unreadable',
        `Cannot evaluate ${path}: line ${line} is no result, which has "id" and "data"; name a run directory or its results.jsonl`,
      );
    }
    yield { id: String(id), data };
  }
}
