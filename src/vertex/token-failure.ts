import { ApiError } from '../completion/api-error.ts';
import { isJsonObject } from '../json/value.ts';
import { plainText } from '../text/plain-text.ts';
import type { CredentialFile } from './credential-file.ts';
import { readErrorDetails } from './error-details.ts';
import { networkFailure } from './network-failure.ts';

const LOGIN =
  'Run gcloud auth application-default login, or set GOOGLE_APPLICATION_CREDENTIALS to a credential file, or run under a service account (on GKE: Workload Identity)';
const LOGIN_AGAIN = 'Sign in again: gcloud auth application-default login';
const LOOK_BETWEEN =
  'Look for what stands between this machine and the token service: a proxy, or the sign-in page of a network';
const SUBJECT_TOKEN = 'Check where the credential file takes its subject token from';

const AWS_REGION =
  'the AWS region is not known; set AWS_REGION, or give the credential file the "region_url" of the metadata server';
const AWS_KEYS =
  'there are no AWS credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the credential file the "url" of the metadata server';

/** What came instead of a token, although nothing refused. */
export class NoAccessToken extends Error {
  override readonly name = 'NoAccessToken';
  constructor() {
    super('what came is no access token');
  }
}

/** What went wrong on the way to a token: the service said no, sent something odd, or was never asked. */
interface Failure {
  readonly what: string;
  readonly advice: string;
  /** Undefined where nothing was sent. */
  readonly host: string | undefined;
}

/**
 * Why no access token came, in words that name the file or the host. The library's errors hold the whole request and answer,
 * tokens included: only text is kept of them, and scrubbed.
 */
export function describeTokenFailure(error: unknown, file: CredentialFile | undefined): ApiError {
  const host = hostOf(error) ?? file?.host;
  const failure = networkFailure(error);
  if (failure !== undefined) {
    const { code, text } = failure;
    const message = `Cannot get an access token${from(host)}: ${text}`;
    return new ApiError(message, { kind: 'network', code, mayBeBilled: false });
  }
  const status = statusOf(error);
  if (status !== undefined && (status === 408 || status === 429 || status >= 500)) {
    const named = host === undefined ? '' : ` ${host}`;
    const message = `Cannot get an access token: the token service${named} answered ${status}`;
    return new ApiError(message, { kind: 'network', code: `HTTP_${status}`, mayBeBilled: false });
  }
  const { what, advice, host: asked } = refused(error, host, file) ?? odd(error, host, file) ?? unasked(error, file);
  const source = file?.type === undefined ? '' : ` (credentials: ${file.path})`;
  return new ApiError(`Cannot get an access token${from(asked)}: ${what}${source}. ${advice}`, { kind: 'credentials' });
}

/** What a credential file cannot be used for, before anybody is asked. */
export function refuseCredentialFile({ path }: CredentialFile, problem: string): ApiError {
  return new ApiError(`Cannot use the credential file ${path}: ${problem}`, { kind: 'credentials' });
}

function from(host: string | undefined): string {
  return host === undefined ? '' : ` from ${host}`;
}

function refused(error: unknown, host: string | undefined, file: CredentialFile | undefined): Failure | undefined {
  const answer = answerOf(error);
  const details = readErrorDetails(answer);
  if (details === undefined) return undefined;
  const code = details.codes.find((one) => typeof one === 'string' && /^[\w.-]+$/.test(one));
  const named = typeof code === 'string' && code !== details.message ? `${code}: ` : '';
  const what = clean(`${named}${details.message || 'no message'}`);
  return { what, advice: adviceOnRefusal(what, host, file), host };
}

function adviceOnRefusal(what: string, host: string | undefined, file: CredentialFile | undefined): string {
  if (/\biat\b.*\bexp\b|reasonable timeframe/i.test(what)) {
    return "Is the clock of this machine right? Google's differs from it by minutes";
  }
  if (/invalid jwt signature/i.test(what)) {
    return 'The key was deleted, or belongs to another account: download a new one';
  }
  const isOfLogin = /^(?:invalid_grant|invalid_client|deleted_client|unauthorized_client|account_disabled)\b/.test(
    what,
  );
  if (/invalid_rapt|reauth/i.test(what) || (isOfLogin && file?.isLogin === true)) return LOGIN_AGAIN;
  if (isImpersonation(host)) {
    return 'Give the account that is used the role Service Account Token Creator on the service account that it impersonates, and enable the IAM Service Account Credentials API';
  }
  if (isSubjectSource(host, file)) return SUBJECT_TOKEN;
  if (file?.type === 'external_account') {
    return 'Check the identity pool, its provider and the subject token that the credential file names';
  }
  return file?.type === undefined
    ? LOGIN
    : 'Check the account in the credential file: is it there, enabled, and the key still valid?';
}

