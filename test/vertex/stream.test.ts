import type { Socket } from 'node:net';
import { inspect } from 'node:util';
import { afterEach, expect, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import type { CompletionStream } from '../../src/completion/client.ts';
import type { CompletionDelta } from '../../src/completion/delta.ts';
import type { ChatRequest } from '../../src/completion/request.ts';
import { GleanerError } from '../../src/gleaner-error.ts';
import type { VertexClientOptions } from '../../src/vertex/client-options.ts';
import { createVertexClient, type VertexClient } from '../../src/vertex/client.ts';
import { chunk, events, storyStream, thoughtStream } from '../completion/streams.ts';
import { answer, completion, startLocalServer, type LocalServer, type Reply } from './local-server.ts';

const request: ChatRequest = {
  model: 'google/gemini-3.1-pro-preview',
  messages: [{ role: 'user', content: 'Write a story about a magic backpack.' }],
};
const token = 'swordfish-7-canary';
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n';

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

/** One piece of a chunked body. */
function piece(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

const lastPiece = '0\r\n\r\n';

function sendStream(socket: Socket, ...texts: string[]): void {
  socket.write(head);
  for (const text of texts) socket.write(piece(text));
  socket.write(lastPiece);
}

async function collect(stream: CompletionStream): Promise<CompletionDelta[]> {
  const deltas: CompletionDelta[] = [];
  for await (const delta of stream) deltas.push(delta);
  return deltas;
}

async function failure(promise: Promise<unknown>): Promise<ApiError> {
  const error = await promise.then(
    () => expect.unreachable('It must fail'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

function textOf(deltas: readonly CompletionDelta[]): string {
  return deltas.map((delta) => (delta.type === 'text-delta' ? delta.text : '')).join('');
}

test('stream asks for a stream, gives deltas as they come and the whole at the end', async () => {
  const server = await serve((socket) => sendStream(socket, storyStream));
  const stream = connect(server.url).stream(request);
  const deltas = await collect(stream);
  const whole = await stream.completion;
  expect(textOf(deltas)).toBe(whole.content);
  expect(whole).toMatchObject({ finishReason: 'stop', usage: { total: 576 }, trafficType: 'PROVISIONED_THROUGHPUT' });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({
    ...request,
    stream: true,
    // Others than Google tell the tokens of a stream only when they are asked.
    stream_options: { include_usage: true },
  });
  expect(server.requests[0]?.headers).toMatchObject({ authorization: `Bearer ${token}` });
});

test('a stream is asked for its usage where nothing else is said, and not where it comes unasked', async () => {
  const server = await serve((socket) => sendStream(socket, storyStream));
  await connect(server.url).stream({ ...request, stream_options: { include_usage: false } }).completion;
  await connect(`${server.url}/v1/projects/p/locations/l/endpoints/openapi`).stream(request).completion;
  const asked = server.requests.map(({ body }) => (JSON.parse(body) as ChatRequest).stream_options);
  expect(asked).toEqual([{ include_usage: false }, undefined]);
});

test('a delta is given out before the next one is sent', async () => {
  const heard: string[] = [];
  let socket: Socket | undefined;
  const server = await serve((client) => {
    socket = client;
    client.write(head);
    client.write(piece(events(chunk({ content: 'one' }))));
  });
  for await (const delta of connect(server.url).stream(request)) {
    heard.push(delta.type === 'text-delta' ? delta.text : delta.type);
    if (heard.length === 1) socket?.write(piece(events(chunk({ content: 'two' }, { finish: 'stop' }), '[DONE]')));
    if (heard.length === 2) socket?.write(lastPiece);
  }
  expect(heard).toEqual(['one', 'two', 'finish']);
});

test('the completion may be awaited alone, and a long stream does not stand still then', async () => {
  const words = Array.from({ length: 5000 }, (_, index) => chunk({ content: `${index} ` }));
  const server = await serve((socket) => sendStream(socket, events(...words), storyStream));
  const client = connect(server.url);
  const { content } = await client.stream(request).completion;
  expect(content).toMatch(/^0 1 2 .* 4999 Es war einmal/);

  const late = client.stream(request);
  await until(() => late.partial() !== undefined);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect((await late.completion).content).toBe(content);
});

test('thoughts are told apart by the marker of the request', async () => {
  const server = await serve((socket) => sendStream(socket, thoughtStream));
  const client = connect(server.url, { google: { thought_tag_marker: 'think' } });
  const stream = client.stream(request);
  expect(textOf(await collect(stream))).toBe('There are two < three.');
  expect(await stream.completion).toMatchObject({ thoughts: 'Is 1 < 2? Yes.' });
});

test('streams share a connection, one after another', async () => {
  const server = await serve((socket) => sendStream(socket, storyStream));
  const client = connect(server.url, { connections: 1 });
  for (let turn = 0; turn < 3; turn++) await collect(client.stream(request));
  expect(server.connections).toBe(1);
});

test('leaving the loop ends the call and frees the connection', async () => {
  let closed = 0;
  const server = await serve((socket) => {
    socket.on('close', () => closed++);
    socket.write(head);
    socket.write(piece(events(chunk({ content: 'Once ' }))));
  });
  const client = connect(server.url, { connections: 1 });
  for (let turn = 1; turn <= 2; turn++) {
    const stream = client.stream(request);
    for await (const delta of stream) {
      expect(delta).toEqual({ type: 'text-delta', text: 'Once ' });
      break;
    }
    await until(() => closed === turn);
    await expect(stream.completion).rejects.toThrow('The stream was left before its end');
    expect(stream.partial()).toMatchObject({ content: 'Once ' });
  }
});

test('leaving a loop whose answer has ended already leaves the completion alone', async () => {
  const server = await serve((socket) => sendStream(socket, storyStream));
  const stream = connect(server.url).stream(request);
  for await (const delta of stream) {
    expect(delta.type).toBe('text-delta');
    await stream.completion;
    break;
  }
  expect((await stream.completion).finishReason).toBe('stop');
});

test('a slow reader holds the service back', async () => {
  const block = events(...Array.from({ length: 1000 }, () => chunk({ content: 'x'.repeat(1000) })));
  let accepted = 0;
  const server = await serve((socket) => {
    socket.write(head);
    let left = 60;
    const more = () => {
      while (left > 0) {
        left--;
        accepted++;
        if (!socket.write(piece(block))) return void socket.once('drain', more);
      }
      socket.write(piece(storyStream));
      socket.write(lastPiece);
    };
    more();
  });
  const stream = connect(server.url, { maxResponseBytes: 2 ** 28 }).stream(request);
  let length = 0;
  let heldAt = 0;
  for await (const delta of stream) {
    if (delta.type !== 'text-delta') continue;
    length += delta.text.length;
    if (heldAt > 0) continue;
    // Some 72 MB are to come; only what the sockets take in may be under way when nothing moves any more.
    for (let before = -1; before !== accepted;) {
      before = accepted;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    heldAt = accepted;
  }
  expect(heldAt).toBeLessThan(40);
  expect(accepted).toBe(60);
  expect(length).toBe((await stream.completion).content?.length);
});

test('a stream that nobody reads and that fails is no unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const listener = (reason: unknown) => unhandled.push(reason);
  process.on('unhandledRejection', listener);
  const server = await serve((socket) => socket.destroy());
  const client = connect(server.url);
  client.stream(request);
  await client.close();
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('unhandledRejection', listener);
  expect(unhandled).toEqual([]);
});

test('an error status is what its body says, for the loop and for the completion', async () => {
  const body = '[{"error":{"code":429,"message":"Resource exhausted.","status":"RESOURCE_EXHAUSTED"}}]';
  const server = await serve((socket) => socket.write(answer(429, body, { 'retry-after': '7' })));
  const stream = connect(server.url).stream(request);
  const error = await failure(collect(stream));
  expect(error).toMatchObject({ kind: 'status', status: 429, retryAfterMs: 7000, isRetryable: true });
  await expect(stream.completion).rejects.toBe(error);
});

test('a service that answers in one piece is understood', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const stream = connect(server.url).stream(request);
  expect(textOf(await collect(stream))).toBe('x');
  expect(await stream.completion).toMatchObject({ content: 'x', usage: { total: 72 } });
});

test('[DONE] ends the answer although the connection stays open', async () => {
  const server = await serve((socket) => {
    socket.write(head);
    socket.write(piece(storyStream));
  });
  const client = connect(server.url, { connections: 1 });
  expect((await client.stream(request).completion).finishReason).toBe('stop');
  // The connection is given up after a while, so that the next call gets one.
  expect((await client.stream(request).completion).finishReason).toBe('stop');
});

const begun = piece(events(chunk({ content: 'Once ' })));
const faults: { name: string; reply: Reply; options?: Partial<VertexClientOptions>; error: object }[] = [
  {
    name: 'a reset in mid-stream',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun, () => setTimeout(() => socket.resetAndDestroy(), 20));
    },
    error: { kind: 'network', isRetryable: true, message: expect.stringContaining('No complete answer from') },
  },
  {
    name: 'a body that ends in mid-stream',
    reply: (socket) => {
      socket.write(head);
      socket.end(begun);
    },
    error: { kind: 'network', isRetryable: true },
  },
  {
    name: 'a proper end before the answer is whole',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun);
      socket.write(lastPiece);
    },
    error: { kind: 'unreadable', message: 'HTTP 200 with a stream that ends before its answer does' },
  },
  {
    name: 'a stall in mid-stream',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun);
    },
    options: { idleTimeoutMs: 50 },
    error: { kind: 'timeout', status: 200, message: expect.stringContaining('nothing came for 50 ms') },
  },
  {
    name: 'a stream that drips on and on',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun);
      const timer = setInterval(() => socket.write(piece(': keep-alive\n\n')), 5);
      socket.on('close', () => clearInterval(timer));
    },
    options: { timeoutMs: 1500, idleTimeoutMs: 1000 },
    error: { kind: 'timeout', message: expect.stringContaining('within 1500 ms') },
  },
  {
    name: 'an error line',
    reply: (socket) =>
      sendStream(socket, events(chunk({ content: 'Once ' }), '{"error":{"code":503,"message":"Overloaded"}}')),
    error: { kind: 'status', status: 503, message: 'HTTP 503: Overloaded' },
  },
  {
    name: 'an event of 10 MB without a line end',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun);
      socket.write(piece('data: '));
      const more = () => {
        while (!socket.destroyed) if (!socket.write(piece('x'.repeat(65_536)))) return void socket.once('drain', more);
      };
      more();
    },
    error: { kind: 'unreadable', message: 'Cannot read the stream: an event is larger than 10485760 bytes' },
  },
  {
    name: 'more than the whole answer may have',
    reply: (socket) => {
      socket.write(head);
      socket.write(begun);
      const timer = setInterval(() => socket.write(piece(': keep-alive\n'.repeat(1000))), 1);
      socket.on('close', () => clearInterval(timer));
    },
    options: { maxResponseBytes: 50_000 },
    error: { kind: 'unreadable', message: expect.stringContaining('larger than 50000 bytes') },
  },
];

