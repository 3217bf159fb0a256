import { randomUUID } from 'node:crypto';
import { JobClient } from '../batch/job-client.ts';
import { vertexOrigin } from '../batch/vertex-origin.ts';
import { Bucket } from '../cloud-storage/bucket.ts';
import { GoogleRest, type GoogleRestOptions, type HeaderSource } from '../cloud-storage/google-rest.ts';
import { parseStorageAddress } from '../cloud-storage/storage-address.ts';
import { GleanerError } from '../gleaner-error.ts';
import { attempt } from './attempt.ts';
import type { CheckResult } from './check-result.ts';
import { skipped } from './check-service.ts';

export interface CheckBatchOptions {
  /** `gs://bucket/prefix`, as a run would be given it. */
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
 * Tries what a run by batch jobs does: it writes, reads and removes a small object below the place, lists jobs, and creates one if asked to.
 * Leaves nothing behind but, in that case, a cancelled job.
 *
 * @throws {GleanerError} for what is no place in Cloud Storage
 */
export async function* checkBatch(options: CheckBatchOptions): AsyncGenerator<CheckResult, void, void> {
  const { target, project, location, credentials, model, emulator, proxy, userAgent, send = false } = options;
  const { bucket: name, path } = parseStorageAddress(target);
  const rest = { credentials, proxy, userAgent, maxAttempts: 2 };
  const storage = new GoogleRest({ ...rest, origin: emulator ?? 'https://storage.googleapis.com' });
  const vertex = new GoogleRest({ ...rest, origin: emulator ?? vertexOrigin(location) });
  try {
    const bucket = new Bucket(storage, name);
    const jobs = new JobClient(vertex, { project, location });
    const folder = `${path === '' ? '' : `${path}/`}gleaner-doctor-${randomUUID()}`;
    const input = `${folder}/input.jsonl`;
    const onBucket = {
      403: `the role is roles/storage.objectUser on gs://${name}`,
      404: `create the bucket gs://${name}`,
    };
    const onProject = { 403: `the role is roles/aiplatform.user on the project ${project}` };

    const written = await attempt('write', onBucket, async () => {
      await bucket.create(input, LINE);
      return `${bucket.urlOf(input)} is written`;
    });
    yield written;
    if (written.status === 'failed') yield* [skipped('read', 'nothing was written'), skipped('delete', 'the same')];
    else
      yield await attempt('read', onBucket, async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of bucket.read(input)) chunks.push(chunk);
        return Buffer.concat(chunks).toString('utf8') === LINE
          ? 'the same is read back'
          : fail('other bytes came back');
      });

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
            displayName: folder.slice(folder.lastIndexOf('/') + 1),
            model,
            places: {
              inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: [bucket.urlOf(input)] } },
              outputConfig: {
                predictionsFormat: 'jsonl',
                gcsDestination: { outputUriPrefix: bucket.urlOf(`${folder}/output`) },
              },
            },
            labels: {},
          });
          await jobs.cancel(job.name);
          return `${location} took a job of one line for ${model}, which was cancelled at once`;
        },
      );
    if (written.status !== 'failed')
      yield await attempt('delete', onBucket, async () => {
        await bucket.delete(input);
        return 'it is removed again';
      });
  } finally {
    await Promise.all([storage.close(), vertex.close()]);
  }
}

function fail(message: string): never {
  throw new GleanerError('run-refused', message);
}
