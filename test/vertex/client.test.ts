import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { THOUGHT_TAG } from '../../src/completion/thought-tag.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import type { VertexClientOptions } from '../../src/vertex/client-options.ts';
import { createVertexClient, type VertexClient } from '../../src/vertex/client.ts';
import { certificate } from './certificate.ts';
import { answer, completion, startLocalServer, type LocalServer, type Reply } from './local-server.ts';

const request: ChatRequest = {
  model: 'google/gemini-3.5-flash-lite',
  messages: [{ role: 'user', content: 'Grüße 🧾' }],
};
const token = 'swordfish-7-canary';

let opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const item of opened.toReversed()) await item.close();
  opened = [];
});

async function serve(reply: Reply): Promise<LocalServer> {
  const server = await startLocalServer(reply);
  opened.push(server);
  return server;
}

function connect(baseUrl: string, options: Partial<VertexClientOptions> = {}): VertexClient {
  const client = createVertexClient({ baseUrl, auth: { kind: 'token', token }, ...options });
  opened.push(client);
  return client;
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => expect.unreachable('The call must fail'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

test('complete posts the request once and reads the completion', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('{"total":12.5}'))));
  const client = connect(`${server.url}/v1`, { userAgent: 'gleaner/1.2.3', headers: { 'X-Request-Type': 'shared' } });

  expect(client.url.href).toBe(`${server.url}/v1/chat/completions`);
  expect(await client.complete(request)).toMatchObject({ content: '{"total":12.5}', usage: { prompt: 27, total: 72 } });
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]).toMatchObject({
    path: '/v1/chat/completions',
    headers: {
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      authorization: `Bearer ${token}`,
      'user-agent': 'gleaner/1.2.3',
      'x-request-type': 'shared',
    },
  });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual(request);
});

test('complete sends no credentials to a host that is not Google, unless told to', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  await connect(server.url, { auth: undefined }).complete(request);
  expect(server.requests[0]?.headers).not.toHaveProperty('authorization');
});

test('complete keeps a character whole that arrives in two pieces', async () => {
  const bytes = answer(200, completion('Grüße 🧾'));
  const middle = bytes.indexOf(Buffer.from('🧾')) + 2;
  const server = await serve((socket) => {
    socket.write(bytes.subarray(0, middle));
    setTimeout(() => socket.write(bytes.subarray(middle)), 20);
  });
  expect((await connect(server.url).complete(request)).content).toBe('Grüße 🧾');
});

test('complete tells of an answer whose bytes are no text, and keeps its tokens', async () => {
  const bytes = answer(200, completion('{"name":"Caf??"}'));
  const at = bytes.indexOf('??');
  bytes.set([0xe9, 0xff], at);
  const server = await serve((socket) => socket.write(bytes));
  const broken = await connect(server.url).complete(request);
  expect(broken).toMatchObject({ hasBrokenText: true, usage: { total: 72 } });

  // Such a character that was sent is one like any other.
  const sent = await serve((socket) => socket.write(answer(200, completion('Caf\ufffd'))));
  expect(await connect(sent.url).complete(request)).not.toHaveProperty('hasBrokenText');
});

test('calls one after another share a connection, failed ones included', async () => {
  const replies = [200, 429, 503, 400, 401, 302, 200];
  const server = await serve((socket, _request, { requests }) =>
    socket.write(answer(replies[requests.length - 1] ?? 500, completion('x'))),
  );
  const client = connect(server.url, { connections: 1 });
  for (const status of replies) {
    const call = client.complete(request).then(
      () => 200,
      (error: ApiError) => error.status,
    );
    expect(await call).toBe(status);
  }
  expect(server.requests).toHaveLength(replies.length);
  expect(server.connections).toBe(1);
});

test('calls beyond the connections wait for one', async () => {
  const server = await serve((socket) => setTimeout(() => socket.write(answer(200, completion('x'))), 5));
  const client = connect(server.url, { connections: 2 });
  const answers = await Promise.all(Array.from({ length: 20 }, () => client.complete(request)));
  expect(answers.map(({ content }) => content)).toEqual(Array.from({ length: 20 }, () => 'x'));
  expect(server.connections).toBe(2);
});

