import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { TLSSocket } from 'node:tls';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { ApiError } from '../../src/completion/api-error.ts';
import type { CredentialPlace } from '../../src/vertex/credential-file.ts';
import { createCredentials } from '../../src/vertex/credentials.ts';
import { certificate } from './certificate.ts';
import { startTokenServices, type TokenReply, type TokenRequest, type TokenServices } from './token-services.ts';

// Every form of credential that Google's library reads, against every host that it asks, all of them played on loopback.

const privateKey = (type: 'rsa' | 'locked'): string =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: {
      type: 'pkcs8',
      format: 'pem',
      ...(type === 'locked' && { cipher: 'aes-256-cbc', passphrase: 'swordfish' }),
    },
  }).privateKey;
const rsaKey = privateKey('rsa');

/** Stands for the test's folder in contents. */
const folderMark = '%FOLDER%';
const serviceAccount = { type: 'service_account', client_email: 'nightly@acme.example', private_key: rsaKey };
const login = { type: 'authorized_user', client_id: 'app', client_secret: 'swordfish', refresh_token: 'r-swordfish' };
const pool = '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q';
const federation = {
  type: 'external_account',
  audience: pool,
  subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
  token_url: 'https://sts.googleapis.com/v1/token',
  credential_source: { file: `${folderMark}/subject` },
};
const impersonated = 'https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/b@acme.example';
const impersonation = {
  type: 'impersonated_service_account',
  service_account_impersonation_url: `${impersonated}:generateAccessToken`,
  source_credentials: login,
};
const workforceLogin = { ...login, type: 'external_account_authorized_user', audience: pool };
const aws = {
  environment_id: 'aws1',
  regional_cred_verification_url: 'https://sts.{region}.amazonaws.com?Action=GetCallerIdentity',
};
const awsMetadata = { region_url: 'http://169.254.169.254/region', url: 'http://169.254.169.254/roles' };
const runs = { GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES: '1' };

const fromSource = (source: object): object => ({ ...federation, credential_source: source });
const fromProgram = (name: string, more: object = {}): object =>
  fromSource({ executable: { command: `${folderMark}/${name}`, ...more } });
const answer = (json: unknown, status = 200): TokenReply => ({ status, json });
const token = 'ya29.swordfish-canary';
const granted = answer({ access_token: token, token_type: 'Bearer', expires_in: 3600 });
const grantedToImpersonator = answer({ accessToken: `${token}-b`, expireTime: '2099-01-01T00:00:00Z' });

const programs = {
  'prints-token':
    'echo \'{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:jwt","id_token":"swordfish"}\'',
  'prints-saml':
    'echo \'{"version":1,"success":true,"token_type":"urn:ietf:params:oauth:token-type:saml2","saml_response":"swordfish"}\'',
  'prints-text': 'echo the token is swordfish',
  'prints-old': 'echo \'{"success":true}\'',
  'says-no': 'echo \'{"version":1,"success":false,"code":"401","message":"swordfish"}\'',
  fails: 'echo the token is swordfish; exit 3',
};

let folder: string;
let services: TokenServices;
let reply: (request: TokenRequest) => TokenReply;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credential-forms-'));
  await writeFiles();
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(async () => {
  environment = { ...process.env };
  reply = ({ line }) => (line.includes('iamcredentials') ? grantedToImpersonator : granted);
  services = await startTokenServices((request) => reply(request));
  for (const name of Object.keys(process.env)) {
    if (/^(?:GOOGLE|AWS|CLOUDSDK|GCE|https?_proxy|no_proxy)/i.test(name)) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, {
    HOME: folder,
    HTTPS_PROXY: services.url,
    NO_PROXY: '127.0.0.1',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
    METADATA_SERVER_DETECTION: 'none',
  });
});