/** Whether the host is the one that a credential file has its subject tokens from, such as the metadata server of another cloud. */
function isSubjectSource(host: string | undefined, file: CredentialFile | undefined): boolean {
  return file?.type === 'external_account' && host !== file.host && !isImpersonation(host);
}

function isImpersonation(host: string | undefined): boolean {
  return host?.startsWith('iamcredentials.') === true;
}

/** An answer that says neither yes nor no. The library stumbles over such, so what it says of it is no use. */
function odd(error: unknown, host: string | undefined, file: CredentialFile | undefined): Failure | undefined {
  const status = statusOf(error);
  const answer = answerOf(error);
  const stumble = error instanceof TypeError ? /on string '(<[^']*)/.exec(error.message) : null;
  const text = typeof answer === 'string' ? answer : stumble?.[1];
  // Without a file that is known to be right, a stumble may be about the file.
  const isOdd = error instanceof NoAccessToken || (error instanceof TypeError && file?.type !== undefined);
  if (status === undefined && text === undefined && !isOdd) return undefined;
  if (status === 407) {
    return { what: 'the proxy answered 407', advice: 'Put user and password for it into HTTPS_PROXY', host };
  }
  const isOfSubject = isSubjectSource(host, file);
  const advice = isOfSubject ? SUBJECT_TOKEN : LOOK_BETWEEN;
  const answered = status === undefined ? 'it answered' : `it answered ${status}`;
  const form = text !== undefined && /<(?:!doctype|html|head|body)\b/i.test(text) ? 'an HTML page' : 'something';
  return {
    what: `${answered} with ${form} that holds no ${isOfSubject ? 'subject' : 'access'} token`,
    advice,
    host,
  };
}

function unasked(error: unknown, file: CredentialFile | undefined): Failure {
  const isFederated = file?.type === 'external_account';
  const advice = isFederated ? SUBJECT_TOKEN : LOGIN;
  return { what: localReason(error, isFederated), advice, host: undefined };
}

function localReason(error: unknown, isFederated: boolean): string {
  if (!(error instanceof Error)) return 'unknown failure';
  // The parser quotes the text around its complaint, and a program's output may hold a token.
  if (error instanceof SyntaxError)
    return `${isFederated ? 'the subject token file' : 'the credential file'} is no JSON`;
  // What follows quotes the file, which may be a key that stands in the wrong place.
  const [, config] = /^Failed to parse certificate config from (.*?): /.exec(error.message) ?? [];
  if (config !== undefined) return `the certificate configuration ${clean(config)} is no JSON`;
  if (error.message.startsWith('Unable to determine AWS region')) return AWS_REGION;
  if (error.message.startsWith('Unable to determine AWS role name')) return AWS_KEYS;
  if (error.message.startsWith('The executable failed with exit code')) {
    const code = (error as { code?: unknown }).code;
    const ended = typeof code === 'string' && /^[\w-]{1,20}$/.test(code) ? ` with the code ${code}` : '';
    return `the program that the credential file names failed${ended}; run it by hand to see what it says`;
  }
  if (/^The (?:executable returned|output file contained) an invalid response/.test(error.message)) {
    return 'the program that the credential file names wrote no answer that could be read';
  }
  if (error.message.startsWith('Could not load the default credentials')) return 'there are no default credentials';
  if (/^error:[\dA-F]{8}:/.test(error.message)) return 'the private key in the credential file is broken';
  // Which file is said beside it.
  const [, message = ''] =
    /^(?:Unable to read the credential file specified by [^:]*: )?([\s\S]*)$/.exec(error.message) ?? [];
  return clean(message);
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
