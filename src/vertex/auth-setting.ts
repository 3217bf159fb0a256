import { isGoogleHost } from '../completion/service.ts';
import { GleanerError } from '../gleaner-error.ts';

/** Where the authorization of a call comes from: nowhere, Application Default Credentials, or a given token. */
export type AuthSetting = { kind: 'none' } | { kind: 'adc' } | { kind: 'token'; token: string };

/** A token that is read when the first call wants it: what sends nothing does without. */
export interface TokenToRead {
  kind: 'token';
  /** @throws {GleanerError} where there is none */
  token(): string;
}

/**
 * Reads `adc`, `none` or `env:NAME`. Without a value Google's hosts get Application Default Credentials and all others
 * none. An `env:NAME` token goes wherever the user says.
 *
 * @throws {GleanerError} for another value, or `adc` for a host that is not Google's
 */
export function parseAuth(
  value: string | undefined,
  env: Readonly<Record<string, string | undefined>>,
  url: URL,
): AuthSetting | TokenToRead {
  if (value === undefined) return { kind: isGoogleHost(url) ? 'adc' : 'none' };
  if (value === 'none') return { kind: 'none' };
  if (value === 'adc') return checkAuth({ kind: 'adc' }, url);
  if (!value.startsWith('env:')) {
    // The value is not shown: a token pasted here would end up in a log.
    throw new GleanerError(
      'credentials-missing',
      'Cannot read the setting for credentials: it must be adc, none or env:NAME (NAME is a variable that holds a token)',
      { facts: { advice: 'auth' } },
    );
  }
  const name = value.slice('env:'.length);
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,99}$/.test(name)) {
    throw new GleanerError(
      'credentials-missing',
      'Cannot read the setting for credentials: env: must be followed by the name of an environment variable',
      { facts: { advice: 'auth' } },
    );
  }
  return { kind: 'token', token: () => tokenIn(env, name) };
}

function tokenIn(env: Readonly<Record<string, string | undefined>>, name: string): string {
  const token = env[name];
  if (token === undefined || token === '') {
    throw new GleanerError(
      'credentials-missing',
      `Cannot read a token from the environment variable ${name}: it is not set or empty`,
    );
  }
  if (!isToken(token)) {
    throw new GleanerError(
      'credentials-missing',
      `Cannot use the token in the environment variable ${name}: it holds spaces, line breaks or other characters that no token has`,
    );
  }
  return token;
}

/**
 * Refuses a setting that must not be used with a URL.
 *
 * @throws {GleanerError} for `adc` on a host that is not Google's, and for a malformed token
 */
export function checkAuth(auth: AuthSetting, url: URL): AuthSetting {
  if (auth.kind === 'adc' && !isGoogleHost(url)) {
    throw new GleanerError(
      'credentials-missing',
      `Cannot send Google credentials to ${url.host}: they go to Google's hosts only; use a token of that service, or none`,
      { facts: { advice: 'auth-elsewhere', host: url.host } },
    );
  }
  if (auth.kind === 'token' && !isToken(auth.token)) {
    throw new GleanerError(
      'credentials-missing',
      'Cannot use the token given: it is empty, or holds characters that no token has',
    );
  }
  return auth;
}

/** Visible ASCII only, so that a token can never add a header line. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
