import type { GoogleOptions } from '../completion/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { AuthSetting } from './auth-setting.ts';
import type { CredentialSource } from './credentials.ts';
import type { EndpointOptions } from './endpoint-url.ts';
import type { ProxySettings } from './proxy-settings.ts';
import type { RequestType } from './request-type.ts';

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

/** The numbers of a client, each given or its default. */
export interface ClientLimits {
  timeoutMs: number;
  idleTimeoutMs: number;
  maxResponseBytes: number;
  maxEventBytes: number;
  connections: number;
}

/** The longest text that V8 can hold has so many characters. */
const LONGEST_TEXT = 2 ** 29 - 24;
/** A timer waits no longer. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** @throws {GleanerError} for a number that cannot work */
export function clientLimits(options: VertexClientOptions): ClientLimits {
  const { timeoutMs = 120_000, idleTimeoutMs = 60_000, connections = 128 } = options;
  const { maxResponseBytes = 64 * 1024 * 1024, maxEventBytes = 10 * 1024 * 1024 } = options;
  checkNumber('timeoutMs', timeoutMs, LONGEST_WAIT_MS);
  checkNumber('idleTimeoutMs', idleTimeoutMs, LONGEST_WAIT_MS);
  checkNumber('maxEventBytes', maxEventBytes, LONGEST_TEXT);
  checkNumber('maxResponseBytes', maxResponseBytes, LONGEST_TEXT);
  checkNumber('connections', connections, 65_535);
  return { timeoutMs, idleTimeoutMs, maxResponseBytes, maxEventBytes, connections };
}

function checkNumber(name: string, value: number, max: number): void {
  if (Number.isInteger(value) && value >= 1 && value <= max) return;
  throw new GleanerError(
    'option-invalid',
    `Cannot create a client: ${name} must be a whole number from 1 to ${max}, got ${value}`,
  );
}
