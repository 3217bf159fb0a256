import { readFile } from 'node:fs/promises';
import { isJsonObject } from '../json/value.ts';

/** What a credential file tells about the way to a token, and what is wrong with it. */
export interface CredentialFile {
  path: string;
  type: string | undefined;
  /** The host that tokens are asked of. */
  host: string | undefined;
  /** Why no token will come of it, and what would be right. */
  problem: string | undefined;
}

const GOOGLE_TOKEN_HOST = 'oauth2.googleapis.com';

/** The types that Google's library reads, and where each gets its tokens. */
const HOSTS: ReadonlyMap<string, string> = new Map([
  ['service_account', GOOGLE_TOKEN_HOST],
  ['authorized_user', GOOGLE_TOKEN_HOST],
  ['external_account', 'sts.googleapis.com'],
  ['external_account_authorized_user', 'sts.googleapis.com'],
  ['impersonated_service_account', 'iamcredentials.googleapis.com'],
  ['gdch_service_account', ''],
]);

const MADE_BY = 'make it with gcloud auth application-default login, or download a key of a service account';

/** Reads a credential file to say what is wrong with it in words; the library that uses it says it in its own. Never throws. */
export async function readCredentialFile(path: string): Promise<CredentialFile> {
  const file: CredentialFile = { path, type: undefined, host: undefined, problem: undefined };
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch {
    // Whether it is wanted at all is for the library to say.
    return file;
  }
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    return { ...file, problem: `it is no JSON; ${MADE_BY}` };
  }
  if (!isJsonObject(value)) return { ...file, problem: `it is JSON, but no object; ${MADE_BY}` };
  const { type, token_url: tokenUrl, private_key: key } = value;
  if (typeof type !== 'string') return { ...file, problem: `it has no "type"; ${MADE_BY}` };
  const host = typeof tokenUrl === 'string' && URL.canParse(tokenUrl) ? new URL(tokenUrl).host : HOSTS.get(type);
  const known = { ...file, type, host: host === '' ? undefined : host };
  if (!HOSTS.has(type)) {
    // A misspelt type is worth showing; anything else might be a secret in the wrong place.
    const found = /^[a-z_]{1,40}$/.test(type) ? JSON.stringify(type) : 'not a name';
    return { ...known, problem: `its "type" is ${found}, and must be one of ${[...HOSTS.keys()].join(', ')}` };
  }
  return { ...known, problem: typeof key === 'string' ? keyProblem(key) : undefined };
}

/** A key that went through an environment variable or a secret store often has lost its line ends. */
function keyProblem(key: string): string | undefined {
  if (!key.includes('-----BEGIN'))
    return 'its "private_key" is no PEM key, which begins with -----BEGIN; download the key again';
  if (!key.includes('\n')) {
    return key.includes(String.raw`\n`)
      ? String.raw`its "private_key" has \n as two characters where line ends belong, as after a way through an environment variable; put real line ends there (in JSON: a single backslash)`
      : 'its "private_key" has no line ends; download the key again';
  }
  return undefined;
}
