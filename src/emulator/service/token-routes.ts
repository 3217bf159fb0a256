import type { IncomingHttpHeaders } from 'node:http';
import type { AccessTokens } from './access-tokens.ts';

/** An answer of the services beside the API: credentials for tests. */
export interface PlainAnswer {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/**
 * The metadata server of Compute Engine, as far as Google's auth libraries ask it: token, project, account, universe.
 * Everything carries `Metadata-Flavor: Google`, and a request without it is refused, as on a real machine.
 */
export function answerMetadata(
  path: string,
  headers: IncomingHttpHeaders,
  tokens: AccessTokens,
  now: number,
): PlainAnswer {
  if (headers['metadata-flavor'] !== 'Google') {
    return text(403, 'Missing Metadata-Flavor:Google header.\n');
  }
  const key = path === '/' ? path : path.replace(/^\/computeMetadata\/v1\/?|\/$/g, '');
  const account = /^instance\/service-accounts\/([^/]+)(?:\/(.+))?$/.exec(key);
  if (account !== null) {
    const [, name = '', property] = account;
    const email = accountOf(tokens.project);
    if (name !== 'default' && name !== email) return text(404, 'Not Found\n');
    switch (property) {
      case undefined:
        return json(200, { aliases: ['default'], email, scopes: [SCOPE] });
      case 'token': {
        const { token, expiresInSeconds } = tokens.issue(now);
        return json(200, { access_token: token, expires_in: expiresInSeconds, token_type: 'Bearer' });
      }
      case 'email':
        return text(200, email);
      case 'scopes':
        return text(200, `${SCOPE}\n`);
      case 'aliases':
        return text(200, 'default\n');
      default:
        return text(404, 'Not Found\n');
    }
  }
  const value = plainValues(tokens.project)[key];
  return value === undefined ? text(404, 'Not Found\n') : text(200, value);
}

const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';

function accountOf(project: string): string {
  return `emulator@${project}.iam.gserviceaccount.com`;
}

function plainValues(project: string): Readonly<Record<string, string>> {
  return {
    '/': 'computeMetadata/\n',
    '': 'instance/\nproject/\nuniverse/\n',
    instance: 'id\nservice-accounts/\nzone\n',
    'instance/id': '1',
    'instance/zone': `projects/${project}/zones/us-central1-a`,
    'instance/service-accounts': 'default/\n',
    project: 'numeric-project-id\nproject-id\n',
    'project/project-id': project,
    'project/numeric-project-id': '1',
    'universe/universe-domain': 'googleapis.com',
    // A spelling of some libraries.
    'universe/universe_domain': 'googleapis.com',
  };
}

/**
 * The token exchange of Google's Security Token Service (RFC 8693), which credential files of type `external_account` name
 * as their `token_url`. Any subject token will do.
 */
export function answerTokenExchange(form: URLSearchParams, tokens: AccessTokens, now: number): PlainAnswer {
  if (form.get('grant_type') !== 'urn:ietf:params:oauth:grant-type:token-exchange') {
    return json(400, { error: 'unsupported_grant_type', error_description: 'Invalid grant type.' });
  }
  for (const name of ['subject_token', 'subject_token_type']) {
    if ((form.get(name) ?? '') !== '') continue;
    return json(400, { error: 'invalid_request', error_description: `Missing required parameter: ${name}` });
  }
  const { token, expiresInSeconds } = tokens.issue(now);
  return json(200, {
    access_token: token,
    issued_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    token_type: 'Bearer',
    expires_in: expiresInSeconds,
  });
}

function text(status: number, body: string): PlainAnswer {
  return { status, headers: { ...FLAVOUR, 'content-type': 'application/text' }, body };
}

function json(status: number, value: object): PlainAnswer {
  return { status, headers: { ...FLAVOUR, 'content-type': 'application/json' }, body: JSON.stringify(value) };
}

const FLAVOUR = { 'metadata-flavor': 'Google' };
