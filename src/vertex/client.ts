import { ApiError, type ApiAdvice } from '../completion/api-error.ts';
import { checkRequest } from '../completion/check-request.ts';
import type { CallOptions, StreamingClient } from '../completion/client.ts';
import type { ChatRequest, GoogleOptions } from '../completion/request.ts';
import { isGoogleHost, mayBeEmulator, type ServiceIdentity } from '../completion/service.ts';
import { THOUGHT_TAG } from '../completion/thought-tag.ts';
import { GleanerError } from '../gleaner-error.ts';
import { adviceFor } from './advice.ts';
import { checkAuth, type AuthSetting } from './auth-setting.ts';
import { createAuthorization } from './authorization.ts';
import { createConnections } from './connections.ts';
import type { ProxySettings } from './proxy-settings.ts';
import { createCallDeadlines } from './call-deadlines.ts';
import { createCredentials, type CredentialSource } from './credentials.ts';
import { AnswerOrigin } from './answer-origin.ts';
import { chatCompletionsUrl, type EndpointOptions } from './endpoint-url.ts';
import { readErrorBody } from './error-body.ts';
import { Exchange, type ExchangeSettings } from './exchange.ts';
import { isHeader } from './header.ts';
import type { HttpAnswer } from './http-answer.ts';
import { IncomingStream } from './incoming-stream.ts';
import { plainText } from '../text/plain-text.ts';
import { reachHost, type ReachedHost } from './reach-host.ts';
import { readAnswer } from './read-answer.ts';
import { requestTypeHeaders, trafficTypesOf, type RequestType } from './request-type.ts';

export interface VertexClientOptions extends EndpointOptions {
  /** Default: Application Default Credentials for Google's hosts, none for others. */
  auth?: AuthSetting | CredentialSource | undefined;
  /** Time for a whole call, from asking for a token to the last byte of the answer. Default 120,000 ms. */
  timeoutMs?: number | undefined;
  /** Longest silence within a streamed answer, once it has begun. Default 60,000 ms. */
  idleTimeoutMs?: number | undefined;
  /** A larger answer is dropped. Default 64 MiB. */
  maxResponseBytes?: number | undefined;
  /** Most sockets at a time; further calls wait, and their time runs. Default 128. */
  connections?: number | undefined;
  /** A streamed event with more ends the call. Default 10 MiB. */
  maxEventBytes?: number | undefined;
  /**
   * Consumption option of all calls. Default: Provisioned Throughput where there is some, else on demand. `flex` is slow and
   * wants a `timeoutMs` of minutes. `['shared', 'flex']` leaves Provisioned Throughput alone.
   */
  requestType?: RequestType | readonly RequestType[] | undefined;
  /** Google's own options for every request that does not set them itself, such as safety settings or cached content. */
  google?: Readonly<GoogleOptions> | undefined;
  /** Whether requests that their model is known to refuse are refused before they are sent. Default true. */
  checkRequests?: boolean | undefined;
  /** Whether streams of others than Google are asked to report their tokens (`stream_options.include_usage`). Default true. */
  streamUsage?: boolean | undefined;
  /** Proxies for the calls; none by default. The library reads no environment variables. */
  proxy?: ProxySettings | undefined;
  /** Sent with every call. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default `gleaner`. */
  userAgent?: string | undefined;
}

export interface VertexClient extends StreamingClient {
  /** Where requests are posted. */
  readonly url: URL;
  /** Whose answers these are. Whether the emulator is behind a URL of one's own is known after `identify`, or after an answer. */
  readonly service: ServiceIdentity;
  identify(options?: CallOptions): Promise<void>;
  prepare(options?: CallOptions): Promise<void>;
  /**
   * Finds out whether the host of the service answers at all. Makes no call that could be billed, and shows no credentials.
   *
   * @throws {ApiError} of kind `network` when nobody answers
   */
  reach(): Promise<ReachedHost>;
  /**
   * What a call would put on the wire, additions of the client included and credentials left out. Sends nothing.
   *
   * @throws {GleanerError} for a request that its model is known to refuse
   */
  wire(request: ChatRequest, options?: { stream?: boolean }): WireRequest;
  /** Waits for the calls under way, then closes all connections. */
  close(): Promise<void>;
}

/** A request as it goes out. */
export interface WireRequest {
  method: 'POST';
  url: string;
  headers: Record<string, string>;
  /** The body, byte for byte. */
  body: string;
}

/**
 * A client of Vertex AI's Chat Completions API, or of any service with the same API by `baseUrl`. It opens nothing
 * before the first call.
 *
 * @throws {GleanerError} for options that cannot work, and for Google credentials meant for another host
 */
