import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { markEmulator, unmarkEmulator } from '../../src/files/emulator-mark.ts';
import { startEmulator, type Emulator } from '../../src/emulator/index.ts';
import { createVertexClient, type VertexClient } from '../../src/vertex/client.ts';
import { completion } from './local-server.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

const path = '/v1/projects/p/locations/global/endpoints/openapi';
const request = {
  model: 'google/gemini-3.5-flash-lite',
  messages: [{ role: 'user' as const, content: 'Hello' }],
};

async function emulator(port = 0): Promise<Emulator> {
  const started = await startEmulator({ port });
  closing.push(() => started.close());
  return started;
}

async function serve(
  reply: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(reply);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return { port: (server.address() as AddressInfo).port, close };
}

async function serveAt(port: number): Promise<{ close(): Promise<void> }> {
  const server = createServer((_request, response) => response.end('{}'));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function client(baseUrl: string): VertexClient {
  const made = createVertexClient({ baseUrl, auth: { kind: 'token', token: 'any' } });
  closing.push(() => made.close());
  return made;
}

describe('a client finds out what is behind its base URL', () => {
  test('the emulator says so when it is asked, and before that counts as a service', async () => {
    const { baseUrl } = await emulator();
    const made = client(baseUrl());
    expect(made.service.isEmulated).toBe(false);
    await made.identify();
    expect(made.service).toEqual({ name: 'emulator', isEmulated: true });
    await expect(made.complete(request)).resolves.toMatchObject({ model: request.model });
    const stream = made.stream(request);
    await expect(stream.completion).resolves.toMatchObject({ model: request.model });
  });

  test('another server with the same paths is a service', async () => {
    const { port } = await serve((_request, response) => response.end('{}'));
    const made = client(`http://127.0.0.1:${port}${path}`);
    await made.identify();
    expect(made.service).toMatchObject({ name: `127.0.0.1:${port}${path}`, isEmulated: false });
  });

  test.each(['/v1', path])('a server of others gets no request (%s)', async (prefix) => {
    let requests = 0;
    const { port } = await serve((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    await client(`http://127.0.0.1:${port}${prefix}`).identify();
    expect(requests).toBe(0);
  });

  test('a mark that an emulator has left behind makes no emulator of what listens there later', async () => {
    const { port, close } = await serve((_request, response) => response.end());
    await close();
    const former = await startEmulator({ port });
    await former.close();
    markEmulator(port);
    onTestFinished(() => unmarkEmulator(port));
    closing.push((await serveAt(port)).close);
    const made = client(`http://127.0.0.1:${port}${path}`);
    await made.identify();
    expect(made.service.isEmulated).toBe(false);
  });

  test('an emulator that is still starting is waited for', async () => {
    const { port, close } = await serve((_request, response) => response.end());
    await close();
    const made = client(`http://127.0.0.1:${port}${path}`);
    const identified = made.identify();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await emulator(port);
    await identified;
    expect(made.service.isEmulated).toBe(true);
  });

  test('the wait ends with the reason of the signal', async () => {
    const { port, close } = await serve((_request, response) => response.end());
    await close();
    const stopping = new AbortController();
    const identified = client(`http://127.0.0.1:${port}${path}`).identify({ signal: stopping.signal });
    stopping.abort('enough');
    await expect(identified).rejects.toBe('enough');
  });
});

describe("an answer of the emulator never passes for a service's", () => {
  /** Passes calls on to the emulator, as a gateway does. */
  async function gateway(to: Emulator, options: { keepsHeaders: boolean }): Promise<string> {
    const { port } = await serve(async (incoming, response) => {
      const parts: Buffer[] = [];
      for await (const part of incoming) parts.push(part as Buffer);
      const answer = await fetch(`${to.baseUrl()}/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer any', 'content-type': 'application/json' },
        body: Buffer.concat(parts),
      });
      const mark = answer.headers.get('x-gleaner-emulator');
      if (options.keepsHeaders && mark !== null) response.setHeader('x-gleaner-emulator', mark);
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
      response.end(await answer.text());
    });
    return `http://127.0.0.1:${port}/v1`;
  }

  test.each([{ keepsHeaders: true }, { keepsHeaders: false }])('through a gateway, %o', async (options) => {
    const made = client(await gateway(await emulator(), options));
    await made.identify();
    const refused = { kind: 'service', isRetryable: false };
    await expect(made.complete(request)).rejects.toMatchObject(refused);
    const stream = made.stream(request);
    await expect(stream.completion).rejects.toMatchObject(refused);
    await expect(made.complete(request)).rejects.toThrow("it comes from gleaner's emulator, which is no model");
  });

  test('nor the other way round, when a service takes the place of the emulator', async () => {
    const first = await emulator();
    const { port } = new URL(first.origin);
    const made = client(first.baseUrl());
    await made.identify();
    await made.complete(request);
    await first.close();
    const server = createServer((_request, response) => response.end(completion('hello')));
    await new Promise<void>((resolve) => server.listen(Number(port), '127.0.0.1', resolve));
    closing.push(async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    });
    // The connection that was left open breaks.
    await made.complete(request).catch(() => undefined);
    const failure = await made.complete(request).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ApiError);
    expect(failure).toMatchObject({ kind: 'service' });
  });

  test('a client that no run asks takes answers of either', async () => {
    const made = client(await gateway(await emulator(), { keepsHeaders: false }));
    await expect(made.complete(request)).resolves.toMatchObject({ model: request.model });
    expect(made.service.isEmulated).toBe(true);
  });
});
