import type { JobPlaces } from '../batch/line-store.ts';
import { Bucket } from '../cloud-storage/bucket.ts';
import { GoogleRest, type GoogleRestOptions } from '../cloud-storage/google-rest.ts';
import { parseStorageAddress } from '../cloud-storage/storage-address.ts';

/** A line of a job at the place where runs put theirs. */
export interface BatchTrial {
  /** What is written. */
  name: string;
  /** What helps, by the status of a refusal. */
  advice: Readonly<Partial<Record<number, string>>>;
  places: JobPlaces;
  write(line: string): Promise<void>;
  /** Whether the same is there. */
  holds(line: string): Promise<boolean>;
  remove(): Promise<void>;
  close(): Promise<void>;
}

/** As an object in Cloud Storage. @throws {GleanerError} for what is no place there */
export function bucketTrial(target: string, id: string, options: GoogleRestOptions): BatchTrial {
  const { bucket: name, path } = parseStorageAddress(target);
  const rest = new GoogleRest(options);
  const bucket = new Bucket(rest, name);
  const folder = `${path === '' ? '' : `${path}/`}${id}`;
  const input = `${folder}/input.jsonl`;
  return {
    name: bucket.urlOf(input),
    advice: { 403: `the role is roles/storage.objectUser on gs://${name}`, 404: `create the bucket gs://${name}` },
    places: {
      inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: [bucket.urlOf(input)] } },
      outputConfig: {
        predictionsFormat: 'jsonl',
        gcsDestination: { outputUriPrefix: bucket.urlOf(`${folder}/output`) },
      },
    },
    write: async (line) => void (await bucket.create(input, line)),
    holds: async (line) => {
      const chunks: Buffer[] = [];
      for await (const chunk of bucket.read(input)) chunks.push(chunk);
      return Buffer.concat(chunks).toString('utf8') === line;
    },
    remove: async () => void (await bucket.delete(input)),
    close: () => rest.close(),
  };
}