test('complete gives an error status as what the body says', async () => {
  const body = '[{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED"}}]';
  const server = await serve((socket) => socket.write(answer(429, body, { 'retry-after': '7' })));
  expect(await failure(connect(server.url).complete(request))).toMatchObject({
    message: 'HTTP 429 RESOURCE_EXHAUSTED: Resource exhausted.',
    kind: 'status',
    code: 'RESOURCE_EXHAUSTED',
    retryAfterMs: 7000,
    isRetryable: true,
  });
});

const network: { name: string; reply: Reply; message: RegExp; code: RegExp }[] = [
  { name: 'a reset', reply: (socket) => socket.resetAndDestroy(), message: /reset/, code: /^ECONNRESET$/ },
  {
    name: 'a close',
    reply: (socket) => socket.destroy(),
    message: /the connection was closed/,
    code: /^UND_ERR_SOCKET$/,
  },
  {
    name: 'no HTTP',
    reply: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    message: /not proper HTTP/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'a garbage status line',
    reply: (socket) => socket.end('HTTP/1.1 \0\xff OK\r\n\r\n'),
    message: /not proper HTTP/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'a body cut short',
    reply: (socket) => socket.end(answer(200, completion('x').slice(0, 40), { 'content-length': '900' })),
    message: /No complete answer from .*(content-length|closed)/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'a reset inside the body',
    reply: (socket) => {
      socket.write(answer(200, '{"cho', { 'content-length': '900' }));
      setTimeout(() => socket.resetAndDestroy(), 10);
    },
    message: /No complete answer from/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'chunks without an end',
    reply: (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n{"cho\r\n'),
    message: /No complete answer from/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'a chunk size that is no number',
    reply: (socket) => socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n{}\r\n'),
    message: /not proper HTTP/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'two different lengths',
    reply: (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'),
    message: /not proper HTTP|content-length/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'endless headers',
    reply: (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`),
    message: /headers of the answer are too large/,
    code: /^[A-Za-z_]+$/,
  },
  {
    name: 'an upgrade',
    reply: (socket) => socket.write('HTTP/1.1 101 Switching\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    message: /No complete answer from/,
    code: /^[A-Za-z_]+$/,
  },
];

test.each(network)('complete reports $name as a network failure', async ({ reply, message, code }) => {
  const server = await serve(reply);
  const error = await failure(connect(server.url).complete(request));
  expect(error).toMatchObject({ kind: 'network', isRetryable: true });
  expect(error.message).toMatch(message);
  expect(error.message).toContain(server.url);
  expect(error.code).toMatch(code);
  expect(server.requests).toHaveLength(1);
});

test('complete reports a host that cannot be reached', async () => {
  const server = await startLocalServer(() => {});
  await server.close();
  expect(await failure(connect(server.url).complete(request))).toMatchObject({
    message: `Cannot reach ${server.url}: connection refused`,
    kind: 'network',
    code: 'ECONNREFUSED',
    isRetryable: true,
  });
  expect(await failure(connect('https://gleaner.invalid').complete(request))).toMatchObject({
    message: expect.stringMatching(/^Cannot reach https:\/\/gleaner\.invalid: host name/),
    kind: 'network',
  });
  const plain = createServer((socket) => socket.end('no TLS here\n')).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  opened.push({ close: async () => void plain.close() });
  const { port } = plain.address() as AddressInfo;
  expect(await failure(connect(`https://127.0.0.1:${port}`).complete(request))).toMatchObject({
    message: expect.stringMatching(/^Cannot reach https:\/\/127\.0\.0\.1:\d+: no secure connection: /),
    kind: 'network',
  });
});

test('a client outlives the failures of its connections', async () => {
  const server = await serve((socket, _request, { requests }) => {
    if (requests.length % 2 === 1) socket.resetAndDestroy();
    else socket.write(answer(200, completion('x')));
  });
  const client = connect(server.url, { connections: 1 });
  for (let turn = 0; turn < 5; turn++) {
    expect((await failure(client.complete(request))).kind).toBe('network');
    expect((await client.complete(request)).content).toBe('x');
  }
});

test('a client outlives stalls, floods and aborts, also of calls that wait for its only connection', async () => {
  const server = await serve((socket, { body }) => {
    if (body.includes('flood')) socket.write(answer(200, 'x'.repeat(20_000), { 'content-length': '1000000' }));
    else if (!body.includes('stall')) socket.write(answer(200, completion('x')));
  });
  const client = connect(server.url, { connections: 1, timeoutMs: 200, maxResponseBytes: 10_000 });
  const say = (content: string, signal?: AbortSignal) =>
    client.complete({ messages: [{ role: 'user', content }] }, { signal });
  const reason = new Error('Interrupted');
  const controller = new AbortController();

  const stalled = [say('stall'), say('stall'), say('hello')].map(failure);
  const abandoned = [say('stall', controller.signal), say('hello', controller.signal)];
  controller.abort(reason);
  expect((await Promise.allSettled(abandoned)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect((await Promise.all(stalled)).map(({ kind }) => kind)).toEqual(['timeout', 'timeout', 'timeout']);
  expect((await failure(say('flood'))).kind).toBe('unreadable');
  expect((await say('hello')).content).toBe('x');
  expect((await say('hello')).content).toBe('x');
  // Calls that ended while they waited were never sent.
  expect(server.requests.map(({ body }) => /stall|flood|hello/.exec(body)?.[0])).toEqual([
    'stall',
    'flood',
    'hello',
    'hello',
  ]);

  const another = new AbortController();
  const sent = say('stall', another.signal);
  while (server.requests.length < 5) await new Promise((resolve) => setTimeout(resolve, 1));
  another.abort(reason);
  await expect(sent).rejects.toBe(reason);
  expect((await say('hello')).content).toBe('x');
});

const unreadable: { name: string; reply: Reply; message: RegExp }[] = [
  { name: 'an empty 200', reply: (socket) => socket.write(answer(200, '')), message: /^HTTP 200 with an empty body$/ },
  {
    name: 'a 204',
    reply: (socket) => socket.write('HTTP/1.1 204 OK\r\n\r\n'),
    message: /^HTTP 204 with an empty body$/,
  },
  {
    name: 'broken JSON',
    reply: (socket) => socket.write(answer(200, completion('x').slice(0, 50))),
    message: /^HTTP 200 with 50 bytes of truncated or broken JSON$/,
  },
  {
    name: 'a gzip body',
    reply: (socket) => socket.write(answer(200, gzipSync(completion('x')), { 'content-encoding': 'gzip' })),
    message: /gzip-encoded body that was not asked for/,
  },
  {
    name: 'too large a body',
    reply: (socket) => socket.write(answer(200, completion('x'.repeat(20_000)))),
    message: /larger than 10000 bytes/,
  },
  {
    name: 'an endless body',
    reply: (socket) => {
      socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`), 1);
      socket.on('close', () => clearInterval(timer));
    },
    message: /larger than 10000 bytes/,
  },
];

test.each(unreadable)('complete reports $name as unreadable', async ({ reply, message }) => {
  const server = await serve(reply);
  const error = await failure(connect(server.url, { maxResponseBytes: 10_000 }).complete(request));
  expect(error).toMatchObject({ kind: 'unreadable', isRetryable: true });
  expect(error.message).toMatch(message);
});

test('complete waits through informational answers', async () => {
  const server = await serve((socket) => {
    socket.write('HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n');
    socket.write(answer(200, completion('x')));
  });
  expect((await connect(server.url).complete(request)).content).toBe('x');
});

const stalls: { name: string; reply: Reply; status: number | undefined }[] = [
  { name: 'no answer', reply: () => {}, status: undefined },
  { name: 'a mere hint', reply: (socket) => socket.write('HTTP/1.1 102 Processing\r\n\r\n'), status: undefined },
  { name: 'a stalled head', reply: (socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-le'), status: undefined },
  { name: 'a stalled body', reply: (socket) => socket.write(answer(200, '{', { 'content-length': '9' })), status: 200 },
  {
    name: 'a body that drips',
    reply: (socket) => {
      socket.write(answer(200, '{', { 'content-length': '100000' }));
      const timer = setInterval(() => socket.write(' '), 10);
      socket.on('close', () => clearInterval(timer));
    },
    status: 200,
  },
];

test.each(stalls)('complete gives up on $name', async ({ reply, status }) => {
  const server = await serve(reply);
  expect(await failure(connect(server.url, { timeoutMs: 100 }).complete(request))).toMatchObject({
    message: `No complete answer from ${server.url} within 100 ms`,
    kind: 'timeout',
    status,
    isRetryable: true,
  });
});

test('the time of a call includes waiting for a token and for a connection', async () => {
  const server = await serve(() => {});
  const noToken = { headers: () => new Promise<Record<string, string>>(() => {}), refresh() {} };
  expect((await failure(connect(server.url, { timeoutMs: 50, auth: noToken }).complete(request))).kind).toBe('timeout');
  const lateToken = {
    headers: () => new Promise<Record<string, string>>((resolve) => setTimeout(resolve, 60, {})),
    refresh() {},
  };
  expect((await failure(connect(server.url, { timeoutMs: 30, auth: lateToken }).complete(request))).kind).toBe(
    'timeout',
  );
  await lateToken.headers();
  expect(server.connections).toBe(0);

  const client = connect(server.url, { timeoutMs: 50, connections: 1 });
  const errors = await Promise.all([client.complete(request), client.complete(request)].map(failure));
  expect(errors.map(({ kind }) => kind)).toEqual(['timeout', 'timeout']);
  expect(server.requests).toHaveLength(1);
});

test('an error status counts although its body stalls, breaks off or never ends', async () => {
  const head = 'HTTP/1.1 429 Too Many\r\nretry-after: 3\r\ntransfer-encoding: chunked\r\n\r\n';
  const bodies: Reply[] = [
    (socket) => socket.write(head),
    (socket) => socket.end(`${head}5\r\n[{"er\r\n`),
    (socket) => {
      socket.write(head);
      const timer = setInterval(() => socket.write(`1000\r\n${'x'.repeat(4096)}\r\n`), 1);
      socket.on('close', () => clearInterval(timer));
    },
  ];
  for (const reply of bodies) {
    const server = await serve(reply);
    const error = await failure(connect(server.url, { timeoutMs: 500 }).complete(request));
    expect(error).toMatchObject({ kind: 'status', status: 429, retryAfterMs: 3000 });
  }
});

test('an abort rejects all calls of its signal with its reason, and no others', async () => {
  const server = await serve((socket, { body }) => {
    if (body.includes('soon')) socket.write(answer(200, completion('x')));
    if (body.includes('later')) setTimeout(() => socket.write(answer(200, completion('x'))), 100);
  });
  const client = connect(server.url);
  const say = (content: string, signal: AbortSignal) =>
    client.complete({ messages: [{ role: 'user', content }] }, { signal });
  const controller = new AbortController();
  const reason = new Error('Interrupted');

  const calls = Array.from({ length: 5 }, () => say('never', controller.signal));
  const bystander = say('later', new AbortController().signal);
  expect((await say('soon', controller.signal)).content).toBe('x');
  controller.abort(reason);

  for (const call of calls) await expect(call).rejects.toBe(reason);
  expect((await bystander).content).toBe('x');
  await expect(say('soon', controller.signal)).rejects.toBe(reason);
});

test('close waits for the calls under way and lets no more begin', async () => {
  const server = await serve((socket) => setTimeout(() => socket.write(answer(200, completion('x'))), 30));
  const client = connect(server.url);
  const call = client.complete(request);
  const closed = client.close();
  await expect(client.complete(request)).rejects.toThrow('the client is closed');
  let isDone = false;
  void call.then(() => (isDone = true));
  await closed;
  expect(isDone).toBe(true);
});

test('a 401 makes the source refresh, once for each token', async () => {
  let issued = 1;
  let refreshes = 0;
  let current = { authorization: 'Bearer token-1' };
  const auth = {
    headers: () => Promise.resolve(current),
    refresh() {
      refreshes++;
      current = { authorization: `Bearer token-${++issued}` };
    },
  };
  const server = await serve((socket, { headers }) => {
    const isOld = headers['authorization'] === 'Bearer token-1';
    setTimeout(() => socket.write(isOld ? answer(401, '') : answer(200, completion('x'))), isOld ? 5 : 0);
  });
  const client = connect(server.url, { auth });

  const errors = await Promise.all(Array.from({ length: 8 }, () => failure(client.complete(request))));
  expect(errors.map(({ status }) => status)).toEqual(Array(8).fill(401));
  expect((await client.complete(request)).content).toBe('x');
  // Some of the eight may be read before the new token is first used; none is after.
  expect(issued).toBe(refreshes + 1);
  const before = refreshes;
  await client.complete(request);
  expect(refreshes).toBe(before);
});

test('a late 401 for an older token leaves the newer one alone', async () => {
  let refreshes = 0;
  let current = { authorization: 'Bearer old' };
  const auth = { headers: () => Promise.resolve(current), refresh: () => void refreshes++ };
  const waiting: Socket[] = [];
  const server = await serve((socket, { headers }) => {
    if (headers['authorization'] === 'Bearer old') waiting.push(socket);
    else socket.write(answer(200, completion('x')), () => waiting.pop()?.write(answer(401, '')));
  });
  const client = connect(server.url, { auth });
  const late = failure(client.complete(request));
  while (server.requests.length < 1) await new Promise((resolve) => setTimeout(resolve, 1));
  current = { authorization: 'Bearer new' };
  await client.complete(request);
  expect((await late).status).toBe(401);
  expect(refreshes).toBe(0);
});

test('credentials that cannot be had or sent end the call before anything is sent', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const broken = [
    { headers: () => Promise.reject(new Error('vault is sealed, Bearer abcdefgh')), refresh() {} },
    {
      headers(): Promise<Record<string, string>> {
        throw new Error('vault is sealed');
      },
      refresh() {},
    },
    { headers: () => Promise.resolve({ authorization: `Bearer ${token}\r\nx-evil: 1` }), refresh() {} },
  ];
  for (const auth of broken) {
    const error = await failure(connect(server.url, { auth }).complete(request));
    expect(error.kind).toBe('credentials');
    expect(error.message).toMatch(
      /^Cannot (get credentials: vault is sealed|use the credentials: they hold characters)/,
    );
    expect(inspect(error)).not.toMatch(/abcdefgh|swordfish/);
  }
  expect(server.requests).toHaveLength(0);
});

test('no failure shows the token, even when the server repeats it', async () => {
  const echoes: Reply[] = [
    ...network.map(({ reply }) => reply),
    ...unreadable.map(({ reply }) => reply),
    ...stalls.map(({ reply }) => reply),
    (socket) => socket.end(`HTTP/1.1 ${token} ${token}\r\n\r\n${token}`),
    (socket) => socket.end(`HTTP/1.1 200 OK\r\n${token} ${token}\r\n\r\n`),
    (socket) => socket.write(answer(302, token, { location: `https://${token}.example/${token}` })),
    (socket) => socket.write(answer(200, `<html><title>${token}</title>`)),
    (socket) => socket.write(answer(200, token, { 'content-encoding': token })),
    ...[400, 401, 403, 500].flatMap((status): Reply[] => [
      (socket) => socket.write(answer(status, token)),
      (socket) => socket.write(answer(status, `<html><title>You sent ${token}</title>`)),
      (socket) =>
        socket.write(
          answer(
            status,
            JSON.stringify([
              {
                error: {
                  code: status,
                  message: `You sent authorization: Bearer ${token}, that is ${token}`,
                  status: token,
                  details: [
                    { reason: token, metadata: { quota_id: token }, violations: [{ subject: token }] },
                    { fieldViolations: [{ field: token, description: token }] },
                  ],
                },
              },
            ]),
          ),
        ),
      (socket) => socket.write(answer(200, JSON.stringify({ error: { code: status, message: token, status: token } }))),
    ]),
  ];
  for (const reply of echoes) {
    const server = await serve(reply);
    const error = await failure(connect(server.url, { timeoutMs: 100, maxResponseBytes: 10_000 }).complete(request));
    const shown = [
      error.message,
      error.stack,
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
    ].join('\n');
    expect(shown).not.toContain(token);
    expect(shown).not.toContain('Grüße');
  }
});

test.each([
  { options: { timeoutMs: 0 }, says: /timeoutMs must be a whole number/ },
  { options: { timeoutMs: Number.NaN }, says: /timeoutMs/ },
  { options: { connections: 1.5 }, says: /connections/ },
  { options: { maxResponseBytes: 2 ** 30 }, says: /maxResponseBytes/ },
  { options: { headers: { Authorization: 'Bearer x' } }, says: /"Authorization": gleaner sets it itself/ },
  { options: { headers: { 'Content-Length': '1' } }, says: /gleaner sets it itself/ },
  { options: { headers: { 'User-Agent': 'x' } }, says: /gleaner sets it itself/ },
  { options: { headers: { 'x-a': '1\r\nx-b: 2' } }, says: /no header may have such a name or value/ },
  { options: { headers: { 'x a': '1' } }, says: /no header may have such a name or value/ },
  { options: { userAgent: 'a\nb' }, says: /no header may have such a name or value/ },
  { options: { auth: { kind: 'adc' } as const }, says: /Google's hosts only/ },
  { options: { auth: { kind: 'token', token: 'a b' } as const }, says: /characters that no token has/ },
])('createVertexClient refuses $options', ({ options, says }) => {
  expect(() => createVertexClient({ baseUrl: 'http://127.0.0.1:1', ...options })).toThrow(GleanerError);
  expect(() => createVertexClient({ baseUrl: 'http://127.0.0.1:1', ...options })).toThrow(says);
});

test('what never left is not billed: no connection, a certificate that is refused, no token, no free socket', async () => {
  const secure = createSecureServer(certificate, (_request, response) => response.end(completion('x')));
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { port } = secure.address() as AddressInfo;
  const refused = await failure(connect(`https://127.0.0.1:${port}`).complete(request));
  expect(refused).toMatchObject({ kind: 'network', mayBeBilled: false });
  expect(refused.message).toContain('no secure connection');
  await new Promise((resolve) => secure.close(resolve));

  const gone = await startLocalServer(() => {});
  await gone.close();
  expect(await failure(connect(gone.url).complete(request))).toMatchObject({ kind: 'network', mayBeBilled: false });

  const silent = await serve(() => {});
  const client = connect(silent.url, { connections: 1, timeoutMs: 100 });
  const [first, second] = await Promise.all([failure(client.complete(request)), failure(client.complete(request))]);
  expect(first).toMatchObject({ kind: 'timeout', mayBeBilled: true });
  expect(second).toMatchObject({ kind: 'timeout', mayBeBilled: false });
  expect(second?.message).toContain('No free connection');

  const never = { headers: () => new Promise<never>(() => {}), refresh() {} };
  const waiting = await failure(connect(silent.url, { auth: never, timeoutMs: 50 }).complete(request));
  expect(waiting).toMatchObject({ kind: 'timeout', mayBeBilled: false });
  expect(waiting.message).toContain('No access token');
});

test('thoughts that a model tags unasked are cut from its answer, and the tag is not sent', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('<think>hm {"a":1}</think>\n{"a":2}'))));
  const tagged = { ...request, [THOUGHT_TAG]: 'think' };
  expect(await connect(server.url).complete(tagged)).toMatchObject({ content: '\n{"a":2}', thoughts: 'hm {"a":1}' });
  expect(server.requests[0]?.body).not.toContain('think');
});
