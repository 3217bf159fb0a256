import { ApiError } from '../completion/api-error.ts';
import { crc32c as sumOf, Crc32c } from '../files/crc32c.ts';
import { isJsonObject, type JsonValue } from '../json/value.ts';
import { backoffDelayMs } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import type { GoogleRest, RestAnswer } from './google-rest.ts';
import { readStoredObject, type StoredObject } from './stored-object.ts';
import { uploadFile, type UploadedFile } from './upload-file.ts';

export interface ReadOptions {
  /** The state to read. Default: the present one; whatever replaces it while it is read is not mixed in. */
  generation?: string | undefined;
  /** Bytes to pass over. */
  offset?: number | undefined;
  /** What the bytes of the whole object sum up to, for a reading from its first byte on: what arrives is held against it. */
  crc32c?: string | undefined;
  signal?: AbortSignal | undefined;
}

export interface CreateOptions {
  contentType?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Breaks of one reading in a row that brought nothing new. */
const MOST_BREAKS = 6;

/** A bucket of Cloud Storage, by its REST API. */
export class Bucket {
  readonly #rest: GoogleRest;
  readonly #bucket: string;

  constructor(rest: GoogleRest, bucket: string) {
    this.#rest = rest;
    this.#bucket = bucket;
  }

  urlOf(name: string): string {
    return `gs://${this.#bucket}/${name}`;
  }

