import { afterEach, expect, test } from 'vitest';
import { GleanerError } from '../../src/gleaner-error.ts';
import { createVertexClient } from '../../src/vertex/client.ts';
import { requestTypeHeaders, type RequestType } from '../../src/vertex/request-type.ts';
import { answer, completion, startLocalServer, type LocalServer } from './local-server.ts';

let server: LocalServer | undefined;
afterEach(() => server?.close());

const cases: { type: RequestType | RequestType[] | undefined; headers: Record<string, string> }[] = [
  { type: undefined, headers: {} },
  { type: 'dedicated', headers: { 'X-Vertex-AI-LLM-Request-Type': 'dedicated' } },
  { type: 'shared', headers: { 'X-Vertex-AI-LLM-Request-Type': 'shared' } },
  { type: 'priority', headers: { 'X-Vertex-AI-LLM-Shared-Request-Type': 'priority' } },
  { type: 'flex', headers: { 'X-Vertex-AI-LLM-Shared-Request-Type': 'flex', 'X-Server-Timeout': '91' } },
  {
    type: ['shared', 'flex'],
    headers: {
      'X-Vertex-AI-LLM-Request-Type': 'shared',
      'X-Vertex-AI-LLM-Shared-Request-Type': 'flex',
      'X-Server-Timeout': '91',
    },
  },
];

test.each(cases)('requestTypeHeaders gives the documented headers of $type', ({ type, headers }) => {
  expect(requestTypeHeaders(type, 90_500)).toEqual(headers);
});

test('requestTypeHeaders asks for no more than half an hour', () => {
  expect(requestTypeHeaders('flex', 2 ** 31 - 1)).toMatchObject({ 'X-Server-Timeout': '1800' });
});

test.each([[['dedicated', 'shared']], [['priority', 'flex']], ['fast']])('requestTypeHeaders refuses %j', (type) => {
  expect(() => requestTypeHeaders(type as RequestType, 1000)).toThrow(GleanerError);
});

test('a client sends the headers of its request type, and nobody else may', async () => {
  server = await startLocalServer((socket) => socket.write(answer(200, completion('x'))));
  const client = createVertexClient({ baseUrl: server.url, requestType: 'flex', timeoutMs: 600_000 });
  await client.complete({ messages: [{ role: 'user', content: 'Hello' }] });
  await client.close();
  expect(server.requests[0]?.headers).toMatchObject({
    'x-vertex-ai-llm-shared-request-type': 'flex',
    'x-server-timeout': '600',
  });
  const headers = { 'x-server-timeout': '7' };
  expect(() => createVertexClient({ baseUrl: 'http://127.0.0.1:1', requestType: 'flex', headers })).toThrow(
    'gleaner sets it itself',
  );
});
