import { parseJson } from '../../json/parse-json.ts';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { markEmulator, unmarkEmulator } from '../../files/emulator-mark.ts';
import { EMULATOR_HEADER } from '../../completion/service.ts';
import type { JsonValue } from '../../json/value.ts';
import { CloudService } from '../cloud/cloud-service.ts';
import { AccessTokens } from './access-tokens.ts';
import { ChatService } from './chat-service.ts';
import { deliver } from './deliver.ts';
import type { EmulatorOptions, Settings } from './emulator-options.ts';
import { statusError } from './faults.ts';
import { unknownPath, type GoogleError } from './google-error.ts';
import { HostGate } from './host-gate.ts';
import { receive, type Received } from './receive.ts';
import { refusal, type Reply } from './reply.ts';
import { RequestLog, type RecordedRequest } from './request-log.ts';
import { findRoute, type ChatRoute } from './routes.ts';
import { resolveOptions } from './scenario.ts';
import { scenarioSchema } from './scenario-schema.ts';
import { copyStats, countFault, countStatus, countTokens, emptyStats, type EmulatorStats } from './stats.ts';
import { answerMetadata, answerTokenExchange, type PlainAnswer } from './token-routes.ts';

/** The parts of a base URL; each has a default. */
export interface BaseUrlOptions {
  /** Default `emulated-project`. */
  project?: string;
  /** Default `global`. */
  location?: string;
  /** Default `openapi`; anything else is a self-deployed endpoint. */
  endpoint?: string;
  /** Default `v1`. */
  apiVersion?: 'v1' | 'v1beta1';
}

/** A running emulator. */
export interface Emulator {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Everything before `/chat/completions`, as SDKs and `--base-url` want it. */
  baseUrl(options?: BaseUrlOptions): string;
  /** A copy of the counters as of now. */
  stats(): EmulatorStats;
  /** The last requests in order of arrival, oldest first. */
  requests(): readonly RecordedRequest[];
  /** Forgets counters, requests, quotas, attempts and used script steps; open connections stay. */
  reset(): void;
  /** Moves the clock of batch jobs and of BigQuery forward, by milliseconds. */
  advance(ms: number): void;
  /** Stops listening and cuts every connection, stalled ones too. */
  close(): Promise<void>;
}