  /** Writes an object that is not there yet. @returns undefined where one of that name is there */
  async create(
    name: string,
    content: string | Uint8Array,
    { contentType = 'application/octet-stream', signal }: CreateOptions = {},
  ): Promise<StoredObject | undefined> {
    const query = `uploadType=media&name=${encodeURIComponent(name)}&ifGenerationMatch=0`;
    const answer = await this.#rest.call({
      method: 'POST',
      path: `/upload/storage/v1/b/${this.#bucket}/o?${query}`,
      // The service takes no content that sums up to something else.
      headers: { 'content-type': contentType, 'x-goog-hash': `crc32c=${sumOf(Buffer.from(content))}` },
      body: content,
      task: `write ${this.urlOf(name)}`,
      expected: [412],
      signal,
    });
    if (answer.status !== 412) return readStoredObject(objectOf(await answer.body.json()));
    await answer.body.dump();
    return undefined;
  }

  /**
   * Uploads a file in pieces, going on after breaks, and makes an object of it that is not there yet. One that is there and holds the
   * same is taken for this: an earlier upload got through whose answer was lost.
   *
   * @throws {GleanerError} where the object is there and holds something else
   */
  upload(name: string, file: UploadedFile, signal?: AbortSignal): Promise<StoredObject> {
    return uploadFile(
      { rest: this.#rest, bucket: this.#bucket, url: this.urlOf(name), stat: () => this.stat(name, signal) },
      name,
      file,
      signal,
    );
  }

  /**
   * Uploads a file in the place of whatever is there now, but of nothing that comes there meanwhile.
   *
   * @param generation the state that it is to take the place of, `0` for none. Default: the present one
   */
  async replace(
    name: string,
    file: UploadedFile,
    { generation, signal }: Pick<ReadOptions, 'generation' | 'signal'> = {},
  ): Promise<StoredObject> {
    const stat = (): Promise<StoredObject | undefined> => this.stat(name, signal);
    const replaces = generation ?? (await stat())?.generation ?? '0';
    return uploadFile(
      { rest: this.#rest, bucket: this.#bucket, url: this.urlOf(name), stat, replaces },
      name,
      file,
      signal,
    );
  }

  /** What is known of an object; undefined where there is none. */
  async stat(name: string, signal?: AbortSignal): Promise<StoredObject | undefined> {
    const answer = await this.#rest.call({
      method: 'GET',
      path: this.#path(name),
      task: `look at ${this.urlOf(name)}`,
      expected: [404],
      signal,
    });
    if (answer.status !== 404) return readStoredObject(objectOf(await answer.body.json()));
    await answer.body.dump();
    return undefined;
  }

  /** Objects whose names begin like this, by name. */
  async *list(prefix: string, signal?: AbortSignal): AsyncGenerator<StoredObject> {
    let token: string | undefined;
    do {
      const query = new URLSearchParams({
        prefix,
        fields: 'items(name,size,generation,crc32c,contentEncoding),nextPageToken',
      });
      if (token !== undefined) query.set('pageToken', token);
      const page = await this.#rest.json({
        method: 'GET',
        path: `/storage/v1/b/${this.#bucket}/o?${query}`,
        task: `list ${this.urlOf(prefix)}`,
        signal,
      });
      const { items = [], nextPageToken } = page;
      for (const item of items as readonly JsonValue[]) if (isJsonObject(item)) yield readStoredObject(item);
      token = typeof nextPageToken === 'string' ? nextPageToken : undefined;
    } while (token !== undefined);
  }

  /**
   * Reads one state of an object as it is stored, going on after breaks where they came.
   *
   * @throws {GleanerError} where that state is not there any more
   * @throws {ApiError} where the connection breaks again and again, or other bytes arrive than are stored
   */
  async *read(
    name: string,
    { generation, offset = 0, crc32c, signal }: ReadOptions = {},
  ): AsyncGenerator<Buffer, void, undefined> {
    let pinned = generation;
    let position = offset;
    const sum = crc32c === undefined || offset > 0 ? undefined : new Crc32c();
    for (let breaks = 0; ;) {
      const from = position;
      const answer = await this.#get(name, { generation: pinned, offset: position, signal });
      if (answer.status === 416) return answer.body.dump();
      pinned ??= headerOf(answer, 'x-goog-generation');
      // A server that passes over the range sends all from the first byte on.
      let skip = answer.status === 206 ? 0 : position;
      try {
        for await (const chunk of answer.body as AsyncIterable<Buffer>) {
          const rest = skip === 0 ? chunk : chunk.subarray(Math.min(skip, chunk.length));
          skip -= chunk.length - rest.length;
          if (rest.length === 0) continue;
          position += rest.length;
          sum?.update(rest);
          yield rest;
        }
        const whole = lengthOf(answer);
        if (whole === undefined || position >= whole) {
          if (sum !== undefined && sum.digest() !== crc32c) throw this.#corrupt(name);
          return;
        }
      } catch (error) {
        signal?.throwIfAborted();
        if (error instanceof ApiError) throw error;
      }
      breaks = position > from ? 0 : breaks + 1;
      if (breaks >= MOST_BREAKS) {
        throw new ApiError(`Cannot read ${this.urlOf(name)}: the connection breaks again and again`, {
          kind: 'network',
          mayBeBilled: false,
        });
      }
      if (breaks > 0) await delay(backoffDelayMs(breaks - 1), signal);
    }
  }

  /** Removes an object, or that state of it. @returns whether it was there */
  async delete(
    name: string,
    { generation, signal }: Pick<ReadOptions, 'generation' | 'signal'> = {},
  ): Promise<boolean> {
    const pin = generation === undefined ? '' : `?ifGenerationMatch=${generation}`;
    const answer = await this.#rest.call({
      method: 'DELETE',
      path: `${this.#path(name)}${pin}`,
      task: `delete ${this.urlOf(name)}`,
      expected: [404, 412],
      signal,
    });
    await answer.body.dump();
    return answer.status < 300;
  }

  #corrupt(name: string): ApiError {
    return new ApiError(
      `Cannot read ${this.urlOf(name)}: other bytes arrived than are stored there (their CRC-32C differs)`,
      { kind: 'network', mayBeBilled: false },
    );
  }

  #get(
    name: string,
    { generation, offset, signal }: Required<Pick<ReadOptions, 'generation' | 'offset' | 'signal'>>,
  ): Promise<RestAnswer> {
    const pin = generation === undefined ? '' : `&generation=${generation}`;
    return this.#rest.call({
      method: 'GET',
      path: `${this.#path(name)}?alt=media${pin}`,
      // Otherwise a compressed object is unpacked on the way, and the range means nothing.
      headers: { 'accept-encoding': 'gzip', ...(offset === 0 ? {} : { range: `bytes=${offset}-` }) },
      task: `read ${this.urlOf(name)}`,
      expected: [416],
      signal,
    });
  }

  #path(name: string): string {
    return `/storage/v1/b/${this.#bucket}/o/${encodeURIComponent(name)}`;
  }
}

/** Bytes of the whole object, where the answer tells. */
function lengthOf(answer: RestAnswer): number | undefined {
  const range = /\/(\d+)$/.exec(headerOf(answer, 'content-range') ?? '')?.[1];
  const length = range ?? (answer.status === 200 ? headerOf(answer, 'content-length') : undefined);
  return length === undefined ? undefined : Number(length);
}

function headerOf({ headers }: RestAnswer, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

function objectOf(value: unknown): Parameters<typeof readStoredObject>[0] {
  return isJsonObject(value) ? value : {};
}