test.each(faults)('$name gives what came before, then the error, and frees the connection', async (fault) => {
  let closed = 0;
  const server = await serve((socket, wire, local) => {
    socket.on('close', () => closed++);
    fault.reply(socket, wire, local);
  });
  const client = connect(server.url, { connections: 1, ...fault.options });
  const stream = client.stream(request);
  const deltas: CompletionDelta[] = [];
  const error = await failure(
    (async () => {
      for await (const delta of stream) deltas.push(delta);
    })(),
  );
  expect(error).toMatchObject(fault.error);
  expect(deltas).toEqual([{ type: 'text-delta', text: 'Once ' }]);
  await expect(stream.completion).rejects.toBe(error);
  expect(stream.partial()).toMatchObject({ content: 'Once ' });
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(token);
  // All calls have ended, or this would wait.
  await client.close();
  if (closed === 0) await until(() => closed > 0);
});

const reported = { usage: { prompt_tokens: 100, completion_tokens: 400, total_tokens: 500 } };

test.each<{ name: string; reply: Reply; kind: string }>([
  {
    name: 'an error',
    reply: (socket) =>
      sendStream(
        socket,
        events(chunk({ content: 'Once ' }, reported), '{"error":{"code":503,"message":"Overloaded"}}'),
      ),
    kind: 'status',
  },
  {
    name: 'an error that tells them itself',
    reply: (socket) =>
      sendStream(socket, events(chunk({ content: 'Once ' }), JSON.stringify({ error: { code: 503 }, ...reported }))),
    kind: 'status',
  },
  {
    name: 'a cut',
    reply: (socket) => {
      socket.write(head);
      socket.write(piece(events(chunk({ content: 'Once ' }, reported))));
      setTimeout(() => socket.destroy(), 20);
    },
    kind: 'network',
  },
  {
    name: 'silence',
    reply: (socket) => {
      socket.write(head);
      socket.write(piece(events(chunk({ content: 'Once ' }, reported))));
    },
    kind: 'timeout',
  },
])('tokens that a stream reported before $name are not lost, and count as billed', async ({ reply, kind }) => {
  const server = await serve(reply);
  const error = await failure(connect(server.url, { idleTimeoutMs: 100 }).stream(request).completion);
  expect(error).toMatchObject({ kind, mayBeBilled: true, usage: { prompt: 100, completion: 400, total: 500 } });
});

