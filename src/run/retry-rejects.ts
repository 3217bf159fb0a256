import { nearestName } from '../text/nearest-name.ts';
import { rejectAdvice } from './session/reject-advice.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RejectEntry } from '../store/entries.ts';
import { differingParts, type Manifest } from '../store/manifest.ts';
import { refuseLostLogs, refuseLostRejects } from '../store/lost-ends.ts';
import { retryingRejects, takeRejects } from '../store/take-rejects.ts';
import { createBudget } from '../accounting/create-budget.ts';
import { prepareExtraction } from './prepare-extraction.ts';
import type { FeedRow } from './session/pending-records.ts';
import { runInDirectory, type RunSummary } from './session/run-in-directory.ts';
import { describeDifferences, adoptService } from './run-identity.ts';
import { describeIdleRetry, surveyRejects } from './session/survey-rejects.ts';
import { keepPromise } from './session/promise-keeper.ts';
import { retryPlan } from './session/session-plans.ts';
import { withRunDirectory } from './session/with-run-directory.ts';
import { settleRunOptions, type RunOptions } from './run-options.ts';

export interface RetryOptions extends Omit<
  RunOptions,
  'input' | 'format' | 'delimiter' | 'encoding' | 'fillShortRows' | 'acceptChanges' | 'limit' | 'lane'
> {
  /** Reject codes to try again. Default: all but `bad_record` and `definition_error`, which were never asked for. */
  codes?: readonly string[];
}

/**
 * Asks again for rejected records of a run, with a mended definition, another model or other settings, and merges what comes of
 * it into the run's results and rejects. The schema must be the run's: results of one run have one shape.
 *
 * @throws {GleanerError} when there is no such run, or it has another extraction or schema
 */
export async function retryRejects(extraction: Extraction, retryOptions: RetryOptions): Promise<RunSummary> {
  const { codes, ...others } = retryOptions;
  refuseUnknownCodes(codes);
  refuseLane(retryOptions);
  const options = settleRunOptions({ ...others, input: retryOptions.out });
  const prepared = await prepareExtraction(extraction, options);
  for (const warning of prepared.warnings) options.onNotice?.(warning);
  const accounts = createBudget(options, prepared);
  const stops = [options.signal, options.stopSignal].filter((signal) => signal !== undefined);
  const signal = stops.length === 0 ? undefined : AbortSignal.any(stops);
  refuseLostRejects(options.out);
  const survey = surveyRejects(options.out, (entry) => isWanted(entry, codes));
  // What asks for nothing needs no credentials.
  if (survey.hasWork) await options.client.prepare?.({ signal });
  else options.onNotice?.(describeIdleRetry(survey, codes));
  let identity: Manifest['identity'] = {};
  const admit = (previous: Manifest | undefined): void => {
    if (previous === undefined) {
      throw new GleanerError(
        'run-unreadable',
        `Cannot retry the rejects in ${options.out}: there is no run in it; name a directory that gleaner run has made`,
      );
    }
    refuseLostLogs(options.out, 'run-changes');
    adoptService(previous, { service: prepared.service.name }, { out: options.out, mayChange: false });
    refuseOtherShape(prepared.identity.translate(previous.identity), prepared.identity.shape, options.out);
    identity = previous.identity;
    takeRejects(options.out, previous, (entry) => isWanted(entry, codes));
  };
  return withRunDirectory({ ...options, signal }, admit, async ({ directory, cache }) => {
    const calibration = await keepPromise(prepared);
    const plan = retryPlan({ rows: retryRows(options.out), options, prepared, identity, calibration });
    return runInDirectory({ directory, cache, options, prepared, ...accounts, identity, plan });
  });
}

/** Whether a retry would ask for something; where it would not, it says so in a notice, and the run stays as it is. */
export function isIdleRetry(out: string, codes: readonly string[] | undefined): boolean {
  return !surveyRejects(out, (entry) => isWanted(entry, codes)).hasWork;
}

/** Programs without types may give one. */
function refuseLane({ lane, out }: { lane?: unknown; out: string }): void {
  if (lane === undefined) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot retry the rejects in ${out} by batch jobs: rejects are asked again call by call; leave "lane" out`,
  );
}

function refuseUnknownCodes(codes: readonly string[] = []): void {
  const unasked = NEVER_ASKED.find((code) => codes.includes(code));
  if (unasked !== undefined) {
    throw new GleanerError(
      'option-invalid',
      `Cannot retry rejects with the code ${unasked}: nothing was asked for them. ${WHAT_MENDS[unasked]}, and run again with the changes accepted`,
      { facts: { advice: 'run-changes', code: unasked } },
    );
  }
  const known = Object.keys(rejectAdvice);
  const unknown = codes.find((code) => !known.includes(code));
  if (unknown === undefined) return;
  const nearest = nearestName(unknown, known);
  const hint = nearest === undefined ? `the codes are ${known.join(', ')}` : `did you mean ${nearest}?`;
  throw new GleanerError(
    'option-invalid',
    `Cannot retry rejects with the code "${unknown}": there is no such code; ${hint}`,
  );
}

/** Rejects of the record itself, not of an answer. */
const NEVER_ASKED = ['bad_record', 'definition_error'] as const;
const WHAT_MENDS = {
  bad_record: 'Mend the rows in the input',
  definition_error: 'Mend the function of the definition',
} as const;

/** A bad record needs another input; `run --accept-changes` reads it again. */
function isWanted({ error, record, fingerprint }: RejectEntry, codes: readonly string[] | undefined): boolean {
  if (typeof record === 'string' || fingerprint === undefined) return false;
  return codes === undefined || codes.includes(error.code);
}

function refuseOtherShape(before: Manifest['identity'], now: Manifest['identity'], out: string): void {
  const parts = differingParts(before, now).filter((part) => part in now);
  if (parts.length === 0) return;
  throw new GleanerError(
    'run-unreadable',
    `Cannot retry the rejects in ${out}: ${describeDifferences(parts, before, now)}. Run the extraction again with its changes accepted to have another schema`,
    { facts: { advice: 'run-changes', parts } },
  );
}

/** The rejects as rows. They keep their fingerprints, by which the run knows the records when its input is read again. */
async function* retryRows(path: string): AsyncGenerator<FeedRow> {
  for (const { index, record, error, fingerprint } of retryingRejects(path)) {
    if (typeof record === 'string') continue;
    yield { kind: 'record', index, line: error.line ?? index + 1, fields: record, fingerprint };
  }
}
