import { connect as connectSocket, type Socket } from 'node:net';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import type { VertexClientOptions } from '../../src/vertex/client-options.ts';
import { createVertexClient, type VertexClient } from '../../src/vertex/client.ts';
import { answer, completion, startLocalServer, type LocalServer, type Reply } from './local-server.ts';

const request = { model: 'own/model', messages: [{ role: 'user' as const, content: 'Hello' }] };

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(reply: Reply): Promise<LocalServer> {
  const server = await startLocalServer(reply);
  closing.push(() => server.close());
  return server;
}

function connect(baseUrl: string, options: Partial<VertexClientOptions> = {}): VertexClient {
  const client = createVertexClient({ baseUrl, ...options });
  closing.push(() => client.close());
  return client;
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => expect.unreachable('The call must fail'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

/** A proxy that notes where it was asked to connect to, and connects to `target` whatever it was. */
async function proxy(
  target: number | undefined,
  status = 200,
): Promise<{ url: string; asked: string[]; headers: unknown[] }> {
  const asked: string[] = [];
  const headers: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer();
  server.on('connect', ({ url = '', headers: given }, client: Socket) => {
    asked.push(url);
    headers.push(given['proxy-authorization']);
    sockets.add(client);
    client.on('error', () => {});
    if (target === undefined || status !== 200) return void client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
    const upstream = connectSocket(target, '127.0.0.1');
    sockets.add(upstream);
    upstream.on('error', () => client.destroy());
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    client.pipe(upstream).pipe(client);
  });
  const port = await listen(server);
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
  });
  return { url: `http://127.0.0.1:${port}`, asked, headers };
}

describe('a connection that is closed under a call, before a byte of its answer', () => {
  /** Answers the first call of each connection and closes at the second. */
  const closeAtSecond: Reply = (socket, _wire, { requests, connections }) => {
    if (requests.length > connections) socket.destroy();
    else socket.write(answer(200, completion('x')));
  };

  test('is told from a failure of the service where it had served before', async () => {
    const server = await serve(closeAtSecond);
    const client = connect(server.url, { connections: 1 });
    await client.complete(request);
    expect(await failure(client.complete(request))).toMatchObject({ kind: 'network', isStaleConnection: true });
  });

  test('counts as a failure on a fresh connection, and after the answer has begun', async () => {
    const fresh = await serve((socket) => socket.destroy());
    expect(await failure(connect(fresh.url).complete(request))).toMatchObject({ isStaleConnection: false });
    const server = await serve((socket, _wire, { requests }) => {
      if (requests.length === 1) return void socket.write(answer(200, completion('x')));
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{');
      setTimeout(() => socket.destroy(), 10);
    });
    const client = connect(server.url, { connections: 1 });
    await client.complete(request);
    expect(await failure(client.complete(request))).toMatchObject({ kind: 'network', isStaleConnection: false });
  });
});

describe('100 Continue that nobody asked for', () => {
  const head = 'HTTP/1.1 100 Continue\r\n\r\n';

  test.each<{ name: string; pieces: string[] }>([
    { name: 'in one piece with the answer', pieces: [`${head}${answer(200, completion('x')).toString()}`] },
    { name: 'before it', pieces: [head, answer(200, completion('x')).toString()] },
    { name: 'twice', pieces: [head + head, answer(200, completion('x')).toString()] },
    {
      name: 'cut anywhere',
      pieces: ['HTT', 'P/1.1 1', '00 Continue\r\nx-y: z\r\n', `\r\n${answer(200, completion('x')).toString()}`],
    },
    {
      name: 'before another informational answer',
      pieces: [head, 'HTTP/1.1 102 Processing\r\n\r\n', answer(200, completion('x')).toString()],
    },
  ])('$name is passed over', async ({ pieces }) => {
    const server = await serve((socket) => {
      pieces.forEach((piece, index) => setTimeout(() => socket.write(piece), 5 * index));
    });
    const client = connect(server.url, { connections: 1 });
    expect((await client.complete(request)).content).toBe('x');
    expect((await client.complete(request)).content).toBe('x');
    expect(server.connections).toBe(1);
  });

  test('stays in an answer that speaks of it', async () => {
    const body = completion(head);
    const [before, after] = [body.slice(0, body.indexOf('HTTP')), body.slice(body.indexOf('HTTP'))];
    const server = await serve((socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${before}`);
      setTimeout(() => socket.write(after), 10);
    });
    expect((await connect(server.url).complete(request)).content).toBe(head);
  });
});

describe('a proxy', () => {
  test('hides neither a connection that was closed while it was idle, nor an unasked 100 Continue', async () => {
    const model = await serve((socket, _wire, { requests }) => {
      if (requests.length === 2) return void socket.destroy();
      socket.write('HTTP/1.1 100 Continue\r\n\r\n');
      socket.write(answer(200, completion('x')));
    });
    const via = await proxy(Number(new URL(model.url).port));
    const options = { allowHttp: true, proxy: { http: via.url }, connections: 1 };
    const client = connect('http://models.example:8000/v1', options);
    expect((await client.complete(request)).content).toBe('x');
    expect(await failure(client.complete(request))).toMatchObject({ kind: 'network', isStaleConnection: true });
    expect((await client.complete(request)).content).toBe('x');
    expect(via.asked).toHaveLength(2);
  });

  test('is used for other hosts, and its name and password are in no message', async () => {
    const model = await serve((socket) => socket.write(answer(200, completion('x'))));
    const via = await proxy(Number(new URL(model.url).port));
    const url = via.url.replace('http://', 'http://ann:swordfish@');
    const client = connect('http://models.example:8000/v1', { allowHttp: true, proxy: { http: url } });
    expect((await client.complete(request)).content).toBe('x');
    expect(via.asked).toEqual(['models.example:8000']);
    expect(via.headers).toEqual([`Basic ${Buffer.from('ann:swordfish').toString('base64')}`]);
  });

  test('is named when it refuses, or is not there', async () => {
    const via = await proxy(undefined, 407);
    const refused = await failure(
      connect('https://models.example/v1', { proxy: { https: via.url } }).complete(request),
    );
    expect(refused).toMatchObject({ kind: 'network', mayBeBilled: false });
    expect(refused.message).toBe(
      `Cannot reach https://models.example through the proxy ${new URL(via.url).host}: the proxy answered 407`,
    );
    const gone = await startLocalServer(() => {});
    await gone.close();
    const missing = await failure(
      connect('https://models.example/v1', { proxy: { https: gone.url } }).complete(request),
    );
    expect(missing.message).toContain(`through the proxy ${new URL(gone.url).host}: connection refused`);
  });

  test('is left out for this machine, and for the hosts that want none', async () => {
    const via = await proxy(undefined, 500);
    const model = await serve((socket) => socket.write(answer(200, completion('x'))));
    expect((await connect(model.url, { proxy: { http: via.url } }).complete(request)).content).toBe('x');
    const options = { proxy: { https: via.url, no: '.invalid' }, timeoutMs: 2000 };
    await failure(connect('https://models.invalid/v1', options).complete(request));
    expect(via.asked).toEqual([]);
  });

  test('that is no URL is refused at once', () => {
    expect(() => connect('https://models.example/v1', { proxy: { https: 'proxy:3128' } })).toThrow(
      'Cannot use the proxy',
    );
  });
});
