import { Bucket } from '../cloud-storage/bucket.ts';
import { GoogleRest, type GoogleRestOptions } from '../cloud-storage/google-rest.ts';
import { parseStorageAddress } from '../cloud-storage/storage-address.ts';
import type { OutputFile } from './batch-event.ts';
import type { JobResource } from './job-client.ts';
import type { JobPlaces, LineStore, StoredShard } from './line-store.ts';
import { writeWhole } from './write-whole.ts';

/** Names of results; other files in the same place repeat them, or are not ours. */
const RESULTS = /^predictions\.jsonl(?:-\d+-of-\d+)?$/;
const DIRECTORY = /^gs:\/\/[^/]+\/(.+)$/;
const NEWLINE = Buffer.from('\n');

/** Lines of jobs as files in Cloud Storage. */
export class BucketLines implements LineStore {
  readonly place: string;
  readonly media: { bucket: Bucket; path: string };
  readonly #rest: GoogleRest;

  /** @throws {GleanerError} for what is no place in Cloud Storage */
  constructor(target: string, options: GoogleRestOptions) {
    const { bucket, path } = parseStorageAddress(target);
    this.place = `gs://${bucket}`;
    this.#rest = new GoogleRest(options);
    this.media = { bucket: new Bucket(this.#rest, bucket), path };
  }

  prefixOf(displayName: string): string {
    const { path } = this.media;
    return `${path === '' ? '' : `${path}/`}${displayName}`;
  }

  async put({ prefix, bytes }: StoredShard, path: string, signal: AbortSignal): Promise<string> {
    const file = { path, bytes, contentType: 'application/x-ndjson' };
    return (await this.media.bucket.upload(inputOf(prefix), file, signal)).generation;
  }

  placesOf(prefix: string): JobPlaces {
    const { bucket } = this.media;
    return {
      inputConfig: { instancesFormat: 'jsonl', gcsSource: { uris: [bucket.urlOf(inputOf(prefix))] } },
      outputConfig: {
        predictionsFormat: 'jsonl',
        gcsDestination: { outputUriPrefix: bucket.urlOf(outputOf(prefix)) },
      },
    };
  }

  async find({ prefix }: StoredShard, job: JobResource | undefined, signal: AbortSignal): Promise<OutputFile[]> {
    const directory = DIRECTORY.exec(job?.directory ?? '')?.[1];
    const found: OutputFile[] = [];
    const below = directory === undefined ? outputOf(prefix) : `${directory}/`;
    for await (const { name, generation, size, crc32c } of this.media.bucket.list(below, signal)) {
      if (!RESULTS.test(name.slice(name.lastIndexOf('/') + 1))) continue;
      found.push({ name, generation, size, ...(crc32c === undefined ? {} : { crc32c }) });
    }
    return found;
  }

  fetch(output: readonly OutputFile[], path: string, signal: AbortSignal): Promise<void> {
    return writeWhole(path, this.#piecesOf(output, signal), signal);
  }

  close(): Promise<void> {
    return this.#rest.close();
  }

  async *#piecesOf(output: readonly OutputFile[], signal: AbortSignal): AsyncGenerator<Uint8Array> {
    for (const { name, generation, crc32c } of output) {
      yield* this.media.bucket.read(name, { generation, crc32c, signal });
      // Each file ends in a line break, so that a torn last line takes nothing else with it.
      yield NEWLINE;
    }
  }
}

function inputOf(prefix: string): string {
  return `${prefix}/input.jsonl`;
}

function outputOf(prefix: string): string {
  return `${prefix}/output`;
}
