import { plainText } from '../text/plain-text.ts';

export interface NetworkFailure {
  /** The system's or the HTTP client's code, such as `ECONNRESET`. */
  code: string;
  /** What happened, in words. */
  text: string;
}

/**
 * Finds the network failure in an error or its causes; undefined when there is none, so that the error is of another
 * kind. The error itself is better not kept: HTTP clients hang whole requests on theirs, credentials included.
 */
export function networkFailure(error: unknown): NetworkFailure | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    // undici's parser errors and timeouts of fetch come without a code.
    const code = 'code' in current && typeof current.code === 'string' ? current.code : current.name;
    const text = describe(code, current.message);
    if (text !== undefined) return { code, text };
    current = current instanceof AggregateError ? current.errors[0] : current.cause;
  }
  return undefined;
}

function describe(code: string, message: string): string | undefined {
  const proxied = /^Proxy response \((\d{3})\)/.exec(message)?.[1];
  if (proxied !== undefined) return `the proxy answered ${proxied}`;
  const known = DESCRIPTIONS.get(code);
  if (known !== undefined) return known;
  if (/^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_|EPROTO$)/.test(code)) {
    return `no secure connection: ${plainText(message, { limit: 200 })}`;
  }
  return undefined;
}

const CLOSED = 'the connection was closed before the answer was complete';

const DESCRIPTIONS: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ECONNRESET', 'the connection was reset before the answer was complete'],
  ['ECONNABORTED', CLOSED],
  ['EPIPE', CLOSED],
  ['ERR_STREAM_PREMATURE_CLOSE', CLOSED],
  ['UND_ERR_SOCKET', CLOSED],
  ['UND_ERR_INFO', CLOSED],
  ['UND_ERR_ABORTED', CLOSED],
  ['UND_ERR_DESTROYED', CLOSED],
  ['UND_ERR_CLOSED', CLOSED],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'the answer is not as long as its content-length says'],
  ['HTTPParserError', 'what came back is not proper HTTP/1.1'],
  ['UND_ERR_HEADERS_OVERFLOW', 'the headers of the answer are too large'],
  ['UND_ERR_HEADERS_TIMEOUT', 'no answer in time'],
  ['UND_ERR_BODY_TIMEOUT', 'no answer in time'],
  ['TimeoutError', 'no answer in time'],
  ['AbortError', 'no answer in time'],
  ['UND_ERR_CONNECT_TIMEOUT', 'no connection in time'],
  ['ETIMEDOUT', 'no connection in time'],
  ['ENOTFOUND', 'host name not found'],
  ['EAI_AGAIN', 'host name lookup failed for now'],
  ['EHOSTUNREACH', 'no route to the host'],
  ['ENETUNREACH', 'no route to the network'],
  ['ENETDOWN', 'the network is down'],
  ['EADDRNOTAVAIL', 'no local port left'],
  ['EMFILE', 'too many open files'],
]);
