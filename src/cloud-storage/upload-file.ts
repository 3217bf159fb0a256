import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { ApiError } from '../completion/api-error.ts';
import { Crc32c } from '../files/crc32c.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject } from '../json/value.ts';
import { backoffDelayMs } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import type { GoogleRest, RestAnswer } from './google-rest.ts';
import { readStoredObject, type StoredObject } from './stored-object.ts';

/** A file on this machine, and its size, which must not change. */
export interface UploadedFile {
  path: string;
  bytes: number;
  contentType?: string | undefined;
}

export interface UploadTarget {
  rest: GoogleRest;
  bucket: string;
  /** For messages. */
  url: string;
  /** The state that the file is to take the place of. Default: none, and an object that is there is not replaced. */
  replaces?: string | undefined;
  stat(): Promise<StoredObject | undefined>;
}

/** A multiple of 256 KiB, as Google demands of all pieces but the last. */
const PIECE_BYTES = 8 * 1024 * 1024;
const MOST_BREAKS = 6;

/** Puts a file into a bucket by a resumable upload. */
export async function uploadFile(
  target: UploadTarget,
  name: string,
  file: UploadedFile,
  signal: AbortSignal | undefined,
): Promise<StoredObject> {
  const session = await openSession(target, name, file, signal);
  const stored = session === undefined ? undefined : await sendPieces(target, session, file, signal);
  return stored ?? adopt(target, file);
}

/** @returns the address of the upload; undefined where the object is there */
async function openSession(
  { rest, bucket, url, replaces = '0' }: UploadTarget,
  name: string,
  { bytes, contentType = 'application/octet-stream' }: UploadedFile,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const answer = await rest.call({
    method: 'POST',
    path: `/upload/storage/v1/b/${bucket}/o?uploadType=resumable&name=${encodeURIComponent(name)}&ifGenerationMatch=${replaces}`,
    headers: {
      'content-type': 'application/json',
      'x-upload-content-type': contentType,
      'x-upload-content-length': String(bytes),
    },
    body: '{}',
    task: `begin to write ${url}`,
    expected: [412],
    signal,
  });
  await answer.body.dump();
  if (answer.status === 412) return undefined;
  const { location } = answer.headers;
  if (typeof location === 'string') return location;
  throw new ApiError(`Cannot write ${url}: no address came for the upload`, { kind: 'unreadable', mayBeBilled: false });
}

/** @returns undefined where another write made the object meanwhile */
async function sendPieces(
  target: UploadTarget,
  session: string,
  { path, bytes }: UploadedFile,
  signal: AbortSignal | undefined,
): Promise<StoredObject | undefined> {
  const file = await open(path);
  const sum = new Crc32c();
  let summed = 0;
  try {
    const piece = Buffer.allocUnsafe(Math.min(PIECE_BYTES, Math.max(1, bytes)));
    let position = 0;
    for (let breaks = 0; ;) {
      const { bytesRead } =
        bytes === 0 ? { bytesRead: 0 } : await file.read(piece, 0, Math.min(piece.length, bytes - position), position);
      // What is sent a second time is summed up once.
      if (position + bytesRead > summed) {
        sum.update(piece.subarray(summed - position, bytesRead));
        summed = position + bytesRead;
      }
      const range = bytes === 0 ? 'bytes */0' : `bytes ${position}-${position + bytesRead - 1}/${bytes}`;
      const before = position;
      try {
        const answer = await put(target, session, { range, body: piece.subarray(0, bytesRead), signal });
        if (answer.status !== 308) return checked(await endOf(answer), sum.digest(), target);
        position = await arrived(answer);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        signal?.throwIfAborted();
        const answer = await put(target, session, { range: `bytes */${bytes}`, body: undefined, signal });
        if (answer.status !== 308) return checked(await endOf(answer), sum.digest(), target);
        position = await arrived(answer);
      }
      breaks = position > before ? 0 : breaks + 1;
      if (breaks >= MOST_BREAKS)
        throw new ApiError(`Cannot write ${target.url}: nothing more of it arrives`, {
          kind: 'network',
          mayBeBilled: false,
        });
      if (breaks > 0) await delay(backoffDelayMs(breaks - 1), signal);
    }
  } finally {
    await file.close();
  }
}

function put(
  { rest, url }: UploadTarget,
  session: string,
  { range, body, signal }: { range: string; body: Uint8Array | undefined; signal: AbortSignal | undefined },
): Promise<RestAnswer> {
  return rest.call({
    method: 'PUT',
    path: session,
    headers: { 'content-range': range, ...(body === undefined ? { 'content-length': '0' } : {}) },
    body,
    task: `write ${url}`,
    expected: [308, 412],
    // How much of a piece has arrived is to be asked for before the rest is sent.
    canRepeat: body === undefined,
    signal,
  });
}

async function endOf(answer: RestAnswer): Promise<StoredObject | undefined> {
  if (answer.status !== 412) {
    const value: unknown = await answer.body.json();
    return readStoredObject(isJsonObject(value) ? value : {});
  }
  await answer.body.dump();
  return undefined;
}

/** What is stored must be what was sent. */
function checked(stored: StoredObject | undefined, sum: string, { url }: UploadTarget): StoredObject | undefined {
  if (stored?.crc32c === undefined || stored.crc32c === sum) return stored;
  throw new GleanerError(
    'run-refused',
    `Cannot write ${url}: other bytes are stored there than were sent (their CRC-32C differs); delete it and repeat the command`,
  );
}

/** How many bytes have arrived; without a range none have. */
async function arrived(answer: RestAnswer): Promise<number> {
  await answer.body.dump();
  const last = /^bytes=0-(\d+)$/.exec(String(answer.headers['range'] ?? ''))?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

/** Takes the object that is there for ours where it holds the same. */
async function adopt({ stat, url, replaces }: UploadTarget, { path, bytes }: UploadedFile): Promise<StoredObject> {
  const there = await stat();
  if (there !== undefined && there.size === bytes && there.crc32c === (await sumOf(path))) return there;
  const why =
    replaces === undefined
      ? 'something else stands there; give another prefix, or delete it'
      : 'something else was written there meanwhile; repeat the command if it is to be replaced';
  throw new GleanerError('run-refused', `Cannot write ${url}: ${why}`);
}

async function sumOf(path: string): Promise<string> {
  const sum = new Crc32c();
  for await (const chunk of createReadStream(path)) sum.update(chunk as Buffer);
  return sum.digest();
}
