import { randomUUID } from 'node:crypto';
import { JobClient } from '../batch/job-client.ts';
import { vertexOrigin } from '../batch/vertex-origin.ts';
import { isInBigQuery } from '../bigquery/dataset-address.ts';
import { GoogleRest, type GoogleRestOptions, type HeaderSource } from '../cloud-storage/google-rest.ts';
import { GleanerError } from '../gleaner-error.ts';
import { attempt } from './attempt.ts';
import { bucketTrial, type BatchTrial } from './batch-trial.ts';
import type { CheckResult } from './check-result.ts';
import { skipped } from './check-service.ts';

export interface CheckBatchOptions {
  /** `gs://bucket/prefix` or `bq://project.dataset`, as a run would be given it. */
  target: string;
  project: string;
  location: string;
  credentials: HeaderSource;
  /** `google/…`; undefined where none is known. */
  model: string | undefined;
  /** The emulator's origin, in place of Google's hosts. */
  emulator?: string | undefined;
  proxy?: GoogleRestOptions['proxy'];
  userAgent?: string | undefined;
  /** Makes a job of one line, and cancels it at once. Default false. */
  send?: boolean | undefined;
}

/** One line that any model of Google's takes. */
const LINE = `${JSON.stringify({
  key: 'gleaner-doctor',
  request: { contents: [{ role: 'user', parts: [{ text: 'Answer with the word ready.' }] }] },
})}\n`;

/**
 * Tries what a run by batch jobs does: it writes, reads and removes one line at the place, lists jobs, and creates one if asked to.
 * Leaves nothing behind but, in that case, a cancelled job.
 *
 * @throws {GleanerError} for what is no place in Cloud Storage or BigQuery
 */
export async function* checkBatch(options: CheckBatchOptions): AsyncGenerator<CheckResult, void, void> {
  const { project, location, credentials, model, emulator, proxy, userAgent, send = false } = options;
  const rest = { credentials, proxy, userAgent, maxAttempts: 2 };
  const id = `gleaner-doctor-${randomUUID()}`;
  const trial = await trialAt(options, { id, ...rest });
  const vertex = new GoogleRest({ ...rest, origin: emulator ?? vertexOrigin(location) });
  try {
    const jobs = new JobClient(vertex, { project, location });
    const onProject = { 403: `the role is roles/aiplatform.user on the project ${project}` };

    const written = await attempt('write', trial.advice, async () => {
      await trial.write(LINE);
      return `${trial.name} is written`;
    });
    yield written;
    if (written.status === 'failed') yield* [skipped('read', 'nothing was written'), skipped('delete', 'the same')];
    else
      yield await attempt('read', trial.advice, async () =>
        (await trial.holds(LINE)) ? 'the same is read back' : fail('something else came back'),
      );

    const listed = await attempt('jobs', onProject, async () => {
      for await (const { state } of jobs.list('gleaner-doctor*')) void state;
      return `batch jobs of ${project} in ${location} can be listed`;
    });
    yield listed;
    if (!send)
      yield { ...skipped('batch job', 'none was created, which alone shows that one may be'), advice: 'have one made' };
    else if (model === undefined) yield skipped('batch job', 'no model is known; name one');
    else if (written.status === 'failed') yield skipped('batch job', 'its input could not be written');
    else
      yield await attempt(
        'batch job',
        { ...onProject, 404: `${location} has no batch jobs of ${model}: try another location, such as global` },
        async () => {
          const job = await jobs.create({
            displayName: id,
            model,
            places: trial.places,
            labels: {},
          });
          await jobs.cancel(job.name);
          return `${location} took a job of one line for ${model}, which was cancelled at once`;
        },
      );
    if (written.status !== 'failed')
      yield await attempt('delete', trial.advice, async () => {
        await trial.remove();
        return 'it is removed again';
      });
  } finally {
    await Promise.all([trial.close(), vertex.close()]);
  }
}

/** Tables are known of only where they are wanted. */
async function trialAt(
  { target, project, emulator }: CheckBatchOptions,
  { id, ...rest }: Omit<GoogleRestOptions, 'origin'> & { id: string },
): Promise<BatchTrial> {
  if (!isInBigQuery(target)) {
    return bucketTrial(target, id, { ...rest, origin: emulator ?? 'https://storage.googleapis.com' });
  }
  const { tableTrial } = await import('./table-trial.ts');
  return tableTrial(target, id, { ...rest, project, emulator });
}

function fail(message: string): never {
  throw new GleanerError('run-refused', message);
}
