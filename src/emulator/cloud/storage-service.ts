import { crc32c } from '../../files/crc32c.ts';
import type { JsonValue } from '../../json/value.ts';
import { empty, failure, json, notFound, type CloudReply } from './cloud-reply.ts';
import { ObjectTable, resourceOf, type EmulatedObject } from './object-table.ts';

export interface StorageCall {
  method: string;
  url: URL;
  headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  body: Buffer;
}

interface Upload {
  bucket: string;
  name: string;
  contentType: string;
  ifGenerationMatch: string | undefined;
  pieces: Buffer[];
  received: number;
  /** What it became, so that a repeated last piece gets the same answer. */
  done: EmulatedObject | undefined;
}

const OBJECT = /^\/storage\/v1\/b\/([^/]+)\/o\/([^/]+)$/;
const LIST = /^\/storage\/v1\/b\/([^/]+)\/o$/;
const INSERT = /^\/upload\/storage\/v1\/b\/([^/]+)\/o$/;
const PIECE_BYTES = 256 * 1024;
const PAGE = 1000;

/** Whether a path is one of Cloud Storage. */
export function isStoragePath(path: string): boolean {
  return OBJECT.test(path) || LIST.test(path) || INSERT.test(path);
}

/**
 * Cloud Storage's JSON API, as far as it is used: strict on preconditions, pieces of resumable uploads and pinned generations, where
 * other doubles are lax.
 */
export class StorageService {
  readonly table = new ObjectTable();
  readonly #uploads = new Map<string, Upload>();
  readonly #breakEvery: number;
  #transfers = 0;

  /** @param breakEvery every so many transfers of a body break in the middle; 0 for never */
  constructor(breakEvery: number) {
    this.#breakEvery = breakEvery;
  }

  reset(): void {
    this.table.reset();
    this.#uploads.clear();
    this.#transfers = 0;
  }

  reply(call: StorageCall, origin: string): CloudReply {
    const { method, url } = call;
    const [, bucket = '', encoded = ''] = OBJECT.exec(url.pathname) ?? [];
    if (bucket !== '') return this.#object(call, bucket, decodeURIComponent(encoded));
    const [, listed] = LIST.exec(url.pathname) ?? [];
    if (listed !== undefined && method === 'GET') return this.#list(listed, url.searchParams);
    const [, target] = INSERT.exec(url.pathname) ?? [];
    if (target !== undefined) return this.#insert(call, target, origin);
    return notFound('The route');
  }