/**
 * Starts a local HTTP server that behaves like the Chat Completions endpoint of Vertex AI. It is no model: answers are taken
 * from the user message's text by labels, patterns and field names, and the same request gets the same answer.
 *
 * @throws {RangeError} for options that make no sense
 * @throws the system's error when the port cannot be had
 */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  const settings = await resolveOptions(options);
  const tokens = new AccessTokens(settings.tokens);
  const service = new ChatService({ ...settings, tokens });
  const cloud = new CloudService({
    ...settings.batch,
    bigQuery: settings.bigQuery,
    seed: settings.seed,
    isValid: (token) => tokens.check(token, tokens.project, Date.now()) === 'valid',
    answer: (body, { project, location }) =>
      service.reply(
        { route: { apiVersion: 'v1', project, location, endpoint: 'openapi' }, headers: jobHeaders(tokens), body },
        Date.now(),
      ),
  });
  const gate = new HostGate(settings.host, settings.allowedHosts);
  const log = new RequestLog(settings.keepRequests);
  const tooLarge = payloadTooLarge(settings.maxBodyBytes);
  let stats = emptyStats();
  let inFlight = 0;

  const server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, handle);
  server.on('connection', () => (stats.connections += 1));
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port, settings.host, () => {
      // In the same turn: whoever can connect finds the mark.
      markEmulator((server.address() as AddressInfo).port);
      resolve();
    });
  });
  const { address, port, family } = server.address() as AddressInfo;
  const origin = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const url = request.url ?? '/';
    // Whatever is answered, it must never pass for a model's answer.
    response.setHeader(EMULATOR_HEADER, '1');
    const forbidden = gate.refuse(request.headers);
    if (forbidden !== undefined) {
      request.resume();
      deliver(response, refusal(forbidden, 'object'), settings);
      return;
    }
    const route = findRoute(request.method ?? 'GET', url, request.headers);
    switch (route.kind) {
      case 'chat':
        receive(request, settings.maxBodyBytes, (received) => answerChat(route.chat, request, response, received));
        return;
      case 'stats':
        sendJson(response, snapshot());
        return;
      case 'requests':
        sendJson(response, log.list());
        return;
      case 'scenario-schema':
        sendJson(response, scenarioSchema);
        return;
      case 'metadata':
        sendPlain(response, answerMetadata(route.path, request.headers, tokens, Date.now()));
        return;
      case 'token-exchange':
        receive(request, MAX_TOKEN_EXCHANGE, (received) => {
          const form = new URLSearchParams(received.kind === 'read' ? received.text : '');
          sendPlain(response, answerTokenExchange(form, tokens, Date.now()));
        });
        return;
      case 'cloud':
        cloud.serve(request, response, origin);
        return;
      case 'advance':
        request.resume();
        cloud.advance(route.ms);
        sendJson(response, {});
        return;
      case 'reset':
        reset();
        sendJson(response, {});
        return;
      case 'unknown':
        request.resume();
        deliver(response, refusal(unknownPath(url), 'html'), settings);
        return;
      default:
        route satisfies never;
    }
  }

  function answerChat(route: ChatRoute, request: IncomingMessage, response: ServerResponse, received: Received): void {
    // A request that a reset overtakes counts where it started, in counters nobody reads any more.
    const counters = stats;
    counters.requests += 1;
    inFlight += 1;
    if (inFlight > counters.maxInFlight) counters.maxInFlight = inFlight;
    response.once('close', () => (inFlight -= 1));

    const { authorization: _, ...headers } = request.headers;
    const body = received.kind === 'read' ? parseJson(received.text) : undefined;
    const reply = received.kind === 'read' ? decide(route, request, body) : refusal(tooLarge, 'object');
    if (reply.fault !== undefined) countFault(counters, reply.fault);
    const entry: Mutable<RecordedRequest> = {
      route,
      headers,
      body: received.kind === 'read' && received.size <= MAX_KEPT_BODY ? body : undefined,
      attempt: reply.attempt,
      status: undefined,
      fault: reply.fault,
      usage: reply.usage,
    };
    log.add(entry);
    const delayMs = latency(settings.latencyMs, reply);
    if (delayMs > 0) setTimeout(send, delayMs);
    else send();

    function settle(isWhole: boolean): void {
      if (reply.usage === undefined) return;
      countTokens(isWhole && reply.reportsUsage ? counters.tokens : counters.undelivered, reply.usage);
    }

    function send(): void {
      const { status, isWhole } = deliver(response, reply, settings);
      entry.status = status;
      countStatus(counters, status);
      if (typeof isWhole === 'boolean') settle(isWhole);
      else void isWhole.then(settle);
    }
  }

  function decide(route: ChatRoute, { headers }: IncomingMessage, body: JsonValue | undefined): Reply {
    try {
      return service.reply({ route, headers, body }, Date.now());
    } catch {
      // A body nested deeper than the stack, say: the process, which may be someone's test run, goes on.
      return refusal(statusError(500), 'array');
    }
  }

  function reset(): void {
    stats = { ...emptyStats(), maxInFlight: inFlight };
    log.reset();
    service.reset();
    cloud.reset();
    tokens.reset();
  }

  function snapshot(): EmulatorStats {
    return {
      ...copyStats(stats),
      inFlight,
      tokensIssued: tokens.issued,
      batch: cloud.stats,
      bigQuery: cloud.bigQueryStats,
    };
  }

  return {
    origin,
    baseUrl: (parts = {}) => baseUrl(origin, parts),
    stats: snapshot,
    requests: () => log.list(),
    reset,
    advance: (ms) => cloud.advance(ms),
    close: () =>
      new Promise((resolve) => {
        unmarkEmulator(port);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Lines of a job were let in with the job. */
function jobHeaders(tokens: AccessTokens): { authorization: string } {
  return { authorization: `Bearer ${tokens.forJobs(Date.now())}` };
}

/** More than any token request needs. */
const MAX_TOKEN_EXCHANGE = 256 * 1024;

/** Larger request bodies, with pictures in them, are not remembered. */
const MAX_KEPT_BODY = 1024 * 1024;

function baseUrl(origin: string, parts: BaseUrlOptions): string {
  const { project = 'emulated-project', location = 'global', endpoint = 'openapi', apiVersion = 'v1' } = parts;
  return `${origin}/${apiVersion}/projects/${project}/locations/${location}/endpoints/${endpoint}`;
}

function latency({ min, max }: Settings['latencyMs'], { draw }: Reply): number {
  return min + draw * (max - min);
}

function payloadTooLarge(limit: number): GoogleError {
  return {
    code: 413,
    status: 'INVALID_ARGUMENT',
    message: `Request payload size exceeds the limit: ${limit} bytes.`,
  };
}

function sendPlain(response: ServerResponse, { status, headers, body }: PlainAnswer): void {
  response.writeHead(status, headers);
  response.end(body);
}

function sendJson(response: ServerResponse, value: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json; charset=UTF-8' });
  response.end(JSON.stringify(value));
}

type Mutable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
