import { afterEach, expect, it, describe } from 'vitest';
import { AccessTokens } from '../../src/emulator/service/access-tokens.ts';
import { startEmulator, type Emulator, type TokenOptions } from '../../src/emulator/index.ts';
import { extractionRequest, send } from './chat.ts';

let emulator: Emulator;

async function start(tokens: TokenOptions): Promise<void> {
  emulator = await startEmulator({ tokens });
}

afterEach(() => emulator?.close());

function metadata(path: string, headers: Record<string, string> = { 'metadata-flavor': 'Google' }): Promise<Response> {
  return fetch(emulator.origin + path, { headers });
}

async function tokenFromMetadata(): Promise<string> {
  const response = await metadata('/computeMetadata/v1/instance/service-accounts/default/token?scopes=a,b');
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

describe('issued tokens', () => {
  it('are accepted, and nothing else is', async () => {
    await start({ accept: 'issued' });
    const token = await tokenFromMetadata();
    expect((await send(emulator, extractionRequest(), { headers: { authorization: `Bearer ${token}` } })).status).toBe(
      200,
    );
    for (const other of ['any', token.slice(0, -1), `${token}x`, token.replace('.1.', '.2.')]) {
      const refused = await send(emulator, extractionRequest(), { headers: { authorization: `Bearer ${other}` } });
      expect(refused.status).toBe(401);
      const body = (await refused.json()) as { error: { status: string; details?: unknown } };
      expect(body.error.status).toBe('UNAUTHENTICATED');
      expect(body.error.details).toBeUndefined();
    }
    expect(emulator.stats()).toMatchObject({ tokensIssued: 1, byStatus: { 200: 1, 401: 4 } });
  });

  it('are refused in an object when they are over', async () => {
    await start({ accept: 'issued', lifetimeMs: 1 });
    const token = await tokenFromMetadata();
    await new Promise((resolve) => setTimeout(resolve, 5));
    const refused = await send(emulator, extractionRequest(), { headers: { authorization: `Bearer ${token}` } });
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ error: { details: [{ reason: 'ACCESS_TOKEN_EXPIRED' }] } });
  });

  it("are refused in an array for another project's path", async () => {
    await start({ accept: 'issued', project: 'mine' });
    const headers = { authorization: `Bearer ${await tokenFromMetadata()}` };
    const at = (project: string) => ({ headers, url: `${emulator.baseUrl({ project })}/chat/completions` });
    expect((await send(emulator, extractionRequest(), at('mine'))).status).toBe(200);
    const refused = await send(emulator, extractionRequest(), at('yours'));
    expect(refused.status).toBe(403);
    expect(await refused.json()).toEqual([
      {
        error: {
          code: 403,
          status: 'PERMISSION_DENIED',
          message: expect.stringContaining('//aiplatform.googleapis.com/projects/yours/locations/global'),
        },
      },
    ]);
  });

  it('may say that they live longer than they do', () => {
    const tokens = new AccessTokens({ accept: 'issued', lifetimeMs: 1000, statedLifetimeMs: 3_600_000 });
    const { token, expiresInSeconds } = tokens.issue(0);
    expect(expiresInSeconds).toBe(3600);
    expect(tokens.check(token, 'emulated-project', 999)).toBe('valid');
    expect(tokens.check(token, 'emulated-project', 1000)).toBe('expired');
    expect(new AccessTokens({ accept: 'issued' }).check(token, 'emulated-project', 0)).toBe('unknown');
  });
});

describe('the metadata server', () => {
  it.each([
    ['/', 'computeMetadata/\n'],
    ['/computeMetadata/v1/instance', expect.stringContaining('service-accounts/')],
    ['/computeMetadata/v1/instance/', expect.stringContaining('service-accounts/')],
    ['/computeMetadata/v1/project/project-id', 'emulated-project'],
    [
      '/computeMetadata/v1/instance/service-accounts/default/email',
      'emulator@emulated-project.iam.gserviceaccount.com',
    ],
    ['/computeMetadata/v1/universe/universe-domain', 'googleapis.com'],
    [
      '/computeMetadata/v1/instance/service-accounts/emulator@emulated-project.iam.gserviceaccount.com/token',
      expect.stringContaining('"expires_in":3600'),
    ],
  ])('answers %s', async (path, body) => {
    await start({});
    const response = await metadata(path);
    expect([response.status, response.headers.get('metadata-flavor')]).toEqual([200, 'Google']);
    expect(await response.text()).toEqual(body);
  });

  it('refuses who does not ask for it by name, and has nothing else', async () => {
    await start({});
    expect((await metadata('/computeMetadata/v1/instance', {})).status).toBe(403);
    const unknown = await metadata('/computeMetadata/v1/instance/service-accounts/other/token');
    expect([unknown.status, unknown.headers.get('metadata-flavor')]).toEqual([404, 'Google']);
  });
});

describe('the token exchange', () => {
  const grant = {
    grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    subject_token: 'x',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  };
  const exchange = (form: Record<string, string>) =>
    fetch(`${emulator.origin}/v1/token`, { method: 'POST', body: new URLSearchParams(form) });

  it('gives a token that is accepted', async () => {
    await start({ accept: 'issued' });
    const response = await exchange(grant);
    const body = (await response.json()) as { access_token: string };
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    const headers = { authorization: `Bearer ${body.access_token}` };
    expect((await send(emulator, extractionRequest(), { headers })).status).toBe(200);
  });

  it.each([
    ['grant_type', 'unsupported_grant_type'],
    ['subject_token', 'invalid_request'],
  ])('refuses a request without %s', async (name, error) => {
    await start({});
    const response = await exchange({ ...grant, [name]: '' });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error });
  });
});
