import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A request as it came over the wire; header names in lower case. */
interface WireRequest {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export interface LocalServer {
  readonly url: string;
  readonly requests: WireRequest[];
  /** How many connections were accepted. */
  connections: number;
  close(): Promise<void>;
}

/** Writes what it likes to the socket, or nothing, or destroys it. */
export type Reply = (socket: Socket, request: WireRequest, server: LocalServer) => void;

/** An HTTP server by hand, for the answers that a proper one would not give. */
export async function startLocalServer(reply: Reply): Promise<LocalServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    local.connections++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    let received = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const request = readRequest(received);
        if (request === undefined) return;
        received = received.subarray(request.length);
        local.requests.push(request.request);
        reply(socket, request.request, local);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const local: LocalServer = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    connections: 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return local;
}

function readRequest(bytes: Buffer): { request: WireRequest; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 2)]),
  );
  const length = end + 4 + Number(headers['content-length'] ?? 0);
  if (bytes.length < length) return undefined;
  return {
    request: { path: first.split(' ')[1] ?? '', headers, body: bytes.subarray(end + 4, length).toString() },
    length,
  };
}

/** A complete answer. */
export function answer(status: number, body: string | Buffer, headers: Record<string, string> = {}): Buffer {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers });
  const head = [`HTTP/1.1 ${status} Some Reason`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''];
  return Buffer.concat([Buffer.from(head.join('\r\n')), Buffer.from(body)]);
}

export function completion(content: string): string {
  return JSON.stringify({
    object: 'chat.completion',
    model: 'google/gemini-3.5-flash-lite',
    choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content } }],
    usage: { prompt_tokens: 27, completion_tokens: 45, total_tokens: 72 },
  });
}