test('an abort rejects with its reason and frees the connection, before and in mid-stream', async () => {
  let closed = 0;
  const server = await serve((socket) => {
    socket.on('close', () => closed++);
    socket.write(head);
    socket.write(begun);
  });
  const client = connect(server.url);
  const reason = new Error('Interrupted');
  await expect(collect(client.stream(request, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
  expect(server.requests).toHaveLength(0);

  const controller = new AbortController();
  const stream = client.stream(request, { signal: controller.signal });
  await expect(
    (async () => {
      for await (const _delta of stream) controller.abort(reason);
    })(),
  ).rejects.toBe(reason);
  await expect(stream.completion).rejects.toBe(reason);
  await until(() => closed === 1);
});

test('a 401 makes the source refresh', async () => {
  let issued = 1;
  let current = { authorization: 'Bearer token-1' };
  const auth = {
    headers: () => Promise.resolve(current),
    refresh: () => void (current = { authorization: `Bearer token-${++issued}` }),
  };
  const server = await serve((socket, { headers }) => {
    if (headers['authorization'] === 'Bearer token-1') socket.write(answer(401, ''));
    else sendStream(socket, storyStream);
  });
  const client = connect(server.url, { auth });
  expect((await failure(client.stream(request).completion)).status).toBe(401);
  expect((await client.stream(request).completion).finishReason).toBe('stop');
});

test('a stream is iterated once, and a closed client makes none', async () => {
  const server = await serve((socket) => sendStream(socket, storyStream));
  const client = connect(server.url);
  const stream = client.stream(request);
  await collect(stream);
  await expect(collect(stream)).rejects.toThrow('it has been iterated before');
  await client.close();
  expect(() => client.stream(request)).toThrow('the client is closed');
});

test('complete asks for an answer in one piece, whatever the request says', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  await connect(server.url).complete({ ...request, stream: true });
  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ ...request, stream: false });
});