async function writeFiles(): Promise<void> {
  const cert = { cert_path: join(folder, 'cert.pem'), key_path: join(folder, 'key.pem') };
  const files = {
    subject: 'subject-swordfish',
    'subject.json': '{"token":"subject-swordfish"}',
    empty: '',
    'cert.pem': certificate.cert,
    'key.pem': certificate.key,
    'certificates.json': JSON.stringify({ cert_configs: { workload: cert } }),
    'lost-certificate.json': JSON.stringify({
      cert_configs: { workload: { ...cert, cert_path: '/nowhere/cert.pem' } },
    }),
    'wrong-certificates.json': JSON.stringify({ cert_configs: { workload: { ...cert, key_path: cert.cert_path } } }),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  for (const [name, text] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`);
    await chmod(join(folder, name), 0o755);
  }
}

afterEach(async () => {
  for (const name of Object.keys(process.env)) {
    if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
  }
  Object.assign(process.env, environment);
  await services.close();
});

/** As the command does it: where Google's library will look is known. */
async function useFile(contents: object | string | Buffer, at = 'credentials.json'): Promise<CredentialPlace> {
  const path = join(folder, at);
  const text = typeof contents === 'object' && !Buffer.isBuffer(contents) ? JSON.stringify(contents) : contents;
  await writeFile(path, typeof text === 'string' ? text.replaceAll(folderMark, folder) : text);
  process.env['GOOGLE_APPLICATION_CREDENTIALS'] = path;
  return { path, variable: 'GOOGLE_APPLICATION_CREDENTIALS', searchPath: process.env['PATH'] };
}

interface Form {
  name: string;
  contents: object;
  env?: Record<string, string>;
  /** The requests that lead to the token. */
  asks: readonly string[];
  sends?: RegExp;
  gives?: Record<string, string>;
  reply?: (line: string) => TokenReply;
}

const oauth = 'POST oauth2.googleapis.com/token';
const sts = 'POST sts.googleapis.com/v1/token';
const iam = `POST ${impersonated.replace('https://', '')}:generateAccessToken`;
const asImpersonated = { authorization: `Bearer ${token}-b` };

const forms: Form[] = [
  { name: 'a key of a service account', contents: serviceAccount, asks: [oauth], sends: /jwt-bearer&assertion=ey/ },
  {
    name: 'a key with the line ends of Windows',
    contents: { ...serviceAccount, private_key: rsaKey.replaceAll('\n', '\r\n') },
    asks: [oauth],
  },
  { name: 'the login of a person', contents: login, asks: [oauth], sends: /refresh_token=r-swordfish/ },
  {
    name: 'a login with a project that pays',
    contents: { ...login, quota_project_id: 'payer' },
    asks: [oauth],
    gives: { authorization: `Bearer ${token}`, 'x-goog-user-project': 'payer' },
  },
  {
    name: 'a login through a workforce pool',
    contents: workforceLogin,
    asks: ['POST sts.googleapis.com/v1/oauthtoken'],
    sends: /refresh_token=r-swordfish/,
  },
  { name: 'a subject token in a file', contents: federation, asks: [sts], sends: /subject_token=subject-swordfish/ },
  {
    name: 'a subject token in a JSON file',
    contents: fromSource({
      file: `${folderMark}/subject.json`,
      format: { type: 'json', subject_token_field_name: 'token' },
    }),
    asks: [sts],
    sends: /subject_token=subject-swordfish/,
  },
  {
    name: 'a subject token from a URL',
    contents: fromSource({ url: 'http://169.254.9.9/token', headers: { 'x-secret': 'swordfish' } }),
    asks: ['GET 169.254.9.9/token', sts],
    sends: /subject_token=here-it-is/,
    reply: (line) => (line.startsWith('GET') ? { text: 'here-it-is' } : granted),
  },
  {
    name: 'a subject token from a URL that gives JSON',
    contents: fromSource({
      url: 'http://169.254.9.9/token',
      format: { type: 'json', subject_token_field_name: 'value' },
    }),
    asks: ['GET 169.254.9.9/token', sts],
    sends: /subject_token=here-it-is/,
    reply: (line) => (line.startsWith('GET') ? answer({ value: 'here-it-is' }) : granted),
  },
  {
    name: 'a program',
    contents: fromProgram('prints-token'),
    env: runs,
    asks: [sts],
    sends: /subject_token=swordfish/,
  },
  { name: 'a program that gives SAML', contents: fromProgram('prints-saml'), env: runs, asks: [sts] },
  {
    name: 'a program on the path, with arguments',
    contents: fromSource({ executable: { command: `sh ${folderMark}/prints-token "an argument"` } }),
    env: runs,
    asks: [sts],
  },
  {
    name: 'AWS with its variables',
    contents: fromSource(aws),
    env: { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA', AWS_SECRET_ACCESS_KEY: 'swordfish' },
    asks: [sts],
    sends: /sts.eu-central-1.amazonaws.com/,
  },
  {
    name: 'AWS with its metadata server',
    contents: fromSource({ ...aws, ...awsMetadata, imdsv2_session_token_url: 'http://169.254.169.254/session' }),
    asks: [
      'PUT 169.254.169.254/session',
      'GET 169.254.169.254/region',
      'PUT 169.254.169.254/session',
      'GET 169.254.169.254/roles',
      'GET 169.254.169.254/roles/eu-west-1a',
      sts,
    ],
    reply: (line) => {
      if (line.includes('/roles/')) return answer({ AccessKeyId: 'A', SecretAccessKey: 'swordfish', Token: 't' });
      return line.includes('169.254') ? { text: 'eu-west-1a' } : granted;
    },
  },
  {
    name: 'federation that impersonates',
    contents: { ...federation, service_account_impersonation_url: impersonation.service_account_impersonation_url },
    asks: [sts, iam],
    gives: asImpersonated,
  },
  {
    name: 'a workforce pool with a project',
    contents: {
      ...federation,
      audience: '//iam.googleapis.com/locations/global/workforcePools/p/providers/q',
      workforce_pool_user_project: 'payer',
    },
    asks: [sts],
    sends: /userProject/,
  },
  { name: 'federation with a client', contents: { ...federation, client_id: 'c', client_secret: 's' }, asks: [sts] },
  { name: 'a login that impersonates', contents: impersonation, asks: [oauth, iam], gives: asImpersonated },
  {
    name: 'a service account that impersonates through another',
    contents: { ...impersonation, source_credentials: serviceAccount, delegates: ['projects/-/serviceAccounts/c@x'] },
    asks: [oauth, iam],
    gives: asImpersonated,
    sends: /serviceAccounts\/c@x/,
  },
  {
    name: 'federation inside of an impersonation',
    contents: { ...impersonation, source_credentials: federation },
    asks: [sts, iam],
    gives: asImpersonated,
  },
];

test.each(forms)('a token comes of $name', async ({ contents, env = {}, asks, sends, gives, reply: own }) => {
  if (own !== undefined) reply = ({ line }) => own(line);
  Object.assign(process.env, env);
  const file = await useFile(contents);
  expect(await createCredentials({ kind: 'adc' }, { file }).headers()).toEqual(
    gives ?? { authorization: `Bearer ${token}` },
  );
  expect(services.requests.map(({ line }) => line)).toEqual(asks);
  if (sends !== undefined) expect(decodeURIComponent(services.requests.at(-1)?.body ?? '')).toMatch(sends);
});

test.each([
  { name: 'the file of gcloud below HOME', at: '.config/gcloud', env: {} },
  { name: 'the file of gcloud where CLOUDSDK_CONFIG says', at: 'elsewhere', env: { CLOUDSDK_CONFIG: 'elsewhere' } },
])('a token comes of $name', async ({ at, env }) => {
  await mkdir(join(folder, at), { recursive: true });
  const place = await useFile(login, join(at, 'application_default_credentials.json'));
  Reflect.deleteProperty(process.env, 'GOOGLE_APPLICATION_CREDENTIALS');
  for (const [name, value] of Object.entries(env)) process.env[name] = join(folder, value);
  const headers = await createCredentials({ kind: 'adc' }, { file: { path: place.path } }).headers();
  expect(headers).toEqual({ authorization: `Bearer ${token}` });
});

async function failure(file: CredentialPlace): Promise<ApiError> {
  const error = await createCredentials({ kind: 'adc' }, { file, timeoutMs: 20_000 })
    .headers()
    .then(
      (headers) => expect.unreachable(JSON.stringify(headers)),
      (error: unknown) => error,
    );
  expect(error).toBeInstanceOf(ApiError);
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('swordfish');
  const { message } = error as ApiError;
  expect(message).not.toMatch(/\[object|undefined|Cannot (?:read|set|create) propert/);
  return error as ApiError;
}

const unusable: { name: string; contents: object | string | Buffer; says: string }[] = [
  { name: 'no JSON', contents: 'swordfish', says: 'it is no JSON' },
  { name: 'null', contents: 'null', says: 'it is JSON, but no object' },
  { name: 'a list', contents: '[]', says: 'it is JSON, but no object' },
  { name: 'nothing in it', contents: '{}', says: 'it has no "type"' },
  { name: 'a byte order mark', contents: `\ufeff${JSON.stringify(login)}`, says: 'a byte order mark' },
  { name: 'UTF-16', contents: Buffer.from(JSON.stringify(login), 'utf16le'), says: 'it is no UTF-8 text' },
  { name: 'megabytes', contents: ' '.repeat(1024 * 1024 + 1), says: 'it is far too large' },
  { name: 'an unknown type', contents: { type: 'banana' }, says: 'its "type" is "banana", and must be one of' },
  { name: 'a secret for a type', contents: { type: 'Swordfish!' }, says: 'its "type" is not a name' },
  { name: 'an OAuth app', contents: { installed: { client_secret: 'swordfish' } }, says: 'the client of an OAuth app' },
  { name: 'an air-gapped type', contents: { type: 'gdch_service_account' }, says: 'for Google Distributed Cloud' },
  {
    name: 'another universe',
    contents: { ...serviceAccount, universe_domain: 'apis-tpc.example' },
    says: '"universe_domain" is another cloud',
  },
  { name: 'no e-mail', contents: { ...serviceAccount, client_email: '' }, says: 'it has no "client_email"' },
  { name: 'no key', contents: { ...serviceAccount, private_key: 5 }, says: 'it has no "private_key"' },
  { name: 'a key that is none', contents: { ...serviceAccount, private_key: 'swordfish' }, says: 'no PEM key' },
  {
    name: 'a key whose line ends are two characters',
    contents: { ...serviceAccount, private_key: rsaKey.replaceAll('\n', String.raw`\n`) },
    says: String.raw`has \n as two characters where line ends belong`,
  },
  {
    name: 'a key on one line',
    contents: { ...serviceAccount, private_key: rsaKey.replaceAll('\n', ' ') },
    says: 'has no line ends',
  },
  {
    name: 'half of a key',
    contents: { ...serviceAccount, private_key: `${rsaKey.slice(0, 500)}\n-----END PRIVATE KEY-----\n` },
    says: 'its "private_key" is broken',
  },
  {
    name: 'a certificate for a key',
    contents: { ...serviceAccount, private_key: certificate.cert },
    says: 'its "private_key" is broken',
  },
  { name: 'a key of another kind', contents: { ...serviceAccount, private_key: certificate.key }, says: 'no RSA key' },
  {
    name: 'a locked key',
    contents: { ...serviceAccount, private_key: privateKey('locked') },
    says: 'locked with a passphrase',
  },
  { name: 'half of a login', contents: { ...login, refresh_token: undefined }, says: 'it has no "refresh_token"' },
  { name: 'no audience', contents: { ...federation, audience: undefined }, says: 'it has no "audience"' },
  { name: 'no source', contents: fromSource([]), says: 'it has no "credential_source"' },
  { name: 'a strange source', contents: fromSource({ banana: 1 }), says: 'its "credential_source" is none' },
  { name: 'no URL of tokens', contents: { ...federation, token_url: 'sts' }, says: 'its "token_url" is no URL' },
  { name: 'a metadata server without a URL', contents: fromSource({ url: 'metadata' }), says: '"url" is no URL' },
  {
    name: 'nowhere to impersonate',
    contents: { ...federation, service_account_impersonation_url: 'b@acme.example' },
    says: 'its "service_account_impersonation_url" is no URL',
  },
  {
    name: 'two sources',
    contents: fromSource({ file: 'subject', url: 'http://169.254.169.254/token' }),
    says: 'has file and url, and must have one of them',
  },
  { name: 'a cloud that is none', contents: fromSource({ ...aws, environment_id: 'azure1' }), says: 'must be aws1' },
  {
    name: 'AWS and nothing to sign for',
    contents: fromSource({ environment_id: 'aws1' }),
    says: 'has no "regional_cred_verification_url"',
  },
  ...[{}, 'yes', { use_default_certificate_config: true, certificate_config_location: 'c.json' }].map(
    (certificates, index) => ({
      name: `certificates that are nowhere or in two places (${index})`,
      contents: fromSource({ certificate: certificates }),
      says: 'must have either "certificate_config_location" or',
    }),
  ),
  { name: 'a program that is not there', contents: fromProgram('nowhere'), says: 'is not there, or may not be run' },
  { name: 'a program that may not be run', contents: fromProgram('subject'), says: 'is not there, or may not be run' },
  {
    name: 'a program that is nowhere on the path',
    contents: fromSource({ executable: { command: 'no-such-program-anywhere' } }),
    says: 'is not there, or may not be run',
  },
  {
    name: 'nobody to impersonate',
    contents: { ...impersonation, service_account_impersonation_url: undefined },
    says: 'it has no "service_account_impersonation_url"',
  },
  {
    name: 'something wrong one level down',
    contents: { ...impersonation, source_credentials: { ...serviceAccount, private_key: 'swordfish' } },
    says: 'in its "source_credentials": its "private_key" is no PEM key',
  },
];

test.each(unusable)('a credential file with $name is refused before anybody is asked', async ({ contents, says }) => {
  Object.assign(process.env, runs);
  const file = await useFile(contents);
  const { message, kind } = await failure(file);
  expect(message).toContain(`Cannot use the credential file ${file.path}: `);
  expect(message).toContain(says);
  expect(kind).toBe('credentials');
  expect(services.requests).toEqual([]);
});

test('a credential file that is named and not there, or a directory, is refused', async () => {
  const variable = 'GOOGLE_APPLICATION_CREDENTIALS';
  const missing = await failure({ path: join(folder, 'missing.json'), variable });
  expect(missing.message).toMatch(/missing\.json: GOOGLE_APPLICATION_CREDENTIALS names it, but .* no such file/);
  expect((await failure({ path: folder, variable })).message).toContain('it is no regular file');
});

const poolAdvice = 'Check where the credential file takes its subject token from';
const local: { name: string; contents: object; env?: Record<string, string>; says: string }[] = [
  { name: 'programs are not allowed', contents: fromProgram('prints-token'), says: 'ALLOW_EXECUTABLES' },
  { name: 'the program fails', contents: fromProgram('fails'), env: runs, says: 'failed with the code 3' },
  { name: 'the program says no', contents: fromProgram('says-no'), env: runs, says: 'failed with the code 401' },
  { name: 'the program prints text', contents: fromProgram('prints-text'), env: runs, says: 'wrote no answer' },
  { name: 'the program is old', contents: fromProgram('prints-old'), env: runs, says: "contain a 'version' field" },
  {
    name: 'the time for the program is out of range',
    contents: fromProgram('prints-token', { timeout_millis: 10 }),
    env: runs,
    says: 'Timeout must be between',
  },
  { name: 'AWS has no region', contents: fromSource(aws), says: 'set AWS_REGION, or give the credential file' },
  {
    name: 'AWS has no keys',
    contents: fromSource(aws),
    env: { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'AKIA' },
    says: 'set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  },
  {
    name: 'a secret stands where certificates should be configured',
    contents: fromSource({ certificate: { certificate_config_location: `${folderMark}/subject` } }),
    says: '/subject is no JSON',
  },
  {
    name: 'the certificate is not there',
    contents: fromSource({ certificate: { certificate_config_location: `${folderMark}/lost-certificate.json` } }),
    says: '/nowhere/cert.pem',
  },
  { name: 'AWS is too new', contents: fromSource({ ...aws, environment_id: 'aws2' }), says: 'is not supported' },
  { name: 'no subject file is there', contents: fromSource({ file: '/nowhere/subject' }), says: '/nowhere/subject' },
  { name: 'the subject file is empty', contents: fromSource({ file: `${folderMark}/empty` }), says: 'subject_token' },
  {
    name: 'the subject file is no JSON',
    contents: fromSource({ file: `${folderMark}/subject`, format: { type: 'json', subject_token_field_name: 't' } }),
    says: 'the subject token file is no JSON',
  },
  {
    name: 'the subject file lacks the field',
    contents: fromSource({
      file: `${folderMark}/subject.json`,
      format: { type: 'json', subject_token_field_name: 'no' },
    }),
    says: 'Unable to parse the subject_token',
  },
  {
    name: 'no certificates are there',
    contents: fromSource({ certificate: { use_default_certificate_config: true } }),
    says: 'Could not find certificate configuration file',
  },
  {
    name: 'the key of the certificate is none',
    contents: fromSource({
      certificate: { certificate_config_location: `${folderMark}/wrong-certificates.json` },
    }),
    says: 'Failed to read private key file',
  },
  {
    name: 'the audience is no workforce',
    contents: { ...federation, workforce_pool_user_project: 'payer' },
    says: 'non-workforce pool',
  },
];

test.each(local)('where $name, the message says so and that nobody was asked', async ({ contents, env = {}, says }) => {
  Object.assign(process.env, env);
  const file = await useFile(contents);
  const { message, kind } = await failure(file);
  expect(message).toMatch(/^Cannot get an access token: /);
  expect(message).toContain(says);
  expect(message).toContain(`(credentials: ${file.path}). ${poolAdvice}`);
  expect(kind).toBe('credentials');
  expect(services.requests).toEqual([]);
});

const html = { 'content-type': 'text/html' };
const said = (error: string, description?: string, status = 400): TokenReply =>
  answer({ error, ...(description !== undefined && { error_description: description }) }, status);
const denied = answer({ error: { code: 403, message: 'The caller may not', status: 'PERMISSION_DENIED' } }, 403);
const between = 'Look for what stands between this machine and the token service';
const again = 'Sign in again: gcloud auth application-default login';
const account = 'Check the account in the credential file';
const clock = 'Token must be in a reasonable timeframe. Check your iat and exp values in the JWT claim.';

const refusals: { name: string; contents: object; reply: TokenReply; host?: string; says: string[] }[] = [
  { name: 'revoked login', contents: login, reply: said('invalid_grant', 'Revoked.'), says: ['Revoked', again] },
  { name: 'deleted app', contents: login, reply: said('deleted_client', undefined, 401), says: ['deleted_', again] },
  { name: 'login to renew', contents: login, reply: said('invalid_grant', 'invalid_rapt'), says: ['rapt', again] },
  { name: 'old workforce login', contents: workforceLogin, reply: said('invalid_grant', 'old'), says: ['old', again] },
  { name: 'revoked source', contents: impersonation, reply: said('invalid_grant', 'gone'), says: ['gone', again] },
  { name: 'lost account', contents: serviceAccount, reply: said('invalid_grant', 'no account'), says: [account] },
  {
    name: 'old key',
    contents: serviceAccount,
    reply: said('invalid_grant', 'Invalid JWT Signature.'),
    says: ['new one'],
  },
  { name: 'wrong clock', contents: serviceAccount, reply: said('invalid_grant', clock), says: ['Is the clock'] },
  {
    name: 'disabled account',
    contents: serviceAccount,
    reply: denied,
    says: ['PERMISSION_DENIED: The caller', account],
  },
  { name: 'disabled pool', contents: federation, reply: denied, says: ['The caller may not', 'identity pool'] },
  { name: 'wrong subject', contents: federation, reply: said('invalid_grant', 'bad token'), says: ['identity pool'] },
  {
    name: 'SAML that has expired',
    contents: { ...federation, subject_token_type: 'urn:ietf:params:oauth:token-type:saml2' },
    reply: said('invalid_request', 'The SAML response is expired.'),
    says: ['The SAML response is expired', 'identity pool'],
  },
  {
    name: 'AWS keys of another account',
    contents: { ...federation, subject_token_type: 'urn:ietf:params:aws:token-type:aws4_request' },
    reply: said('invalid_grant', 'Received invalid AWS response of type SignatureDoesNotMatch'),
    says: ['SignatureDoesNotMatch', 'identity pool'],
  },
  { name: 'array', contents: federation, reply: answer([{ error: { message: 'odd' } }], 400), says: ['odd'] },
];
const oddAnswers: [string, TokenReply, string][] = [
  ['an HTML page', { text: '<html>swordfish</html>', headers: html }, 'an HTML page'],
  ['an HTML page with 403', { status: 403, text: '<!doctype html>swordfish', headers: html }, '403 with an HTML page'],
  ['text', { text: 'swordfish' }, 'something'],
  ['404 and text', { status: 404, text: 'not here' }, '404 with something'],
  ['nothing', {}, 'something'],
  ['204', { status: 204 }, 'something'],
  ['null', answer(null), 'something'],
  ['a list', answer([]), 'something'],
  ['an empty object', answer({}), 'something'],
  ['another token', answer({ id_token: 'swordfish' }), 'something'],
  ['an empty token', answer({ access_token: '', expires_in: 3600 }), 'something'],
  ['a token with a line break', answer({ access_token: 'swordfish\r\nx: y', expires_in: 3600 }), 'something'],
  ['a token of odd letters', answer({ access_token: 'swordfish€', expires_in: 3600 }), 'something'],
  ['half a JSON', { text: '{"access_token":"swordfish', headers: { 'content-type': 'application/json' } }, 'something'],
];
for (const [name, odd, what] of oddAnswers) {
  refusals.push({ name, contents: login, reply: odd, says: [what, 'no access token', between] });
}
// Each form has a client of its own in the library, which stumbles in its own way.
for (const contents of [serviceAccount, federation, workforceLogin]) {
  for (const [name, odd] of oddAnswers.filter((_answer, index) => index % 3 === 0)) {
    refusals.push({ name: `${name} for ${contents.type}`, contents, reply: odd, says: ['no access token', between] });
  }
}

test.each(refusals)('the answer of a token service is told: $name', async ({ contents, reply: said, says }) => {
  reply = () => said;
  const file = await useFile(contents);
  const { message, kind } = await failure(file);
  expect(message).toMatch(/^Cannot get an access token from (?:oauth2|sts)\.googleapis\.com: /);
  for (const words of [...says, `(credentials: ${file.path})`]) expect(message).toContain(words);
  expect(kind).toBe('credentials');
});

test('who may not impersonate is told which role is missing', async () => {
  reply = ({ line }) => (line.includes('iamcredentials') ? denied : granted);
  for (const contents of [
    impersonation,
    { ...federation, service_account_impersonation_url: impersonation.service_account_impersonation_url },
  ]) {
    const { message } = await failure(await useFile(contents));
    expect(message).toMatch(/^Cannot get an access token from iamcredentials\.googleapis\.com: PERMISSION_DENIED/);
    expect(message).toContain('Service Account Token Creator');
  }
});

test('a source of subject tokens that has none is told apart from the token service', async () => {
  reply = ({ line }) => (line.startsWith('GET') ? { status: 404, text: 'nothing here' } : granted);
  for (const source of [{ url: 'http://169.254.9.9/token' }, { ...aws, ...awsMetadata }]) {
    const { message } = await failure(await useFile(fromSource(source)));
    expect(message).toMatch(/from 169\.254\.\d+\.\d+: it answered 404 with something that holds no subject token/);
    expect(message).toContain(poolAdvice);
  }
});

test("what another cloud's metadata server refuses is told as its own, and so is what it lacks", async () => {
  const source = {
    url: 'http://169.254.9.9/metadata/identity/oauth2/token?resource=api',
    headers: { Metadata: 'True' },
    format: { type: 'json', subject_token_field_name: 'access_token' },
  };
  const file = await useFile(fromSource(source));
  reply = () => answer({ error: 'invalid_request', error_description: 'Identity not found' }, 400);
  expect((await failure(file)).message).toContain(
    `from 169.254.9.9: invalid_request: Identity not found (credentials: ${file.path}). ${poolAdvice}`,
  );
  reply = () => answer({ id_token: 'swordfish' });
  expect((await failure(file)).message).toContain('Unable to parse the subject_token');
});

test('a certificate of the machine stands for it, both as subject and on the connection', async () => {
  const shown: (string | undefined)[] = [];
  const subjects: string[] = [];
  const pair = { ...certificate, requestCert: true, rejectUnauthorized: false };
  const server = createServer(pair, async (request, response) => {
    shown.push((request.socket as TLSSocket).getPeerX509Certificate()?.fingerprint256);
    subjects.push(new URLSearchParams(await text(request)).get('subject_token') ?? '');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ access_token: token, token_type: 'Bearer', expires_in: 3600 }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const file = await useFile({
    ...federation,
    token_url: `https://127.0.0.1:${port}/v1/token`,
    subject_token_type: 'urn:ietf:params:oauth:token-type:mtls',
    credential_source: { certificate: { certificate_config_location: `${folderMark}/certificates.json` } },
  });
  expect(await createCredentials({ kind: 'adc' }, { file }).headers()).toEqual({ authorization: `Bearer ${token}` });
  const own = new X509Certificate(certificate.cert);
  expect(shown).toEqual([own.fingerprint256]);
  expect(subjects).toEqual([JSON.stringify([own.raw.toString('base64')])]);
});

test('a proxy that wants a password is told as such', async () => {
  reply = () => ({ status: 407, text: 'who are you?' });
  expect((await failure(await useFile(login))).message).toContain('Put user and password for it into HTTPS_PROXY');
});

test.each([
  { name: 'is down', contents: impersonation, reply: answer({ error: 'down' }, 503), code: 'HTTP_503' },
  { name: 'resets the connection', contents: federation, reply: 'reset' as const, code: 'ECONNRESET' },
  { name: 'stops in the middle', contents: login, reply: 'half' as const, code: 'ECONNRESET' },
])('a token service that $name is a failure of the network, which time may heal', async (given) => {
  reply = () => given.reply;
  const error = await failure(await useFile(given.contents));
  expect(error).toMatchObject({ kind: 'network', code: given.code, isRetryable: true, mayBeBilled: false });
  expect(error.message).toMatch(/googleapis\.com/);
});
