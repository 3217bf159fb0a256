import { Agent, EnvHttpProxyAgent, request as send, type Dispatcher } from 'undici';
import { ApiError } from '../completion/api-error.ts';
import { GleanerError } from '../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../json/value.ts';
import { backoffDelayMs, type BackoffOptions } from '../pacing/backoff.ts';
import { delay } from '../pacing/delay.ts';
import { plainText } from '../text/plain-text.ts';

/** Gives the headers that authorize a call, as the credentials of the client do. */
export interface HeaderSource {
  headers(): Promise<Readonly<Record<string, string>>>;
  refresh(): void;
}

export interface GoogleRestOptions {
  credentials: HeaderSource;
  /** The one host that is asked, such as `https://storage.googleapis.com`. The emulator's may be plain HTTP on this machine. */
  origin: string;
  userAgent?: string | undefined;
  /** The page that names the roles which are needed. Default `docs/half-price.md`. */
  rolesPage?: string | undefined;
  proxy?: { http?: string | undefined; https?: string | undefined; no?: string | undefined } | undefined;
  /** Most calls for one request, while its failures are passing ones. Default 6. */
  maxAttempts?: number | undefined;
  backoff?: BackoffOptions | undefined;
}

export interface RestCall {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below the origin, with its query; or a whole URL at the same origin. */
  path: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | Uint8Array | undefined;
  /** What the call does, for messages: "read gs://bucket/name". */
  task: string;
  /** Statuses that are answers, beside the successes. */
  expected?: readonly number[] | undefined;
  /** False where a repetition needs to know first what has arrived. Default true. */
  canRepeat?: boolean | undefined;
  signal?: AbortSignal | undefined;
}

export interface RestAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Dispatcher.ResponseData['body'];
}

/** Hosts of Google's that may be given Google's credentials here: files, tables and jobs. */
const HOSTS =
  /^(?:storage\.googleapis\.com|bigquery\.googleapis\.com|bigquery\.[a-z0-9-]+\.rep\.googleapis\.com|(?:[a-z0-9-]+-)?aiplatform\.googleapis\.com|aiplatform\.(?:us|eu)\.rep\.googleapis\.com)$/;
const MOST_ERROR_BYTES = 64 * 1024;

/**
 * Calls of Google's REST APIs to one host: authorized, repeated after failures that pass, with errors that say what helps. Nothing is
 * sent to any other host than the one that was named, whatever an answer says.
 */
export class GoogleRest {
  readonly #options: GoogleRestOptions;
  readonly #origin: string;
  readonly #dispatcher: Dispatcher;

  /** @throws {GleanerError} for a host that must not get Google's credentials */
  constructor(options: GoogleRestOptions) {
    this.#options = options;
    this.#origin = checkedOrigin(options.origin);
    const { http = '', https = '', no = '' } = options.proxy ?? {};
    const isLocal = this.#origin.startsWith('http:');
    this.#dispatcher =
      isLocal || (http === '' && https === '')
        ? new Agent({ bodyTimeout: BODY_TIMEOUT_MS })
        : new EnvHttpProxyAgent({
            httpProxy: http,
            httpsProxy: https || http,
            noProxy: no,
            bodyTimeout: BODY_TIMEOUT_MS,
          });
  }

  get origin(): string {
    return this.#origin;
  }

