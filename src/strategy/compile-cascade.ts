import { checkRequest } from '../completion/check-request.ts';
import { comparatorsOver } from '../eval/comparators-for.ts';
import { compareRecord, type Comparators } from '../eval/compare-record.ts';
import { resultEvidence } from '../evidence/result-evidence.ts';
import type { CascadeOption } from '../extraction/definition.ts';
import type { RequestChanges } from '../extraction/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import { canonicalJson } from '../json/canonical.ts';
import { isJsonObject } from '../json/value.ts';
import type { PromiseKeeper } from '../cascade/calibration.ts';
import type { Strategy } from '../run/ports.ts';
import type { PreparedExtraction } from '../run/prepare-extraction.ts';
import { confidenceBy, type ConfidenceParts } from './answer-confidence.ts';
import { cascade, type CascadeGate, type CascadeOptions, type EscalationReason } from './cascade.ts';

const DEFAULT_REASONS: readonly EscalationReason[] = ['invalid', 'truncated', 'ungrounded'];

/**
 * Prepares the cascade of a definition over the strategies that ask its two models.
 *
 * @throws {GleanerError} where the strong model does not take the request, or is the cheap one
 */
export function compileCascade(
  prepared: PreparedExtraction,
  { cascade: given }: { cascade: CascadeOption },
  { cheap, strong, calibration }: { cheap: Strategy; strong: Strategy; calibration: PromiseKeeper | undefined },
): Strategy {
  const { name, reading, derived, prompt } = prepared;
  const strongChanges = changesOf(given.strong);
  const cheapChanges = given.model === undefined ? undefined : { model: given.model };
  refuseWrongRequest(prepared, strongChanges);
  // With variants the cheap answer is one of several requests, and their own may have the last word.
  if (reading.variants === undefined) refuseSameRequest(prepared, { cheap: cheapChanges, strong: strongChanges });
  const evidenceOf = resultEvidence(derived.outputSchema, reading.prompt, () => prompt);
  const comparators = comparatorsOver(derived.outputSchema, reading.evaluate);
  const hasReadings = reading.samples !== undefined || reading.variants !== undefined;
  // With a promise, the score decides where the rules say nothing.
  const standard = given.agree === undefined ? DEFAULT_REASONS : DEFAULT_REASONS.slice(0, 2);
  return cascade({
    cheap,
    strong,
    cheapChanges,
    strongChanges,
    when: new Set(given.when ?? (hasReadings && given.agree === undefined ? [...standard, 'disagree'] : standard)),
    isGrounded: ({ json, answer }, { fields }) =>
      evidenceOf({ data: json, ...(answer === undefined ? {} : { answer }) }, { fields }).every(
        ({ match }) => match !== 'none',
      ),
    confidenceOf: confidenceOf(given, { name, comparators, evidenceOf }),
    gate: calibration && gateOf(calibration, comparators, given.fields),
  });
}

function confidenceOf(given: CascadeOption, parts: ConfidenceParts): CascadeOptions['confidenceOf'] {
  const { calibration, fields } = given;
  return calibration && confidenceBy({ calibration, fields }, parts);
}

function gateOf(
  calibration: PromiseKeeper,
  comparators: Comparators,
  fields: readonly string[] | undefined,
): CascadeGate {
  return {
    reasonAgainst: ({ id }, score) => calibration.reasonAgainst(id, score),
    isTrial: ({ id }, score) => calibration.isTrial(id, score),
    agrees: ({ json: cheap }, strong) => {
      if (strong.kind === 'rejected') return false;
      const { json } = strong.valid;
      if (!isJsonObject(cheap) || !isJsonObject(json)) return false;
      const names = fields ?? [...new Set([...Object.keys(json), ...Object.keys(cheap)])];
      return compareRecord(json, cheap, names, comparators).every(({ status }) => status === 'match');
    },
  };
}

function changesOf(strong: CascadeOption['strong']): RequestChanges {
  if (typeof strong === 'string') return { model: strong };
  return strong.request === undefined ? { model: strong.model } : { model: strong.model, settings: strong.request };
}

/** What the strong model does not take would otherwise show at the first record that is escalated. */
function refuseWrongRequest({ name, buildRequest }: PreparedExtraction, changes: RequestChanges): void {
  const problems = checkRequest(buildRequest([{ role: 'user', content: name }], changes));
  const refusals = problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
  if (refusals.length === 0) return;
  throw new GleanerError(
    'request-invalid',
    `Cannot run the extraction ${name}: ${refusals.join('; ')}; give cascade.strong request settings of its own`,
  );
}

/** The same request would ask the model twice, and hold its answers against themselves. */
function refuseSameRequest(
  { name, buildRequest }: PreparedExtraction,
  { cheap, strong }: { cheap: RequestChanges | undefined; strong: RequestChanges },
): void {
  const asked = [cheap, strong].map((changes) =>
    canonicalJson(buildRequest([{ role: 'user', content: name }], changes)),
  );
  if (asked[0] !== asked[1]) return;
  throw new GleanerError(
    'definition-invalid',
    `Cannot run the extraction ${name}: cascade.strong is ${strong.model ?? 'no model'} with the settings of the cheap model, so that the same would be asked twice; name a stronger model, or give it settings of its own as { model, request }`,
  );
}
