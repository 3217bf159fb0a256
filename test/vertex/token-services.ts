import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { certificate } from './certificate.ts';

/** A request to one of the hosts that hand out tokens. */
export interface TokenRequest {
  /** Such as `POST oauth2.googleapis.com/token`. */
  line: string;
  headers: IncomingMessage['headers'];
  body: string;
}

/** What a host does with a request. */
export type TokenReply =
  { status?: number; json?: unknown; text?: string; headers?: Record<string, string> } | 'silence' | 'reset' | 'half';

export interface TokenServices {
  /** Of the proxy, for HTTPS_PROXY. */
  readonly url: string;
  readonly requests: TokenRequest[];
  close(): Promise<void>;
}

/**
 * Plays every host of the internet behind a proxy, so that the hosts which Google's library does not let anybody replace
 * can be played, too. Its certificate is signed by nobody.
 */
export async function startTokenServices(reply: (request: TokenRequest) => TokenReply): Promise<TokenServices> {
  const requests: TokenRequest[] = [];
  const sockets = new Set<Socket>();

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const seen = { line: `${request.method} ${request.headers.host}${request.url}`, headers: request.headers, body };
    requests.push(seen);
    const answer = reply(seen);
    if (answer === 'silence') return;
    if (answer === 'reset') return void request.socket.destroy();
    if (answer === 'half') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('{"access_token":"swordfish');
      return void setTimeout(() => request.socket.destroy(), 20);
    }
    const { status = 200, json, text, headers } = answer;
    const type = json === undefined ? 'text/plain' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers });
    response.end(text ?? (json === undefined ? '' : JSON.stringify(json)));
  }

  const hosts = createSecureServer(certificate, (request, response) => void serve(request, response).catch(() => {}));
  const proxy = createServer((request, response) => void serve(request, response).catch(() => {}));
  proxy.on('connect', ({ url }, socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.write('HTTP/1.1 200 Connected\r\n\r\n');
    (url?.endsWith(':443') === true ? hosts : proxy).emit('connection', socket);
  });
  hosts.on('tlsClientError', () => {});
  proxy.on('connection', (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => proxy.close(resolve));
    },
  };
}