  #object({ method, url, headers }: StorageCall, bucket: string, name: string): CloudReply {
    const object = this.table.get(bucket, name);
    const generation = url.searchParams.get('generation');
    const isThere = object !== undefined && (generation === null || generation === object.generation);
    if (!isThere) return notFound(`No such object: ${bucket}/${name}. It`);
    if (!this.table.meets(bucket, name, { ifGenerationMatch: url.searchParams.get('ifGenerationMatch') ?? undefined }))
      return conditionNotMet();
    if (method === 'DELETE') {
      this.table.delete(bucket, name);
      return empty(204);
    }
    if (method !== 'GET') return notFound('The route');
    if (url.searchParams.get('alt') !== 'media') return json(resourceOf(object));
    return this.#download(object, headers['range']);
  }

  #download(object: EmulatedObject, range: string | readonly string[] | undefined): CloudReply {
    const { content, generation, contentType } = object;
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(String(range ?? '')) ?? [];
    const from = Number(first ?? 0);
    if (first !== undefined && from >= content.length) {
      return { ...empty(416, { 'content-range': `bytes */${content.length}` }) };
    }
    const to = last === undefined || last === '' ? content.length - 1 : Math.min(Number(last), content.length - 1);
    const headers: Record<string, string> = { 'content-type': contentType, 'x-goog-generation': generation };
    if (first !== undefined) headers['content-range'] = `bytes ${from}-${to}/${content.length}`;
    const body = content.subarray(from, to + 1);
    return { status: first === undefined ? 200 : 206, headers, body, isBroken: this.#breaks() };
  }

  #list(bucket: string, query: URLSearchParams): CloudReply {
    const after = query.get('pageToken');
    const size = Math.min(Number(query.get('maxResults') ?? PAGE), PAGE);
    const all = this.table.list(bucket, query.get('prefix') ?? '').filter(({ name }) => after === null || name > after);
    const items = all.slice(0, size).map(resourceOf);
    const last = all[size - 1];
    return json({
      kind: 'storage#objects',
      ...(items.length === 0 ? {} : { items }),
      ...(all.length > size && last !== undefined ? { nextPageToken: last.name } : {}),
    } as JsonValue);
  }

  #insert(call: StorageCall, bucket: string, origin: string): CloudReply {
    const { method, url, headers, body } = call;
    const id = url.searchParams.get('upload_id');
    if (method === 'PUT' && id !== null) return this.#piece(id, String(headers['content-range'] ?? ''), body);
    if (method !== 'POST') return notFound('The route');
    const name = url.searchParams.get('name') ?? '';
    const ifGenerationMatch = url.searchParams.get('ifGenerationMatch') ?? undefined;
    if (!this.table.meets(bucket, name, { ifGenerationMatch })) return conditionNotMet();
    if (url.searchParams.get('uploadType') === 'media') {
      const [, sum] = /(?:^|,)\s*crc32c=([^,\s]+)/.exec(String(headers['x-goog-hash'] ?? '')) ?? [];
      if (sum !== undefined && sum !== crc32c(body)) return badRange('Provided CRC32C does not match the content.');
      return json(resourceOf(this.table.put(bucket, name, body, String(headers['content-type'] ?? ''))));
    }
    const session = `u${this.#uploads.size + 1}`;
    const contentType = String(headers['x-upload-content-type'] ?? 'application/octet-stream');
    this.#uploads.set(session, {
      bucket,
      name,
      contentType,
      ifGenerationMatch,
      pieces: [],
      received: 0,
      done: undefined,
    });
    return empty(200, { location: `${origin}${url.pathname}?uploadType=resumable&upload_id=${session}` });
  }

  #piece(id: string, range: string, body: Buffer): CloudReply {
    const upload = this.#uploads.get(id);
    if (upload === undefined) return notFound('The upload');
    if (upload.done !== undefined) return json(resourceOf(upload.done));
    const [, first, last, total] = /^bytes (?:(\d+)-(\d+)|\*)\/(\d+|\*)$/.exec(range) ?? [];
    if (total === undefined) return badRange(`Failed to parse Content-Range header: ${range}`);
    if (first === undefined) return total === String(upload.received) ? this.#finish(upload) : progress(upload);
    if (Number(first) !== upload.received || Number(last) - Number(first) + 1 !== body.length) {
      return badRange(`The range ${range} does not follow the ${upload.received} bytes that have arrived.`);
    }
    const isLast = total !== '*' && Number(last) + 1 === Number(total);
    if (!isLast && body.length % PIECE_BYTES !== 0) return badRange('Pieces must be multiples of 256 KiB.');
    const isBroken = this.#breaks();
    // What is taken of a piece that breaks is a multiple of 256 KiB as well.
    const taken = isBroken ? body.subarray(0, Math.floor(body.length / 2 / PIECE_BYTES) * PIECE_BYTES) : body;
    upload.pieces.push(Buffer.from(taken));
    upload.received += taken.length;
    if (isBroken) return { ...empty(503), isBroken };
    return isLast ? this.#finish(upload) : progress(upload);
  }

  #finish(upload: Upload): CloudReply {
    const { bucket, name, contentType, ifGenerationMatch, pieces } = upload;
    if (!this.table.meets(bucket, name, { ifGenerationMatch })) return conditionNotMet();
    upload.done = this.table.put(bucket, name, Buffer.concat(pieces), contentType);
    upload.pieces = [];
    return json(resourceOf(upload.done));
  }

  #breaks(): boolean {
    this.#transfers += 1;
    return this.#breakEvery > 0 && this.#transfers % this.#breakEvery === 0;
  }
}

function progress({ received }: Upload): CloudReply {
  return empty(308, received === 0 ? {} : { range: `bytes=0-${received - 1}` });
}

function conditionNotMet(): CloudReply {
  return failure({
    code: 412,
    status: 'FAILED_PRECONDITION',
    message: 'At least one of the pre-conditions you specified did not hold.',
  });
}

function badRange(message: string): CloudReply {
  return failure({ code: 400, status: 'INVALID_ARGUMENT', message });
}