export function createVertexClient(options: VertexClientOptions): VertexClient {
  const { timeoutMs = 120_000, idleTimeoutMs = 60_000, connections = 128 } = options;
  const { maxResponseBytes = 64 * 1024 * 1024, maxEventBytes = 10 * 1024 * 1024, checkRequests = true } = options;
  checkNumber('timeoutMs', timeoutMs, 2 ** 31 - 1);
  checkNumber('idleTimeoutMs', idleTimeoutMs, 2 ** 31 - 1);
  checkNumber('maxEventBytes', maxEventBytes, 2 ** 29 - 24);
  // The longest text that V8 can hold has 2^29 - 24 characters.
  checkNumber('maxResponseBytes', maxResponseBytes, 2 ** 29 - 24);
  checkNumber('connections', connections, 65_535);
  const url = chatCompletionsUrl(options);
  const fixedHeaders = fixedHeaderList(options, requestTypeHeaders(options.requestType, timeoutMs));
  const source = credentialSource(options, url);

  const { dispatcher, proxy } = createConnections(url, {
    connections,
    connectTimeoutMs: Math.min(timeoutMs, 10_000),
    proxy: options.proxy,
  });
  const watch = createCallDeadlines(timeoutMs);
  const origin = new AnswerOrigin(url);
  const settings: ExchangeSettings = { origin: url.origin, proxy, timeoutMs, maxResponseBytes, watch };
  let authorization = createAuthorization({}, fixedHeaders);
  let closing: Promise<void> | undefined;

  async function send(exchange: Exchange, body: string): Promise<void> {
    try {
      const credentials = await source.headers();
      if (exchange.isSettled) return;
      if (credentials !== authorization.credentials) {
        authorization = createAuthorization(credentials, fixedHeaders);
      }
      exchange.authorization = authorization;
      const { headers } = authorization;
      const { origin: to, pathname: path } = url;
      const sending = { origin: to, path, method: 'POST', headers, body, exchange } as const;
      dispatcher.dispatch(sending, exchange);
    } catch (error) {
      exchange.fail(error instanceof ApiError ? error : credentialError(error));
    }
  }

  /** @throws {GleanerError} for a request that its model is known to refuse */
  function prepare(given: ChatRequest, stream: boolean): ChatRequest {
    if (closing !== undefined) throw new Error('Cannot make a call: the client is closed');
    let request = given;
    if (options.google !== undefined) {
      request = { ...request, extra_body: { google: { ...options.google, ...request.extra_body?.google } } };
    }
    if ((request.stream ?? false) !== stream) request = { ...request, stream };
    if (stream && request.stream_options === undefined && !reportsUnasked()) {
      request = { ...request, stream_options: { include_usage: true } };
    }
    if (!checkRequests) return request;
    const problem = checkRequest(request).find(({ severity }) => severity === 'error');
    if (problem !== undefined) throw new GleanerError('request-invalid', `Cannot send the request: ${problem.message}`);
    return request;
  }

  function start(request: ChatRequest, signal: AbortSignal | undefined, sink?: IncomingStream): Exchange {
    const body = JSON.stringify(request);
    const exchange = new Exchange(settings, signal, sink);
    watch.start(exchange);
    void send(exchange, body);
    return exchange;
  }

  /** Google's streams end with their usage unasked; those of others do so when they are asked, unless that is unwanted. */
  function reportsUnasked(): boolean {
    return options.streamUsage === false || isGoogleHost(url) || mayBeEmulator(url);
  }

  function advise(status: number): ApiAdvice | undefined {
    return adviceFor(status, url, origin.service);
  }

  function errorFrom(answer: HttpAnswer, exchange: Exchange): ApiError {
    // A late 401 of a call that went out with an older token must not drop the newer one.
    if (answer.status === 401 && exchange.authorization === authorization) source.refresh();
    return readErrorBody(answer, { secrets: secretsOf(exchange), adviceFor: advise });
  }

  return {
    url,
    additions: { google: options.google, trafficTypes: trafficTypesOf(fixedHeaders) },
    get service() {
      return origin.service;
    },
    identify: ({ signal } = {}) => origin.identify(dispatcher, signal),
    prepare: ({ signal } = {}) => demandCredentials(source, timeoutMs, signal),
    reach: () => reachHost(dispatcher, url),
    wire(given, { stream = false } = {}) {
      const headers: Record<string, string> = {};
      for (let at = 0; at < fixedHeaders.length; at += 2) headers[fixedHeaders[at] ?? ''] = fixedHeaders[at + 1] ?? '';
      return { method: 'POST', url: url.href, headers, body: JSON.stringify(prepare(given, stream)) };
    },
    async complete(given, { signal } = {}) {
      const request = prepare(given, false);
      signal?.throwIfAborted();
      const exchange = start(request, signal);
      const answer = await exchange.answer;
      if (answer.status >= 300) throw errorFrom(answer, exchange);
      const completion = readAnswer(answer, {
        secrets: secretsOf(exchange),
        adviceFor: advise,
        thoughtTagMarker: markerOf(request),
      });
      origin.check(answer, completion.raw['system_fingerprint']);
      return completion;
    },
    stream(given, { signal } = {}) {
      const request = prepare(given, true);
      let exchange: Exchange | undefined;
      const stream = new IncomingStream({
        origin: url.origin,
        idleTimeoutMs,
        abort: (reason) => exchange?.abandon(reason),
        check: (answer, fingerprint) => origin.check(answer, fingerprint),
        readerOptions: () => ({
          secrets: secretsOf(exchange),
          adviceFor: advise,
          thoughtTagMarker: markerOf(request),
          maxLineBytes: maxEventBytes,
        }),
      });
      if (signal?.aborted === true) {
        stream.fail(signal.reason);
        return stream;
      }
      const started = start(request, signal, stream);
      exchange = started;
      void started.answer.then(
        (answer) => (answer.status < 300 ? stream.finish() : stream.fail(errorFrom(answer, started))),
        (error: unknown) => stream.fail(error),
      );
      return stream;
    },
    close() {
      closing ??= watch.idle().then(() => dispatcher.destroy());
      return closing;
    },
  };
}

