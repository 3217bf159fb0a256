import { ApiError } from '../completion/api-error.ts';
import { isJsonObject } from '../json/value.ts';
import { plainText } from '../text/plain-text.ts';
import type { CredentialFile } from './credential-file.ts';
import { readErrorDetails } from './error-details.ts';
import { networkFailure } from './network-failure.ts';

const LOGIN =
  'Run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a credential file, or run under a service account (on GKE: Workload Identity)';
const LOGIN_AGAIN = 'Sign in again: gcloud auth application-default login';

/**
 * Why no access token came, in words that name the file or the host. The library's errors hold the whole request and answer,
 * tokens included: only text is kept of them, and scrubbed.
 */
export function describeTokenFailure(error: unknown, file: CredentialFile | undefined): ApiError {
  const host = hostOf(error) ?? file?.host;
  const from = host === undefined ? '' : ` from ${host}`;
  const failure = networkFailure(error);
  if (failure !== undefined) {
    const { code, text } = failure;
    return new ApiError(`Cannot get an access token${from}: ${text}`, { kind: 'network', code, mayBeBilled: false });
  }
  const status = statusOf(error);
  if (status !== undefined && (status === 408 || status === 429 || status >= 500)) {
    return new ApiError(
      `Cannot get an access token: the token service${host === undefined ? '' : ` ${host}`} answered ${status}`,
      {
        kind: 'network',
        code: `HTTP_${status}`,
        mayBeBilled: false,
      },
    );
  }
  if (file?.problem !== undefined) {
    const message = `Cannot use the credential file ${file.path}: ${file.problem}`;
    return new ApiError(message, { kind: 'credentials' });
  }
  const what = messageOf(error, host);
  const advice = adviceOn(what, error, file);
  const source = file?.type === undefined ? '' : ` (credentials: ${file.path})`;
  return new ApiError(`Cannot get an access token${from}: ${what}${source}. ${advice}`, { kind: 'credentials' });
}

function messageOf(error: unknown, host: string | undefined): string {
  if (!(error instanceof Error)) return 'unknown failure';
  const answer = answerOf(error);
  const service = host ?? 'the token service';
  // Text where an object should be: the library stumbles over it.
  const isPage = typeof answer === 'string' || /^Cannot create property '\w+' on string/.test(error.message);
  if (isPage) {
    const text = typeof answer === 'string' ? answer : error.message;
    return /<(?:!doctype|html|head|body)\b/i.test(text)
      ? `${service} answered with an HTML page and no token, as a proxy or the sign-in page of a network does`
      : `${service} answered with a text and no token`;
  }
  const details = readErrorDetails(answer);
  if (details !== undefined) {
    const code = details.codes.find((one) => typeof one === 'string' && /^[\w.-]+$/.test(one));
    const named = typeof code === 'string' && code !== details.message ? `${code}: ` : '';
    return clean(`${named}${details.message || 'no message'}`);
  }
  // The parser quotes the text around its complaint, which here is a credential file.
  if (error instanceof SyntaxError) return 'the credential file is no JSON';
  if (error.message.startsWith('Could not load the default credentials')) return 'there are no default credentials';
  if (/DECODER routines|PEM routines/.test(error.message)) return 'the private key in the credential file is broken';
  return clean(error.message);
}

function adviceOn(what: string, error: unknown, file: CredentialFile | undefined): string {
  if (/\biat\b.*\bexp\b|reasonable timeframe/i.test(what)) {
    return "Is the clock of this machine right? Google's differs from it by minutes";
  }
  if (/HTML page/.test(what)) return 'Look for what stands between this machine and the token service';
  if (/invalid jwt signature/i.test(what))
    return 'The key was deleted, or belongs to another account: download a new one';
  if (/invalid_rapt|reauth/i.test(what) || (/invalid_grant/.test(what) && file?.type === 'authorized_user')) {
    return LOGIN_AGAIN;
  }
  const status = statusOf(error);
  if (file?.type === 'external_account')
    return 'Check the identity pool, its provider and the subject token that the credential file names';
  if (file?.type !== undefined && status !== undefined)
    return 'Check the account in the credential file: is it there, enabled, and the key still valid?';
  return LOGIN;
}

function clean(text: string): string {
  return plainText(text, { limit: 300 }).replace(/\.$/, '');
}

/** The body of the answer that an error is about, in the error or its causes. */
function answerOf(error: unknown): unknown {
  for (const one of chainOf(error)) {
    const { response } = one as { response?: unknown };
    if (typeof response === 'object' && response !== null && 'data' in response) return parsed(response.data);
  }
  return undefined;
}

function parsed(data: unknown): unknown {
  if (typeof data !== 'string') return isJsonObject(data) || Array.isArray(data) ? data : undefined;
  try {
    return JSON.parse(data);
  } catch {
    return data;
  }
}

function statusOf(error: unknown): number | undefined {
  for (const one of chainOf(error)) {
    const { status, response } = one as { status?: unknown; response?: { status?: unknown } };
    for (const value of [status, response?.status]) if (typeof value === 'number') return value;
  }
  return undefined;
}

function hostOf(error: unknown): string | undefined {
  for (const one of chainOf(error)) {
    const { config } = one as { config?: { url?: unknown } };
    const url = String(config?.url ?? '');
    if (URL.canParse(url)) return new URL(url).host;
  }
  return undefined;
}

function chainOf(error: unknown): object[] {
  const chain: object[] = [];
  let current = error;
  while (typeof current === 'object' && current !== null && chain.length < 5) {
    chain.push(current);
    current = (current as { cause?: unknown }).cause;
  }
  return chain;
}
