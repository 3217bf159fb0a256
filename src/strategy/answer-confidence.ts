import { calibratedConfidence } from '../eval/calibration/calibrated-confidence.ts';
import { signalsOf } from '../eval/calibration/value-signals.ts';
import { compareRecord, type Comparators } from '../eval/compare-record.ts';
import type { ResultEvidence } from '../evidence/result-evidence.ts';
import type { CalibrationModel } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import type { CascadeOptions } from './cascade.ts';

export interface ConfidenceParts {
  /** Of the extraction, for messages. */
  name: string;
  comparators: Comparators;
  evidenceOf: ResultEvidence;
}

/**
 * Prepares how sure an answer is: as its least sure value, of the fields that have to agree, where some are named.
 *
 * @throws {GleanerError} for a calibration by signals that this version does not know
 */
export function confidenceBy(
  { calibration, fields }: { calibration: CalibrationModel; fields: readonly string[] | undefined },
  { name, comparators, evidenceOf }: ConfidenceParts,
): NonNullable<CascadeOptions['confidenceOf']> {
  const confidence = calibratedConfidence(calibration);
  if (confidence === undefined) {
    throw new GleanerError(
      'definition-invalid',
      `Cannot run the extraction ${name}: cascade.calibration goes by a signal that this version does not know; evaluate a run anew and take its calibration.json`,
    );
  }
  return ({ valid, confidence: agreement }, { fields: record }, { isAskedAgain }) => {
    const { json, answer, repaired, coerced, logprobs } = valid;
    if (!isJsonObject(json)) return 0;
    const evidence = evidenceOf({ data: json, ...(answer === undefined ? {} : { answer }) }, { fields: record });
    // As its line of results.jsonl would say it, which is what the calibration was made of.
    const attempts = isAskedAgain ? 2 : 1;
    const entry = { confidence: agreement, logprobs, repaired, coerced, attempts } as unknown as JsonObject;
    const signals = signalsOf(entry, evidence);
    // Held against nothing, each value that the answer has is one.
    const values = compareRecord({}, json, fields ?? Object.keys(json), comparators);
    return Math.min(1, ...values.map(({ path, answer: value = null }) => confidence(signals(path, value))));
  };
}
