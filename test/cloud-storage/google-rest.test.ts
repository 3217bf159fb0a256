import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { GoogleRest } from '../../src/cloud-storage/google-rest.ts';
import { parseStorageAddress } from '../../src/cloud-storage/storage-address.ts';

const credentials = {
  headers: () => Promise.resolve({ authorization: 'Bearer secret-token' }),
  refresh: () => undefined,
};

it.each([
  'https://storage.googleapis.com.evil.test',
  'https://evil.test',
  'http://storage.googleapis.com',
  'https://translate.googleapis.com',
  'https://bigquery.europe-west3.rep.googleapis.com.evil.test',
  'https://bigquery.a.b.rep.googleapis.com',
  'https://evil-bigquery.googleapis.com.evil.test',
  'nonsense',
])('sends no credentials to %s', (origin) => {
  expect(() => new GoogleRest({ credentials, origin })).toThrow('Cannot send Google credentials to');
});

it.each([
  'https://storage.googleapis.com',
  'https://us-central1-aiplatform.googleapis.com',
  'https://aiplatform.eu.rep.googleapis.com',
  'https://bigquery.googleapis.com',
  'https://bigquery.europe-west3.rep.googleapis.com',
  'http://127.0.0.1:9',
])('may call %s', async (origin) => {
  await new GoogleRest({ credentials, origin }).close();
});

async function answering(answers: readonly { status: number; headers?: Record<string, string>; body?: string }[]) {
  const seen: (string | undefined)[] = [];
  const listener: RequestListener = (request, response) => {
    const answer = answers[Math.min(seen.length, answers.length - 1)];
    seen.push(request.headers.authorization);
    response.writeHead(answer?.status ?? 500, answer?.headers);
    response.end(answer?.body ?? '');
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  let refreshed = 0;
  const rest = new GoogleRest({
    credentials: { ...credentials, refresh: () => void (refreshed += 1) },
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    backoff: { baseMs: 1 },
    maxAttempts: 3,
  });
  const close = async (): Promise<void> => {
    await rest.close();
    server.close();
  };
  return { rest, seen, close, refreshes: () => refreshed };
}

it('repeats what passes, gets a fresh token once, and gives up in words without the token', async () => {
  const call = { method: 'GET', path: '/storage/v1/b/x/o/y', task: 'read gs://x/y' } as const;
  const passing = await answering([{ status: 503 }, { status: 401 }, { status: 200, body: '{"a":1}' }]);
  expect(await passing.rest.json(call)).toEqual({ a: 1 });
  expect(passing.refreshes()).toBe(1);
  await passing.close();

  const down = await answering([{ status: 503, body: '<html>' }]);
  await expect(down.rest.json(call)).rejects.toMatchObject({
    name: 'ApiError',
    message: 'Cannot read gs://x/y: HTTP 503',
  });
  expect(down.seen).toHaveLength(3);
  await down.close();

  const denied = await answering([
    { status: 403, body: '{"error":{"status":"PERMISSION_DENIED","message":"No access."}}' },
  ]);
  await expect(denied.rest.json(call)).rejects.toMatchObject({
    name: 'GleanerError',
    message: expect.stringMatching(
      /^Cannot read gs:\/\/x\/y: HTTP 403 PERMISSION_DENIED: No access\. Grant the account/,
    ),
  });
  await denied.close();
});

it('follows no address of another host', async () => {
  const { rest, seen, close } = await answering([{ status: 200, body: '{}' }]);
  await expect(rest.json({ method: 'PUT', path: 'https://evil.test/upload', task: 'write' })).rejects.toThrow(
    'calls go to 127.0.0.1',
  );
  expect(seen).toHaveLength(0);
  await close();
});

it.each([
  ['gs://bucket/a/b/', { bucket: 'bucket', path: 'a/b' }],
  ['gs://my.bucket', { bucket: 'my.bucket', path: '' }],
])('reads the address %s', (text, address) => {
  expect(parseStorageAddress(text)).toEqual(address);
});

it.each(['gs://', 'gs://B/x', 's3://bucket/x', 'bucket/x', 'gs://b', 'gs://bucket/a\nb'])(
  'refuses the address %j',
  (text) => {
    expect(() => parseStorageAddress(text)).toThrow(/Cannot use/);
  },
);