test("Google's options go with every request, unless the request says otherwise", async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const safety = [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }];
  const client = connect(server.url, { google: { safety_settings: safety, media_resolution: 'MEDIA_RESOLUTION_LOW' } });
  await client.complete(request);
  await client.complete({ ...request, extra_body: { google: { media_resolution: 'MEDIA_RESOLUTION_HIGH' } } });
  const [first, second] = server.requests.map(({ body }) => JSON.parse(body) as ChatRequest);
  expect(first).toEqual({
    ...request,
    extra_body: { google: { safety_settings: safety, media_resolution: 'MEDIA_RESOLUTION_LOW' } },
  });
  expect(second?.extra_body?.google).toEqual({ safety_settings: safety, media_resolution: 'MEDIA_RESOLUTION_HIGH' });
});

test('what the model is known to refuse is not sent, unless checks are off', async () => {
  const server = await serve((socket) => socket.write(answer(200, completion('x'))));
  const wrong: ChatRequest = { ...request, model: 'google/gemini-3.8-flash', n: 2 };
  const client = connect(server.url);
  await expect(client.complete(wrong)).rejects.toThrow(GleanerError);
  await expect(client.complete(wrong)).rejects.toThrow(
    'Cannot send the request: google/gemini-3.8-flash gives at most 1 answers a request, got n = 2',
  );
  expect(() => client.stream(wrong)).toThrow(GleanerError);
  expect(server.requests).toHaveLength(0);
  await connect(server.url, { checkRequests: false }).complete(wrong);
  expect(server.requests).toHaveLength(1);
});
