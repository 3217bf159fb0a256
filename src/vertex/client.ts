import { ApiError, type ApiAdvice } from '../completion/api-error.ts';
import { checkRequest } from '../completion/check-request.ts';
import type { CallOptions, StreamingClient } from '../completion/client.ts';
import type { ChatRequest } from '../completion/request.ts';
import { requestJson } from '../completion/request-json.ts';
import { isGoogleHost, mayBeEmulator, type ServiceIdentity } from '../completion/service.ts';
import { THOUGHT_TAG } from '../completion/thought-tag.ts';
import { GleanerError } from '../gleaner-error.ts';
import { adviceFor } from './advice.ts';
import { checkAuth } from './auth-setting.ts';
import { createAuthorization } from './authorization.ts';
import { clientLimits, type VertexClientOptions } from './client-options.ts';
import { createConnections } from './connections.ts';
import { createCallDeadlines } from './call-deadlines.ts';
import { createCredentials, type CredentialSource } from './credentials.ts';
import { credentialError, demandCredentials } from './demand-credentials.ts';
import { AnswerOrigin } from './answer-origin.ts';
import { chatCompletionsUrl } from './endpoint-url.ts';
import { readErrorBody } from './error-body.ts';
import { Exchange, type ExchangeSettings } from './exchange.ts';
import { fixedHeaders } from './fixed-headers.ts';
import type { HttpAnswer } from './http-answer.ts';
import { IncomingStream } from './incoming-stream.ts';
import { reachHost, type ReachedHost } from './reach-host.ts';
import { readAnswer } from './read-answer.ts';
import { requestTypeHeaders, trafficTypesOf } from './request-type.ts';

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
  const { timeoutMs, idleTimeoutMs, maxResponseBytes, maxEventBytes, connections } = clientLimits(options);
  const { checkRequests = true } = options;
  const url = chatCompletionsUrl(options);
  const headerList = fixedHeaders(options, requestTypeHeaders(options.requestType, timeoutMs));
  const source = credentialSource(options, url);

  const { dispatcher, proxy } = createConnections(url, {
    connections,
    connectTimeoutMs: Math.min(timeoutMs, 10_000),
    proxy: options.proxy,
  });
  const watch = createCallDeadlines(timeoutMs);
  const origin = new AnswerOrigin(url);
  const settings: ExchangeSettings = { origin: url.origin, proxy, timeoutMs, maxResponseBytes, watch };
  let authorization = createAuthorization({}, headerList);
  let closing: Promise<void> | undefined;

  async function send(exchange: Exchange, body: string): Promise<void> {
    try {
      const credentials = await source.headers();
      if (exchange.isSettled) return;
      if (credentials !== authorization.credentials) {
        authorization = createAuthorization(credentials, headerList);
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
    const body = requestJson(request);
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
    additions: { google: options.google, trafficTypes: trafficTypesOf(headerList) },
    get service() {
      return origin.service;
    },
    identify: ({ signal } = {}) => origin.identify(dispatcher, signal),
    prepare: ({ signal } = {}) => demandCredentials(source, timeoutMs, signal),
    reach: () => reachHost(dispatcher, url),
    wire(given, { stream = false } = {}) {
      const headers: Record<string, string> = {};
      for (let at = 0; at < headerList.length; at += 2) headers[headerList[at] ?? ''] = headerList[at + 1] ?? '';
      return { method: 'POST', url: url.href, headers, body: requestJson(prepare(given, stream)) };
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