  /** The answer, whose body is still to be read. @throws {GleanerError | ApiError} */
  async call(call: RestCall): Promise<RestAnswer> {
    const { maxAttempts = 6, backoff } = this.#options;
    let hasRefreshed = false;
    for (let failures = 0; ;) {
      let error: ApiError | GleanerError;
      try {
        const answer = await this.#send(call);
        if (isAnswer(answer.status, call)) return answer;
        error = await readError(answer, call, this.#options.rolesPage);
        if (answer.status === 401 && !hasRefreshed) {
          hasRefreshed = true;
          this.#options.credentials.refresh();
          continue;
        }
      } catch (thrown) {
        call.signal?.throwIfAborted();
        error = toFailure(thrown, call, this.#origin);
      }
      failures += 1;
      const isLast = failures >= maxAttempts || call.canRepeat === false;
      if (isLast || !(error instanceof ApiError) || !error.isRetryable) throw error;
      await delay(error.retryAfterMs ?? backoffDelayMs(failures - 1, backoff), call.signal);
    }
  }

  /** The JSON object that a call is answered with. */
  async json(call: RestCall): Promise<JsonObject> {
    const { body } = await this.call(call);
    const value: unknown = await body.json().catch(() => undefined);
    if (isJsonObject(value)) return value;
    throw new ApiError(`Cannot ${call.task}: the answer is no JSON object`, { kind: 'unreadable', mayBeBilled: false });
  }

  close(): Promise<void> {
    return this.#dispatcher.destroy();
  }

  async #send({ method, path, headers, body, signal }: RestCall): Promise<RestAnswer> {
    const url = new URL(path, this.#origin);
    if (url.origin !== this.#origin) {
      throw new GleanerError(
        'run-refused',
        `Cannot go on at ${url.host}: calls go to ${new URL(this.#origin).host} only`,
      );
    }
    const { userAgent = 'gleaner', credentials } = this.#options;
    const {
      statusCode: status,
      headers: answered,
      body: answer,
    } = await send(url, {
      dispatcher: this.#dispatcher,
      method,
      headers: { 'user-agent': userAgent, ...(await credentials.headers()), ...headers },
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status, headers: answered, body: answer };
  }
}

/** Between two pieces of a body. */
const BODY_TIMEOUT_MS = 120_000;

function checkedOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === 'http:' && /^(?:localhost|\[::1\]|127\.\d+\.\d+\.\d+)$/.test(url.hostname);
  if (url !== undefined && (isLocal || (url.protocol === 'https:' && HOSTS.test(url.hostname)))) return url.origin;
  throw new GleanerError(
    'credentials-missing',
    `Cannot send Google credentials to ${url?.host ?? 'an address that is no URL'}: files and jobs are Google's hosts' matter, or the emulator's on this machine`,
  );
}

function isAnswer(status: number, { expected = [] }: RestCall): boolean {
  return (status >= 200 && status < 300) || expected.includes(status);
}

async function readError(
  { status, headers, body }: RestAnswer,
  { task }: RestCall,
  rolesPage: string | undefined,
): Promise<ApiError | GleanerError> {
  const text = await readStart(body);
  const { message, code, reason } = messageOf(text);
  const said = `Cannot ${task}: HTTP ${status}${code === undefined ? '' : ` ${code}`}${message === '' ? '' : `: ${message}`}`;
  // BigQuery says 403 of whoever asks too fast, too.
  const isTooFast = status === 429 || (status === 403 && reason === 'rateLimitExceeded');
  if (status >= 400 && status < 500 && status !== 408 && !isTooFast) {
    const facts = { status, ...(reason === undefined ? {} : { reason }) };
    return new GleanerError('run-refused', `${said}${adviceOn(status, rolesPage)}`, { facts });
  }
  const after = Number(headers['retry-after']);
  const retryAfterMs = Number.isFinite(after) && after > 0 ? Math.min(after, 300) * 1000 : undefined;
  return new ApiError(said, {
    kind: 'status',
    status: isTooFast ? 429 : status,
    code,
    retryAfterMs,
    mayBeBilled: false,
  });
}

function adviceOn(status: number, rolesPage = 'docs/half-price.md'): string {
  switch (status) {
    case 401:
      return '. Sign in again: gcloud auth application-default login';
    case 403:
      return `. Grant the account that runs this the role that is missing: ${rolesPage} names them`;
    case 404:
      return '. Is the name right, and does the account see it?';
    default:
      return '';
  }
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      size += chunk.length;
      if (size > MOST_ERROR_BYTES) break;
    }
  } catch {
    // What has come says enough.
  }
  return Buffer.concat(chunks).toString('utf8');
}

function messageOf(text: string): { message: string; code: string | undefined; reason?: string | undefined } {
  try {
    const value: unknown = JSON.parse(text);
    const [first = value] = Array.isArray(value) ? (value as unknown[]) : [];
    const error = isJsonObject(first) ? first['error'] : undefined;
    if (isJsonObject(error)) {
      const { message, status, errors } = error;
      const [cause] = Array.isArray(errors) ? (errors as unknown[]) : [];
      const reason = isJsonObject(cause) ? cause['reason'] : undefined;
      return {
        message: plainText(typeof message === 'string' ? message : '', { limit: 300 }).replace(/\.$/, ''),
        code: typeof status === 'string' && /^[A-Z_]+$/.test(status) ? status : undefined,
        reason: typeof reason === 'string' && /^\w+$/.test(reason) ? reason : undefined,
      };
    }
  } catch {
    // Text, or a page.
  }
  return { message: /^\s*</.test(text) ? '' : plainText(text, { limit: 200 }), code: undefined };
}

function toFailure(thrown: unknown, { task }: RestCall, origin: string): ApiError | GleanerError {
  if (thrown instanceof ApiError || thrown instanceof GleanerError) return thrown;
  // The error itself is not kept: it may hold the whole request, credentials included.
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'NETWORK';
  return new ApiError(`Cannot ${task}: no connection to ${new URL(origin).host} (${code})`, {
    kind: 'network',
    code,
    mayBeBilled: false,
  });
}
