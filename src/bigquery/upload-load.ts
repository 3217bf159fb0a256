import { open, type FileHandle } from 'node:fs/promises';
import { ApiError } from '../completion/api-error.ts';
import type { RestAnswer } from '../cloud-storage/google-rest.ts';
import type { JsonObject } from '../json/value.ts';
import { backoffDelayMs } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import type { BigQuery } from './big-query.ts';
import type { RowsFile } from './rows-file.ts';

export interface LoadUpload {
  jobId: string;
  location: string;
  load: JsonObject;
  file: RowsFile;
  /** For messages. */
  task: string;
  /** A multiple of 256 KiB, as Google demands of all pieces but the last. Default 8 MiB. */
  pieceBytes?: number | undefined;
}

const MOST_BREAKS = 6;

/**
 * Begins a load job together with what it loads. Whether it was begun is told by its id alone: where an answer is lost, or a job of that
 * id is there, that job is it.
 */
export async function uploadLoad(client: BigQuery, upload: LoadUpload, signal?: AbortSignal): Promise<void> {
  const file = await open(upload.file.path);
  try {
    for (let breaks = 0; ;) {
      const session = await openSession(client, upload, signal);
      const isBegun = session === undefined || (await sendPieces({ client, upload, session, file }, signal));
      if (isBegun || (await client.job(upload.jobId, upload.location, signal)) !== undefined) return;
      breaks += 1;
      if (breaks >= MOST_BREAKS) throw broken(upload);
      await delay(backoffDelayMs(breaks, client.backoff), signal);
    }
  } finally {
    await file.close();
  }
}

/** @returns the address of the upload; undefined where a job of that id is there */
async function openSession(
  client: BigQuery,
  { jobId, location, load, file, task }: LoadUpload,
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const answer = await client.rest.call({
    method: 'POST',
    path: `/upload/bigquery/v2${client.jobsPath}?uploadType=resumable`,
    headers: {
      'content-type': 'application/json',
      'x-upload-content-type': 'application/octet-stream',
      'x-upload-content-length': String(file.bytes),
    },
    body: JSON.stringify(client.jobBody(jobId, location, { load })),
    task,
    expected: [409],
    signal,
  });
  await answer.body.dump();
  if (answer.status === 409) return undefined;
  const { location: session } = answer.headers;
  if (typeof session === 'string') return session;
  throw new ApiError(`Cannot ${task}: no address came for the upload`, { kind: 'unreadable', mayBeBilled: false });
}

interface Sending {
  client: BigQuery;
  upload: LoadUpload;
  session: string;
  file: FileHandle;
}

/** @returns whether the job was begun; false where the upload is gone */
async function sendPieces(sending: Sending, signal: AbortSignal | undefined): Promise<boolean> {
  const { upload, file } = sending;
  const { bytes } = upload.file;
  const piece = Buffer.allocUnsafe(Math.min(upload.pieceBytes ?? 8 * 1024 * 1024, bytes));
  let position = 0;
  for (let breaks = 0; ;) {
    const before = position;
    const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, bytes - position), position);
    const range = `bytes ${position}-${position + bytesRead - 1}/${bytes}`;
    let answer: RestAnswer;
    try {
      answer = await put(sending, { range, body: piece.subarray(0, bytesRead) }, signal);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      signal?.throwIfAborted();
      // How much has arrived is to be asked for before the rest is sent.
      answer = await put(sending, { range: `bytes */${bytes}`, body: undefined }, signal);
    }
    await answer.body.dump();
    if (answer.status !== 308) return answer.status < 300 || answer.status === 409;
    position = arrived(answer);
    breaks = position > before ? 0 : breaks + 1;
    if (breaks >= MOST_BREAKS) throw broken(upload);
    if (breaks > 0) await delay(backoffDelayMs(breaks - 1, sending.client.backoff), signal);
  }
}

function put(
  { client, upload, session }: Sending,
  { range, body }: { range: string; body: Uint8Array | undefined },
  signal: AbortSignal | undefined,
): Promise<RestAnswer> {
  return client.rest.call({
    method: 'PUT',
    path: session,
    headers: { 'content-range': range, ...(body === undefined ? { 'content-length': '0' } : {}) },
    body,
    task: upload.task,
    expected: [308, 404, 409, 410],
    canRepeat: body === undefined,
    signal,
  });
}

/** How many bytes have arrived; without a range none have. */
function arrived({ headers }: RestAnswer): number {
  const last = /^bytes=0-(\d+)$/.exec(String(headers['range'] ?? ''))?.[1];
  return last === undefined ? 0 : Number(last) + 1;
}

function broken({ task }: LoadUpload): ApiError {
  return new ApiError(`Cannot ${task}: nothing more of it arrives`, { kind: 'network', mayBeBilled: false });
}
