import type { IncomingMessage, ServerResponse } from 'node:http';
import { credentialsInvalid, credentialsMissing } from '../service/google-error.ts';
import { BatchService, isBatchPath, type BatchServiceOptions, type BatchStats } from './batch-service.ts';
import { BigQueryService, isBigQueryPath } from './bigquery/bigquery-service.ts';
import type { BigQueryOptions } from './bigquery/bigquery-faults.ts';
import type { BigQueryStats } from './bigquery/job-store.ts';
import { failure, type CloudReply } from './cloud-reply.ts';
import { isStoragePath, StorageService } from './storage-service.ts';

export function isCloudPath(path: string): boolean {
  return isStoragePath(path) || isBatchPath(path) || isBigQueryPath(path);
}

export interface CloudServiceOptions extends Omit<BatchServiceOptions, 'table' | 'tables'> {
  /** Whether a bearer token is taken. */
  isValid(token: string): boolean;
  bigQuery: BigQueryOptions;
}

/** Batch jobs, the Cloud Storage they read from, and BigQuery, on a clock of their own. */
export class CloudService {
  readonly #storage: StorageService;
  readonly #jobs: BatchService;
  readonly #bigQuery: BigQueryService;
  readonly #isValid: (token: string) => boolean;
  #clockMs = 0;

  constructor({ isValid, bigQuery, ...options }: CloudServiceOptions) {
    this.#isValid = isValid;
    this.#storage = new StorageService(options.breakEvery ?? 0);
    this.#bigQuery = new BigQueryService(bigQuery);
    this.#jobs = new BatchService({ ...options, table: this.#storage.table, tables: this.#bigQuery.tables });
  }

  get stats(): BatchStats {
    return this.#jobs.stats;
  }

  get bigQueryStats(): BigQueryStats {
    return this.#bigQuery.stats;
  }

  /** Moves the clock of jobs forward. */
  advance(ms: number): void {
    this.#clockMs += ms;
  }

  reset(): void {
    this.#storage.reset();
    this.#jobs.reset();
    this.#bigQuery.reset();
    this.#clockMs = 0;
  }

  /** Takes a request whole and answers it. */
  serve(request: IncomingMessage, response: ServerResponse, origin: string): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => deliver(response, this.#reply(request, Buffer.concat(chunks), origin)));
  }

  #reply({ method = 'GET', url = '/', headers }: IncomingMessage, body: Buffer, origin: string): CloudReply {
    const token = /^bearer +(\S+)/i.exec(headers.authorization ?? '')?.[1];
    if (token === undefined) return failure(credentialsMissing());
    if (!this.#isValid(token)) return failure(credentialsInvalid(true));
    const call = { method, url: new URL(url, origin), headers, body };
    if (isStoragePath(call.url.pathname)) return this.#storage.reply(call, origin);
    const nowMs = Date.now() + this.#clockMs;
    if (isBigQueryPath(call.url.pathname)) return this.#bigQuery.reply(call, origin, nowMs);
    return this.#jobs.reply(call, nowMs);
  }
}

function deliver(response: ServerResponse, { status, headers, body, isBroken }: CloudReply): void {
  const bytes = Buffer.from(body as Buffer);
  if (isBroken !== true) {
    response.writeHead(status, { ...headers, 'content-length': bytes.length });
    response.end(bytes);
    return;
  }
  if (bytes.length === 0) {
    response.socket?.destroy();
    return;
  }
  response.writeHead(status, { ...headers, 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length >> 1), () => response.socket?.destroy());
}
