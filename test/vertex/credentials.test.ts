import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, test, onTestFinished, vi } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import { createVertexClient } from '../../src/vertex/client.ts';
import { createCredentials } from '../../src/vertex/credentials.ts';
import { answer, completion, startLocalServer, type LocalServer, type Reply } from './local-server.ts';

const token = 'ya29.swordfish-canary';
const variables = [
  'HOME',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GOOGLE_CLOUD_QUOTA_PROJECT',
  'CLOUDSDK_CONFIG',
  'GCE_METADATA_HOST',
  'METADATA_SERVER_DETECTION',
];

let folder: string;
let environment: NodeJS.ProcessEnv;
let servers: LocalServer[] = [];

beforeEach(async () => {
  environment = Object.fromEntries(variables.map((name) => [name, process.env[name]]));
  for (const name of variables) Reflect.deleteProperty(process.env, name);
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  process.env['HOME'] = folder;
  process.env['METADATA_SERVER_DETECTION'] = 'none';
});

afterEach(async () => {
  for (const name of variables) {
    Reflect.deleteProperty(process.env, name);
    if (environment[name] !== undefined) process.env[name] = environment[name];
  }
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

async function serve(reply: Reply): Promise<LocalServer> {
  const server = await startLocalServer(reply);
  servers.push(server);
  return server;
}

/** A metadata server, as on a virtual machine or in a cluster, that hands out one token after another. */
async function serveMetadata({ expiresIn = 3599 } = {}): Promise<LocalServer> {
  const server = await serve((socket, { path }, { requests }) => {
    const isToken = path.startsWith('/computeMetadata/v1/instance/service-accounts/default/token');
    const body = JSON.stringify({
      access_token: `${token}-${requests.length}`,
      expires_in: expiresIn,
      token_type: 'Bearer',
    });
    const reply = isToken ? answer(200, body, flavor) : answer(404, '', flavor);
    setTimeout(() => socket.write(reply), 5);
  });
  process.env['GCE_METADATA_HOST'] = new URL(server.url).host;
  process.env['METADATA_SERVER_DETECTION'] = 'assume-present';
  return server;
}

const flavor = { 'metadata-flavor': 'Google', 'content-type': 'application/json' };

/** A file for workload identity federation whose token service is at the URL. */
async function useFederation(tokenUrl: string, more: object = {}): Promise<string> {
  const subject = join(folder, 'subject');
  await writeFile(subject, 'subject-swordfish');
  return useFile({
    type: 'external_account',
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: tokenUrl,
    credential_source: { file: subject },
    ...more,
  });
}

async function useFile(contents: object | string): Promise<string> {
  const path = join(folder, 'credentials.json');
  await writeFile(path, typeof contents === 'string' ? contents : JSON.stringify(contents));
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = path;
  return path;
}

async function failure(call: Promise<unknown>): Promise<ApiError> {
  const error = await call.then(
    () => expect.unreachable('The call must fail'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(ApiError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('swordfish');
  return error as ApiError;
}

test('createCredentials gives no header for none, and the token for a token', async () => {
  expect(await createCredentials({ kind: 'none' }).headers()).toEqual({});
  const source = createCredentials({ kind: 'token', token: 'abc' });
  expect(await source.headers()).toEqual({ authorization: 'Bearer abc' });
  source.refresh();
  expect(await source.headers()).toBe(await source.headers());
});

test('application default credentials come from the metadata server, once for many calls', async () => {
  const server = await serveMetadata();
  const source = createCredentials({ kind: 'adc' });
  const all = await Promise.all(Array.from({ length: 10 }, () => source.headers()));
  expect(new Set(all).size).toBe(1);
  expect(all[0]).toEqual({ authorization: `Bearer ${token}-1` });
  expect(await source.headers()).toBe(all[0]);
  expect(server.requests).toHaveLength(1);
  expect(server.requests[0]?.path).toContain('cloud-platform');
});

test('whether a token is to be renewed is asked once a second at most', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await serveMetadata({ expiresIn: 1 });
  const source = createCredentials({ kind: 'adc' });
  const first = await source.headers();
  vi.advanceTimersByTime(999);
  expect(await source.headers()).toBe(first);
  vi.advanceTimersByTime(1);
  expect(await source.headers()).toEqual({ authorization: `Bearer ${token}-2` });
  expect(server.requests).toHaveLength(2);
});

test('refresh drops the token; concurrent calls share the fetching of the next', async () => {
  const server = await serveMetadata();
  const source = createCredentials({ kind: 'adc' });
  await source.headers();
  source.refresh();
  const all = await Promise.all(Array.from({ length: 10 }, () => source.headers()));
  expect(new Set(all)).toEqual(new Set([{ authorization: `Bearer ${token}-2` }]));
  expect(server.requests).toHaveLength(2);
});

test('the project that pays travels along', async () => {
  const sts = await serve((socket) =>
    socket.write(
      answer(200, JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }), {
        'content-type': 'application/json',
      }),
    ),
  );
  await useFederation(`${sts.url}/v1/token`, { quota_project_id: 'paying-project' });
  const headers = { authorization: `Bearer ${token}`, 'x-goog-user-project': 'paying-project' };
  expect(await createCredentials({ kind: 'adc' }).headers()).toEqual(headers);

  process.env['GOOGLE_CLOUD_QUOTA_PROJECT'] = 'other-project';
  expect(await createCredentials({ kind: 'adc' }).headers()).toMatchObject({ 'x-goog-user-project': 'other-project' });
});

test('a refused token is replaced by a fresh one of the token service', async () => {
  const sts = await serve((socket, _request, { requests }) =>
    socket.write(
      answer(
        200,
        JSON.stringify({ access_token: `${token}-${requests.length}`, token_type: 'Bearer', expires_in: 3600 }),
        {
          'content-type': 'application/json',
        },
      ),
    ),
  );
  await useFederation(`${sts.url}/v1/token`);
  const service = await serve((socket, { headers }) => {
    const isExpired = headers['authorization'] === `Bearer ${token}-1`;
    socket.write(isExpired ? answer(401, `{"error":{"message":"${token}-1 expired"}}`) : answer(200, completion('x')));
  });
  const client = createVertexClient({ baseUrl: service.url, auth: createCredentials({ kind: 'adc' }) });

  expect(await failure(client.complete({ messages: [] }))).toMatchObject({ status: 401, isRetryable: false });
  expect((await client.complete({ messages: [] })).content).toBe('x');
  await client.complete({ messages: [] });
  expect(sts.requests).toHaveLength(2);
  await client.close();
});

test('without any credentials the message says what to do', async () => {
  const error = await failure(createCredentials({ kind: 'adc' }).headers());
  expect(error).toMatchObject({ kind: 'credentials', isRetryable: false });
  expect(error.message).toMatch(
    /^Cannot get an access token: .*gcloud auth application-default login.*GOOGLE_APPLICATION_CREDENTIALS/,
  );
});

test('a login that comes later is seen', async () => {
  const source = createCredentials({ kind: 'adc' });
  await failure(source.headers());
  await serveMetadata();
  expect(await source.headers()).toHaveProperty('authorization');
});

test.each([
  { name: 'a bare token', contents: 'ya29.swordfish' },
  { name: 'a bare secret', contents: 'swordfish' },
  { name: 'broken JSON', contents: '{"type":"service_account","private_key":"swordfish' },
  { name: 'no known type', contents: { type: 'banana', private_key: 'swordfish' } },
  { name: 'no key', contents: { type: 'service_account', client_email: 'a@b.example' } },
  {
    name: 'a broken key',
    contents: {
      type: 'service_account',
      client_email: 'a@b.example',
      private_key: '-----BEGIN PRIVATE KEY-----\nswordfish\n-----END PRIVATE KEY-----\n',
    },
  },
])('a credential file with $name is reported without its contents', async ({ contents }) => {
  await useFile(contents);
  expect((await failure(createCredentials({ kind: 'adc' }).headers())).kind).toBe('credentials');
});

test('a credential file that is not there is named', async () => {
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = join(folder, 'missing.json');
  const error = await failure(createCredentials({ kind: 'adc' }).headers());
  expect(error.kind).toBe('credentials');
  expect(error.message).toContain('missing.json');
});

const echo = JSON.stringify({ error: 'invalid_grant', error_description: `bad subject ${token} for Bearer swordfish` });

test.each([
  { name: 'refuses', reply: answer(400, echo, { 'content-type': 'application/json' }), kind: 'credentials' },
  {
    name: 'refuses in HTML',
    reply: answer(403, `<html>${token}`, { 'content-type': 'text/html' }),
    kind: 'credentials',
  },
  { name: 'sends no token', reply: answer(200, '{}', { 'content-type': 'application/json' }), kind: 'credentials' },
  {
    name: 'sends a token with a line break',
    reply: answer(200, JSON.stringify({ access_token: `${token}\r\nx-evil: 1`, expires_in: 3600 }), {
      'content-type': 'application/json',
    }),
    kind: 'credentials',
  },
  { name: 'is overloaded', reply: answer(501, echo, { 'content-type': 'application/json' }), kind: 'network' },
])('a token service that $name makes an error of kind $kind', async ({ reply, kind }) => {
  const sts = await serve((socket) => socket.write(reply));
  await useFederation(`${sts.url}/v1/token`);
  expect((await failure(createCredentials({ kind: 'adc' }).headers())).kind).toBe(kind);
});

test('a token service that cannot be reached is a network failure, to be retried', async () => {
  const gone = await startLocalServer(() => {});
  await gone.close();
  await useFederation(`${gone.url}/v1/token`);
  expect(await failure(createCredentials({ kind: 'adc' }).headers())).toMatchObject({
    message: `Cannot get an access token from ${new URL(gone.url).host}: connection refused`,
    kind: 'network',
    code: 'ECONNREFUSED',
    isRetryable: true,
  });
});

test('a token service that accepts and stays silent is given up in time, by name', async () => {
  const sts = await serve(() => {});
  const file = await useFederation(`${sts.url}/v1/token`);
  const auth = createCredentials({ kind: 'adc' }, { file: { path: file }, timeoutMs: 400 });
  const silent = { kind: 'timeout', mayBeBilled: false };
  expect(await failure(auth.headers())).toMatchObject(silent);
  const client = createVertexClient({ baseUrl: sts.url, auth });
  const error = await failure(client.prepare());
  expect(error).toMatchObject(silent);
  expect(error.message).toContain(new URL(sts.url).host);
  // The next call begins anew, instead of waiting for the same silence.
  expect(sts.requests).toHaveLength(2);
  await client.close();
});

test('the wait for a first token ends with the reason of the signal', async () => {
  const sts = await serve(() => {});
  await useFederation(`${sts.url}/v1/token`);
  const client = createVertexClient({ baseUrl: sts.url, auth: createCredentials({ kind: 'adc' }) });
  const stopping = new AbortController();
  const prepared = client.prepare({ signal: stopping.signal });
  stopping.abort('enough');
  await expect(prepared).rejects.toBe('enough');
  await client.close();
});
