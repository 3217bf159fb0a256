import type { Client as ClientType, Dispatcher, Pool as PoolType } from 'undici';
import { GleanerError } from '../gleaner-error.ts';
import { undiciPart, wholeUndici } from '../packages/undici.ts';
import { acceptContinue } from './accept-continue.ts';
import { isLoopback } from './endpoint-url.ts';
import type { Exchange } from './exchange.ts';
import type { ProxySettings } from './proxy-settings.ts';

const buildConnector = undiciPart('buildConnector');
const Client = undiciPart('Client');
const Pool = undiciPart('Pool');

export interface ConnectionOptions {
  connections: number;
  connectTimeoutMs: number;
  proxy: ProxySettings | undefined;
}

export interface Connections {
  dispatcher: Dispatcher;
  /** The proxy that is used if any is, for messages: host and port, without what may be secret. */
  proxy: string | undefined;
}

/** Opens nothing yet: connections are made when calls want them, at most as many as there may be. */
export function createConnections(url: URL, { connections, connectTimeoutMs, proxy }: ConnectionOptions): Connections {
  const common = {
    connections,
    pipelining: 1,
    // A call's own deadline covers all waiting but that for a connection, which may fail sooner.
    headersTimeout: 0,
    bodyTimeout: 0,
    // undici's own 4 s would mean a new TLS connection for most calls of a slow run. A server's hint goes before it.
    keepAliveTimeout: 30_000,
  };
  const proxyUrl = url.protocol === 'https:' ? proxy?.https || proxy?.http : proxy?.http;
  // This machine is never reached through a proxy.
  if (proxyUrl && !isLoopback(url.hostname)) {
    const shown = describeProxy(proxyUrl);
    // Nothing is left out, or undici would look into the environment itself.
    const agent = { httpProxy: proxy?.http ?? '', httpsProxy: proxy?.https ?? '', noProxy: proxy?.no ?? '' };
    const { EnvHttpProxyAgent } = wholeUndici();
    const dispatcher = new EnvHttpProxyAgent({
      ...common,
      ...agent,
      connectTimeout: connectTimeoutMs,
      factory: (origin, options) => createPool(origin, options as PoolType.Options, connectTimeoutMs),
    });
    return { dispatcher, proxy: shown };
  }
  return { dispatcher: createPool(url.origin, common, connectTimeoutMs), proxy: undefined };
}

/** Connections to one origin, direct or through a tunnel that `options.connect` digs. */
function createPool(origin: string | URL, options: PoolType.Options, connectTimeoutMs: number): PoolType {
  const { connect = buildConnector({ timeout: connectTimeoutMs }) } = options;
  const open = typeof connect === 'function' ? connect : buildConnector({ timeout: connectTimeoutMs, ...connect });
  return new Pool(origin, {
    ...options,
    connect: (target, callback) =>
      open(target, (...result) => {
        // Without a connection there is an error in its place.
        if (result[0] === null) acceptContinue(result[1]);
        callback(...result);
      }),
    factory: (clientOrigin, clientOptions) => new CountingClient(clientOrigin, clientOptions as ClientType.Options),
  });
}

/** One connection at a time, which knows how many answers the present one has brought. */
class CountingClient extends Client {
  answers = 0;

  constructor(origin: string | URL, options: ClientType.Options) {
    super(origin, options);
    this.on('connect', () => (this.answers = 0));
  }

  override dispatch(
    options: Dispatcher.DispatchOptions & { exchange?: Exchange },
    handler: Dispatcher.DispatchHandler,
  ): boolean {
    if (options.exchange !== undefined) options.exchange.connection = this;
    return super.dispatch(options, handler);
  }
}

function describeProxy(url: string): string {
  if (URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol)) return new URL(url).host;
  throw new GleanerError(
    'option-invalid',
    'Cannot use the proxy that HTTPS_PROXY or HTTP_PROXY names: it must be a URL such as http://proxy.example:3128',
  );
}
