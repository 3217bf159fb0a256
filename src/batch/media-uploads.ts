import type { ChatRequest } from '../completion/request.ts';
import { crc32c } from '../files/crc32c.ts';
import { GleanerError } from '../gleaner-error.ts';
import { holdsMedia, moveMedia, type LineMedia } from './line-media.ts';
import type { LineStore } from './line-store.ts';

const MOST_IN_FLIGHT = 16;
/** Names of files that are known to be there; more are forgotten, and tried again. */
const MOST_KNOWN = 100_000;

type MediaPlace = NonNullable<LineStore['media']>;

export interface MediaUploadsOptions {
  /** Where files can be put; undefined where there is no such place. */
  place: MediaPlace | undefined;
  /** Whether they may be put there. */
  isAllowed: boolean;
  /** Of this run. */
  folder: () => string;
  signal: AbortSignal;
}

/**
 * Puts the files that stand inside requests into Cloud Storage, each once, for the lines of jobs to name: a job echoes every line in full.
 * They go into a folder of the run, as a file of an earlier one may be deleted before the job comes to read it.
 */
export class MediaUploads {
  readonly #options: MediaUploadsOptions;
  readonly #known = new Set<string>();
  readonly #inFlight = new Set<Promise<void>>();
  #failure: { error: unknown } | undefined;

  constructor(options: MediaUploadsOptions) {
    this.#options = options;
  }

  get isAllowed(): boolean {
    return this.#options.isAllowed;
  }

  /** @throws {GleanerError} where files stand inside a request and may not be uploaded */
  check(request: Pick<ChatRequest, 'messages'>): void {
    if (!this.#options.isAllowed && holdsMedia(request)) throw refusal();
  }

  /** The request as a line has it; nothing is uploaded. */
  rename(request: ChatRequest): ChatRequest {
    return this.#options.place === undefined ? request : this.#move(request, this.#options.place).request;
  }

  /**
   * The request as a line has it, with the upload of its files begun.
   *
   * @throws {GleanerError} where files stand inside it and may not be uploaded
   */
  async place(request: ChatRequest): Promise<ChatRequest> {
    this.check(request);
    const { place } = this.#options;
    if (place === undefined) return request;
    const { request: placed, media } = this.#move(request, place);
    for (const file of media) await this.#begin(file, place);
    return placed;
  }

  /** Resolves when all files that were placed are there. @throws what stands against one of them, from then on each time: no job may name it */
  async settle(): Promise<void> {
    while (this.#inFlight.size > 0) await Promise.all(this.#inFlight);
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #move(request: ChatRequest, { bucket, path }: MediaPlace): ReturnType<typeof moveMedia> {
    return moveMedia(request, (name) => bucket.urlOf(this.#nameOf(name, path)));
  }

  #nameOf(name: string, path: string): string {
    return `${path === '' ? '' : `${path}/`}${this.#options.folder()}/${name}`;
  }

  async #begin(file: LineMedia, place: MediaPlace): Promise<void> {
    if (this.#known.has(file.name)) return;
    while (this.#inFlight.size >= MOST_IN_FLIGHT) await Promise.race(this.#inFlight);
    if (this.#failure !== undefined) return this.settle();
    if (this.#known.size >= MOST_KNOWN) this.#known.clear();
    this.#known.add(file.name);
    const upload = this.#upload(file, place)
      .catch((error: unknown) => {
        this.#known.delete(file.name);
        this.#failure ??= { error };
      })
      .finally(() => this.#inFlight.delete(upload));
    this.#inFlight.add(upload);
  }

  async #upload({ name, bytes, contentType }: LineMedia, { bucket, path: above }: MediaPlace): Promise<void> {
    const { signal } = this.#options;
    const path = this.#nameOf(name, above);
    if ((await bucket.create(path, bytes, { contentType, signal })) !== undefined) return;
    // An earlier session put it there, or somebody else something.
    const there = await bucket.stat(path, signal);
    if (there?.size === bytes.length && there.crc32c === crc32c(bytes)) return;
    throw new GleanerError(
      'run-refused',
      `Cannot write ${bucket.urlOf(path)}: something else stands there; delete it, or give another prefix`,
    );
  }
}

function refusal(): GleanerError {
  return new GleanerError(
    'media-unusable',
    'Cannot ask by batch jobs for records with files inside the request, since a job echoes them in full: name them by gs:// addresses in the prompt, or have them uploaded',
    { facts: { advice: 'batch-media' } },
  );
}
