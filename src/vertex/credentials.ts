import { ApiError } from '../completion/api-error.ts';
import { isToken, type AuthSetting, type TokenToRead } from './auth-setting.ts';
import { readCredentialFile, type CredentialFile, type CredentialPlace } from './credential-file.ts';
import { describeTokenFailure, NoAccessToken, refuseCredentialFile } from './token-failure.ts';

/** Gives the headers that authorize a call. */
export interface CredentialSource {
  /**
   * Headers for the next call. The same object as before as long as the token is the same.
   *
   * @throws {ApiError} of kind `credentials`, `network` or `timeout`
   * @throws {GleanerError} where the environment holds no token that it should
   */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Drops the token in use, because a service refused it: the next `headers()` gets a fresh one. */
  refresh(): void;
}

export interface CredentialOptions {
  /** Given to the library, which otherwise starts the gcloud program to ask for a project we do not need. */
  project?: string | undefined;
  /** The credential file that the library will find, so that messages can name it and say what is wrong with it. */
  file?: CredentialPlace | undefined;
  /** Time limit of a call, of which a token may take nine tenths, at most 30,000 ms. Default 30,000. */
  timeoutMs?: number | undefined;
}

/** So long the library need not be asked again: it renews a token minutes before that expires, and to ask it costs a call some 3 µs. */
const KNOWN_FOR_MS = 1000;
/** A token service that has not answered by then will not. */
const LONGEST_TOKEN_WAIT_MS = 30_000;

/** The source for a setting. Nothing is read or sent before the first `headers()`. */
export function createCredentials(auth: AuthSetting | TokenToRead, options: CredentialOptions = {}): CredentialSource {
  switch (auth.kind) {
    case 'none':
      return fixedHeaders({});
    case 'token':
      return typeof auth.token === 'string' ? fixedHeaders(bearer(auth.token)) : headersOf(auth.token);
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

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function headersOf(readToken: () => string): CredentialSource {
  let source: CredentialSource | undefined;
  return {
    headers() {
      try {
        source ??= fixedHeaders(bearer(readToken()));
        return source.headers();
      } catch (error) {
        return Promise.reject(error as Error);
      }
    },
    refresh() {},
  };
}

/** What we use of google-auth-library's GoogleAuth. */
interface HeaderGiver {
  getRequestHeaders(): Promise<Headers>;
}

function applicationDefault({
  project = 'unused',
  file,
  timeoutMs = Number.POSITIVE_INFINITY,
}: CredentialOptions): CredentialSource {
  let auth: HeaderGiver | undefined;
  /** What is given to all who ask until `askAgainAt`. */
  let shared: Promise<Readonly<Record<string, string>>> | undefined;
  let askAgainAt = 0;
  let current: Readonly<Record<string, string>> = {};
  // Before the time of the call that waits for it is up, whose message could not name the token service.
  const waitMs = Math.min(Math.ceil(timeoutMs * 0.9), LONGEST_TOKEN_WAIT_MS);

  async function askLibrary(): Promise<Headers> {
    auth ??= await createAuth(project);
    return auth.getRequestHeaders();
  }

  async function fetchHeaders(): Promise<Readonly<Record<string, string>>> {
    let known: CredentialFile | undefined;
    // Whenever the library reads it. Afterwards it holds on to what it read.
    if (auth === undefined && file !== undefined) known = await readCredentialFile(file);
    if (known?.problem !== undefined) throw refuseCredentialFile(known, known.problem);
    try {
      // The whole of the headers, not only the token: x-goog-user-project names the project that pays.
      const headers = await within(waitMs, askLibrary());
      const authorization = headers.get('authorization');
      if (authorization === null || authorization !== current['authorization']) current = readHeaders(headers);
      return current;
    } catch (error) {
      // Read the files again next time: somebody may have logged in.
      auth = undefined;
      if (file !== undefined) known ??= await readCredentialFile(file);
      if (!(error instanceof TokenTimeout)) throw describeTokenFailure(error, known);
      const from = known?.host === undefined ? '' : ` from ${known.host}`;
      throw new ApiError(`No access token${from} within ${waitMs} ms: the token service does not answer`, {
        kind: 'timeout',
        mayBeBilled: false,
      });
    }
  }

  return {
    headers() {
      if (shared !== undefined && performance.now() < askAgainAt) return shared;
      // Only some of the library's clients share a refresh among concurrent callers, so it is done here.
      const started = fetchHeaders();
      const endAt = (time: number): void => {
        if (shared === started) askAgainAt = time;
      };
      shared = started;
      askAgainAt = Number.POSITIVE_INFINITY;
      started.then(
        () => endAt(performance.now() + KNOWN_FOR_MS),
        () => endAt(0),
      );
      return started;
    },
    refresh() {
      // The library has no way to drop a token that works for all of its clients (a self-signed JWT is cached apart, an
      // impersonated client keeps its source's token); starting anew does, and it sees changed credential files.
      auth = undefined;
      shared = undefined;
      current = {};
    },
  };
}

class TokenTimeout extends Error {}

/** The library waits without end; what it still comes to is dropped. */
async function within<Value>(ms: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new TokenTimeout()), ms);
  });
  try {
    return await Promise.race([work, timeout]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}

async function createAuth(projectId: string): Promise<HeaderGiver> {
  // Imported here, for it takes longer to load than all else and many runs do without.
  const { GoogleAuth } = await import('google-auth-library');
  return new GoogleAuth({ scopes: 'https://www.googleapis.com/auth/cloud-platform', projectId });
}

function readHeaders(headers: Headers): Readonly<Record<string, string>> {
  const token = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '')?.[1];
  // "undefined" is what the library makes of an answer without a token.
  if (token === undefined || token === 'undefined' || !isToken(token)) throw new NoAccessToken();
  return Object.freeze(Object.fromEntries(headers));
}
