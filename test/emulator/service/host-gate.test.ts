import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator, type Emulator } from '../../../src/emulator/index.ts';
import { HostGate } from '../../../src/emulator/service/host-gate.ts';
import { complete, extractionRequest } from '../chat.ts';

describe('a server on the loopback interface', () => {
  const gate = new HostGate('127.0.0.1', ['emulator']);

  it.each([
    '127.0.0.1:8085',
    '127.8.8.8',
    'localhost:8085',
    'LocalHost.',
    'a.localhost',
    '[::1]:8085',
    'emulator:8085',
  ])('may be called as %s', (host) => expect(gate.refuse({ host })).toBeUndefined());

  it.each([
    'evil.example',
    'evil.example:8085',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evillocalhost',
    '0.0.0.0',
    '10.0.0.5',
    '',
    'a b',
    'user@evil.example',
    'localhost@evil.example',
    undefined,
  ])('may not be called as %s', (host) => expect(gate.refuse({ host })).toMatchObject({ code: 403 }));

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:1'])(
    'takes pages of this machine: %s',
    (origin) => expect(gate.refuse({ host: 'localhost', origin })).toBeUndefined(),
  );

  it.each(['https://evil.example', 'http://localhost.evil.example', 'null', ''])('takes no page of %j', (origin) =>
    expect(gate.refuse({ host: 'localhost', origin })).toMatchObject({ code: 403 }),
  );
});

describe('a server that other machines reach', () => {
  const gate = new HostGate('0.0.0.0', ['Emulator.internal']);

  it.each(['10.0.0.5:8085', '[2001:db8::5]:8085', '0.0.0.0:8085', 'localhost', 'emulator.internal'])(
    'may be called as %s',
    (host) => expect(gate.refuse({ host })).toBeUndefined(),
  );

  it('may not be called by a name that nobody allowed', () => {
    expect(gate.refuse({ host: 'evil.example' })?.message).toMatch(/"evil\.example".*allow-host/);
  });
});

describe('a web page of another site', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator();
    await complete(emulator, extractionRequest('Name: a person'));
  });
  afterAll(() => emulator.close());

  /** What a browser sends; `fetch` would not let a program set these headers. */
  function ask(
    path: string,
    method: string,
    headers: Record<string, string>,
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request(emulator.origin + path, { method, headers }, async (response) => {
        const chunks: Buffer[] = [];
        for await (const chunk of response) chunks.push(chunk as Buffer);
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() });
      });
      sent.on('error', reject).end();
    });
  }

  it.each(['/__emulator/requests', '/__emulator/stats', '/__emulator/scenario.schema.json', '/', '/nowhere'])(
    'reads nothing of %s under a name of its own',
    async (path) => {
      const { status, text } = await ask(path, 'GET', { host: 'evil.example' });
      expect(status).toBe(403);
      expect(text).not.toContain('a person');
    },
  );

  it('gets no token, and no answer', async () => {
    const token = '/computeMetadata/v1/instance/service-accounts/default/token';
    expect((await ask(token, 'GET', { host: 'evil.example', 'metadata-flavor': 'Google' })).status).toBe(403);
    const chat = `${new URL(emulator.baseUrl()).pathname}/chat/completions`;
    expect((await ask(chat, 'POST', { host: 'evil.example', authorization: 'Bearer x' })).status).toBe(403);
    expect(emulator.stats()).toMatchObject({ requests: 1, tokensIssued: 0 });
  });

  it('does not reset it with a simple POST', async () => {
    for (const origin of ['http://evil.example', 'null']) {
      expect((await ask('/__emulator/reset', 'POST', { origin, 'content-type': 'text/plain' })).status).toBe(403);
    }
    expect(emulator.stats().requests).toBe(1);
  });
});
