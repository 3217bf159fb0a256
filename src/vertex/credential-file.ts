import { readFile, stat } from 'node:fs/promises';
import { isJsonObject } from '../json/value.ts';
import { describeSystemError } from '../files/system-error.ts';
import { credentialProblem } from './credential-problem.ts';
import { credentialType } from './credential-types.ts';

/** Where a credential file is looked for. */
export interface CredentialPlace {
  readonly path: string;
  /** The environment variable that names it, so that it must be there. */
  readonly variable?: string | undefined;
  /** The value of PATH, for a program that the file may name. */
  readonly searchPath?: string | undefined;
}

/** What a credential file tells about the way to a token, and what is wrong with it. */
export interface CredentialFile {
  path: string;
  type: string | undefined;
  /** The host that tokens are asked of. */
  host: string | undefined;
  /** Whether a person signed in for it, and can do so again. */
  isLogin: boolean;
  /** Why no token will come of it, and what would be right. */
  problem: string | undefined;
}

const MADE_BY = 'make it with gcloud auth application-default login, or download a key of a service account';
const MAX_BYTES = 1024 * 1024;

/** Reads a credential file to say what is wrong with it in words; the library that uses it says it in its own. Never throws. */
export async function readCredentialFile({ path, variable, searchPath }: CredentialPlace): Promise<CredentialFile> {
  const file: CredentialFile = { path, type: undefined, host: undefined, isLogin: false, problem: undefined };
  let bytes: Buffer;
  try {
    const found = await stat(path);
    if (!found.isFile()) return { ...file, problem: 'it is no regular file' };
    if (found.size > MAX_BYTES) return { ...file, problem: `it is far too large; ${MADE_BY}` };
    bytes = await readFile(path);
  } catch (error) {
    // Where nothing names it, another place may have credentials.
    if (variable === undefined) return file;
    return { ...file, problem: `${variable} names it, but it cannot be read: ${describeSystemError(error)}` };
  }
  if (bytes.includes(0)) return { ...file, problem: 'it is no UTF-8 text (UTF-16, as some editors save it?)' };
  const text = bytes.toString('utf8');
  if (text.startsWith('\ufeff')) return { ...file, problem: 'it begins with a byte order mark; save it without one' };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ...file, problem: `it is no JSON; ${MADE_BY}` };
  }
  if (!isJsonObject(value)) return { ...file, problem: `it is JSON, but no object; ${MADE_BY}` };
  const problem = await credentialProblem(value, searchPath);
  const known = credentialType(value);
  if (known === undefined) return { ...file, problem };
  return { ...file, type: known.type, host: known.host, isLogin: known.isLogin, problem };
}
