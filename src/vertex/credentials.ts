import { ApiError } from '../completion/api-error.ts';
import { isToken, type AuthSetting } from './auth-setting.ts';
import { networkFailure } from './network-failure.ts';
import { plainText } from '../text/plain-text.ts';

/** Gives the headers that authorize a call. */
export interface CredentialSource {
  /**
   * Headers for the next call. The same object as before as long as the token is the same.
   *
   * @throws {ApiError} of kind `credentials` or `network`
   */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Drops the token in use, because a service refused it: the next `headers()` gets a fresh one. */
  refresh(): void;
}

export interface CredentialOptions {
  /** Given to the library, which otherwise starts the gcloud program to ask for a project we do not need. */
  project?: string | undefined;
}

/** The source for a setting. Nothing is read or sent before the first `headers()`. */
export function createCredentials(auth: AuthSetting, options: CredentialOptions = {}): CredentialSource {
  switch (auth.kind) {
    case 'none':
      return fixedHeaders({});
    case 'token':
      return fixedHeaders({ authorization: `Bearer ${auth.token}` });
    case 'adc':
      return applicationDefault(options);
    default:
      return auth satisfies never;
  }
}

function fixedHeaders(headers: Record<string, string>): CredentialSource {
  const promise = Promise.resolve(Object.freeze(headers));
  return { headers: () => promise, refresh() {} };
}

/** What we use of google-auth-library's GoogleAuth. */
interface HeaderGiver {
  getRequestHeaders(): Promise<Headers>;
}

function applicationDefault({ project = 'unused' }: CredentialOptions): CredentialSource {
  let auth: HeaderGiver | undefined;
  let pending: Promise<Readonly<Record<string, string>>> | undefined;
  let current: Readonly<Record<string, string>> = {};

  async function fetchHeaders(): Promise<Readonly<Record<string, string>>> {
    try {
      auth ??= await createAuth(project);
      // The whole of the headers, not only the token: x-goog-user-project names the project that pays.
      const headers = await auth.getRequestHeaders();
      const authorization = headers.get('authorization');
      if (authorization === null || authorization !== current['authorization']) current = readHeaders(headers);
      return current;
    } catch (error) {
      // Read the files again next time: somebody may have logged in.
      auth = undefined;
      throw toApiError(error);
    }
  }

  return {
    headers() {
      if (pending !== undefined) return pending;
      // Only some of the library's clients share a refresh among concurrent callers, so it is done here.
      const started = fetchHeaders().finally(() => {
        if (pending === started) pending = undefined;
      });
      pending = started;
      return started;
    },
    refresh() {
      // The library has no way to drop a token that works for all of its clients (a self-signed JWT is cached apart, an
      // impersonated client keeps its source's token); starting anew does, and it sees changed credential files.
      auth = undefined;
      pending = undefined;
      current = {};
    },
  };
}

async function createAuth(projectId: string): Promise<HeaderGiver> {
  // Imported here, for it takes longer to load than all else and many runs do without.
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform', projectId });
}

function readHeaders(headers: Headers): Readonly<Record<string, string>> {
  const token = headers.get('authorization')?.replace(/^Bearer /, '');
  // "undefined" is what the library makes of an answer without a token.
  if (token === undefined || token === 'undefined' || !isToken(token)) throw new Error('what came is no access token');
  return Object.freeze(Object.fromEntries(headers));
}

/** The library's errors hold the whole request and answer, tokens included: only their text is kept, and scrubbed. */
function toApiError(error: unknown): ApiError {
  const failure = networkFailure(error);
  if (failure !== undefined) {
    return new ApiError(`Cannot get an access token: ${failure.text}`, { kind: 'network', code: failure.code });
  }
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  if (typeof status === 'number' && (status === 408 || status === 429 || status >= 500)) {
    return new ApiError(`Cannot get an access token: the token service answered ${status}`, {
      kind: 'network',
      code: `HTTP_${status}`,
    });
  }
  return new ApiError(
    `Cannot get an access token: ${libraryMessage(error)}. Run gcloud auth application-default login, or set ` +
      'GOOGLE_APPLICATION_CREDENTIALS to a credential file, or run under a service account (on GKE: Workload Identity)',
    { kind: 'credentials' },
  );
}

function libraryMessage(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown failure';
  // The parser quotes the text around its complaint, which here is a credential file.
  if (error instanceof SyntaxError) return 'the credential file is no JSON';
  if (error.message.startsWith('Could not load the default credentials')) return 'there are no default credentials';
  if (/DECODER routines|PEM routines/.test(error.message)) return 'the private key in the credential file is broken';
  return plainText(error.message, { limit: 300 }).replace(/\.$/, '');
}