function secretsOf(exchange: Exchange | undefined): readonly string[] {
  return exchange?.authorization?.secrets ?? [];
}

function markerOf(request: ChatRequest): string | undefined {
  return request[THOUGHT_TAG] ?? request.extra_body?.google.thought_tag_marker;
}

function credentialSource({ auth, project, timeoutMs }: VertexClientOptions, url: URL): CredentialSource {
  if (auth !== undefined && 'headers' in auth) return auth;
  return createCredentials(checkAuth(auth ?? { kind: isGoogleHost(url) ? 'adc' : 'none' }, url), {
    project,
    timeoutMs,
  });
}

/**
 * Without credentials every call would fail, and a token service that does not answer holds up all of them: better said before the
 * first. One that is down may come back while the calls are repeated.
 */
async function demandCredentials(source: CredentialSource, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  try {
    await inTime(source.headers(), timeoutMs, signal);
  } catch (error) {
    signal?.throwIfAborted();
    if (!(error instanceof ApiError)) throw credentialError(error);
    if (error.kind === 'credentials') throw new GleanerError('credentials-missing', error.message);
    if (error.kind === 'timeout') throw error;
  }
}

/** Longest wait for what must be there before the first call. */
const LONGEST_START_MS = 30_000;

function inTime<Value>(work: Promise<Value>, timeoutMs: number, signal: AbortSignal | undefined): Promise<Value> {
  const limitMs = Math.min(timeoutMs, LONGEST_START_MS);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal?.reason);
    // A little later than the source's own limit, which names the token service.
    const timer = setTimeout(
      () => reject(new ApiError(`No access token within ${limitMs} ms`, { kind: 'timeout', mayBeBilled: false })),
      limitMs + 250,
    );
    if (signal?.aborted === true) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
    });
  });
}

/** Name, value, name, value: the form that undici takes without another pass. */
function fixedHeaderList(
  { headers = {}, userAgent = 'gleaner' }: VertexClientOptions,
  typeHeaders: Readonly<Record<string, string>>,
): string[] {
  const own: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    // Answers are small, and unpacking them would cost more than their transfer.
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    ...typeHeaders,
  };
  const entries = [...Object.entries(own), ...Object.entries(headers)];
  for (const [name, value] of entries) {
    if (isHeader(name, value)) continue;
    throw new GleanerError(
      'option-invalid',
      `Cannot send the header ${JSON.stringify(name)}: no header may have such a name or value`,
    );
  }
  const ownNames = new Set(Object.keys(own).map((name) => name.toLowerCase()));
  for (const name of Object.keys(headers)) {
    if (!RESERVED_HEADERS.has(name.toLowerCase()) && !ownNames.has(name.toLowerCase())) continue;
    throw new GleanerError('option-invalid', `Cannot send the header ${JSON.stringify(name)}: gleaner sets it itself`);
  }
  return entries.flat();
}

const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'host',
  'connection',
  'keep-alive',
  'content-length',
  'content-encoding',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
]);

/** For sources that users bring: their errors are not ours to trust. */
function credentialError(error: unknown): ApiError {
  const text = error instanceof Error ? plainText(error.message, { limit: 300 }) : 'unknown failure';
  return new ApiError(`Cannot get credentials: ${text}`, { kind: 'credentials' });
}

function checkNumber(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot create a client: ${name} must be a whole number from 1 to ${max}, got ${value}`,
  );
}
